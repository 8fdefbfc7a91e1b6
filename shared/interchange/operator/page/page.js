// The operator's page: views over the admin API. Whatever comes from it is set as text, never as markup.
const token = location.hash.slice(1);
const main = document.getElementById("view");
const said = document.getElementById("said");
const NUMBERS = /_usd$|_tokens$|^requests$|^failed$|^count$|^version$/;

function say(text, wrong = false) {
  said.textContent = text;
  said.className = wrong ? "wrong" : "";
}

async function call(method, path, body, once) {
  const headers = { "x-console-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (once) headers["idempotency-key"] = once;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const read = await answer.json().catch(() => ({ error: `status ${answer.status}` }));
  if (!answer.ok) throw new Error(read.error || read.message || `status ${answer.status}`);
  return read;
}

const get = (path) => call("GET", `/admin${path}`);

function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick" || key === "onsubmit") made[key] = value;
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...inside.filter((one) => one !== undefined));
  return made;
}

function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function table(rows, actions) {
  if (!rows.length) return element("p", { class: "empty" }, "Nothing here.");
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "keys");
  const cell = (kind, name, inside) => element(kind, { class: NUMBERS.test(name) ? "number" : undefined, scope: kind === "th" ? "col" : undefined }, inside);
  const head = element("tr", {}, ...names.map((name) => cell("th", name, name.replaceAll("_", " "))), actions && element("th", { scope: "col" }, "actions"));
  const lines = rows.map((row) => element("tr", {}, ...names.map((name) => cell("td", name, shown(row[name]))), actions && element("td", {}, ...actions(row))));
  return element("div", { class: "wide" }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines)));
}

function button(label, act, sure) {
  const onclick = async () => {
    if (sure && !confirm(sure)) return;
    await tried(act);
  };
  return element("button", { type: "button", onclick }, label);
}

// What an action made is shown until the next one: a key or a code is shown once.
async function tried(act) {
  try {
    const made = await act();
    await open(current, made && made.keep);
    say(made && made.text ? made.text : "Done.");
  } catch (error) {
    say(error.message, true);
  }
}

function form(label, fields, act) {
  // A repeat of the same form, after a lost answer, makes nothing new.
  let once = crypto.randomUUID();
  const onsubmit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    await tried(async () => {
      const made = await act(given, once);
      once = crypto.randomUUID();
      return made;
    });
  };
  const inputs = fields.map(([name, text, more = {}]) => element("label", {}, text, element("input", { name, ...more })));
  return element("form", { onsubmit }, ...inputs, element("button", {}, label));
}

const needed = { required: true };
const usd = { required: true, inputmode: "decimal" };

const VIEWS = {
  Accounts: async () => {
    const { accounts } = await get("/accounts");
    return [
      form("Create an account", [["name", "Name", needed], ["credit_usd", "Credit, USD", { inputmode: "decimal" }]], async (given, once) => {
        const made = await call("POST", "/admin/accounts", given, once);
        return { text: `Account ${made.account}; its key, shown this once: ${made.key}` };
      }),
      table(accounts, (row) => [
        button("Open", () => account(row.account)),
        row.active
          ? button("Suspend", () => call("PATCH", `/admin/accounts/${row.account}`, { active: false }).then(() => undefined), `Refuse every request of ${row.name}?`)
          : button("Resume", () => call("PATCH", `/admin/accounts/${row.account}`, { active: true }).then(() => undefined)),
      ]),
    ];
  },
  Credit: async () => [
    form("Add credit", [["account", "Account", needed], ["usd", "USD; negative takes", usd], ["reason", "Reason", needed]], async ({ account: id, ...body }, once) => {
      const made = await call("POST", `/admin/accounts/${encodeURIComponent(id)}/credits`, body, once);
      return { text: `${made.available_usd} USD are available now.` };
    }),
    element("h2", {}, "Payments"), table((await get("/payments")).payments),
  ],
  Codes: async () => [
    form("Make codes", [["batch", "Batch", needed], ["credit_usd", "USD each", usd], ["count", "How many", { type: "number", min: 1, value: 1 }]], async (given, once) => {
      const made = await call("POST", "/admin/codes", { ...given, count: Number(given.count || 1) }, once);
      return { text: `Shown this once: ${made.codes.join(" ")}` };
    }),
    table((await get("/codes")).batches, (row) => [
      button("Revoke the rest", () => call("POST", "/admin/codes/revoke", { batch: row.batch }).then(() => undefined), `Revoke what is left of ${row.batch}?`),
    ]),
  ],
  Prices: async () => {
    const [now, { versions }] = await Promise.all([get("/prices"), get("/prices/versions")]);
    return [
      form("Add a markup", [["models", "Models, such as claude-*", needed], ["markup", "Factor", usd], ["group", "Group"], ["from", "From, such as 2027-01-01"], ["reason", "Reason"]], async ({ reason, ...rule }) => {
        await call("PUT", "/admin/prices", { rules: [...now.rules, rule], reason: reason || "", expected: now.version });
      }),
      element("h2", {}, `In force: version ${now.version}`), table(now.rules),
      element("h2", {}, "Versions"),
      table(versions, (row) => [button("Restore", () => call("POST", "/admin/prices/restore", { version: row.version, reason: "restored" }).then(() => undefined), `Put version ${row.version} in force?`)]),
    ];
  },
  Margins: async () => {
    const by = ["vendor", "model", "account"];
    const found = await Promise.all(by.map((name) => get(`/usage?since=7d&by=${name}`)));
    return found.flatMap((one, at) => [element("h2", {}, `The last seven days by ${by[at]}`), table(one.usage)]);
  },
  Vendors: async () => [table((await get("/vendors")).vendors)],
  Unassigned: async () => {
    const { payments, events } = await get("/payments/unassigned");
    return [
      form("Assign a payment", [["payment", "Payment", needed], ["account", "Account", needed], ["usd", "USD, for a currency without a rate", { inputmode: "decimal" }]], async ({ payment, ...body }) => {
        await call("POST", `/admin/payments/${encodeURIComponent(payment)}/assign`, body);
      }),
      table(payments, (row) => [button("Dismiss", () => call("POST", `/admin/payments/${encodeURIComponent(row.payment)}/dismiss`).then(() => undefined), "Credit nobody, and take it off the list?")]),
      element("h2", {}, "Events that moved nothing"), table(events),
    ];
  },
  Holds: async () => {
    const found = await get("/holds");
    return [
      element("p", {}, `${found.count} open, ${found.held_usd} USD. What is stuck is resolved by the next sweep.`),
      button("Sweep now", async () => ({ text: shown(await call("POST", "/admin/sweep")) })),
      table(found.holds),
    ];
  },
  Audit: async () => {
    const found = await get("/audit");
    return [element("p", {}, found.balanced ? "All books balance." : "Books do not balance."), element("pre", {}, JSON.stringify(found, null, 2))];
  },
  Find: async () => [
    form("Whose is it?", [["text", "A key, its last four, a request, a name", needed]], async ({ text }) => {
      const found = await get(`/find?text=${encodeURIComponent(text)}`);
      return { keep: [element("pre", {}, JSON.stringify(found, null, 2))], text: "Found." };
    }),
  ],
};

async function account(id) {
  const found = await get(`/accounts/${id}`);
  const { keys, ...rest } = found;
  return { keep: [element("h2", {}, `${rest.name} (${id})`), element("pre", {}, JSON.stringify(rest, null, 2)), table(keys)], text: " " };
}

let current = "Accounts";
let turn = 0;

async function open(name, keep = []) {
  const mine = ++turn;
  current = name;
  for (const one of document.querySelectorAll("#views button")) {
    if (one.textContent === name) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  try {
    const made = await VIEWS[name]();
    if (mine !== turn) return;
    main.replaceChildren(...made, ...keep);
  } catch (error) {
    if (mine !== turn) return;
    main.replaceChildren();
    say(error.message, true);
  }
}

document.getElementById("views").append(...Object.keys(VIEWS).map((name) => element("button", { type: "button", onclick: () => { say(""); open(name); } }, name)));
call("GET", "/place").then((found) => { document.getElementById("place").textContent = found.place; }, () => undefined);
open(current);
