// The operator's page: views over the admin API.
import { call, card, element, facts, figures, get, know, money, once, read, sure, table, tag } from "./parts.js";

const main = document.getElementById("view");
const said = document.getElementById("said");
let quiet;

function say(text, wrong = false) {
  clearTimeout(quiet);
  said.textContent = text;
  said.className = wrong ? "wrong" : "";
  said.hidden = text === "";
  if (text && !wrong) quiet = setTimeout(() => say(""), 6000);
}

/** `act` may return { text } to say, { keep } to show above the view: a key or a code is shown once. */
async function tried(act) {
  say("");
  try {
    const made = await act();
    await open(current, made?.keep);
    say(made?.text ?? "Done.");
  } catch (error) {
    say(error.message, true);
  }
}

/** `question` is asked before; [words, label] */
function button(label, act, question, kind) {
  const onclick = async () => {
    if (question && !(await sure(...question))) return;
    await tried(act);
  };
  return element("button", { type: "button", class: kind, onclick }, label);
}

const go = (label, place) => element("button", { type: "button", onclick: () => { location.hash = place; } }, label);

function form(label, fields, act, kind = "main") {
  // A repeat of the same form, after a lost answer, makes nothing new. What was refused is corrected, and another call.
  let name = crypto.randomUUID();
  const onsubmit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    await tried(async () => {
      const made = await act(given, name).catch((error) => {
        if (error.refused) name = crypto.randomUUID();
        throw error;
      });
      name = crypto.randomUUID();
      return made;
    });
  };
  const inputs = fields.map(([field, text, more = {}]) => {
    const { options, rows, value, whole, ...rest } = more;
    const input = options
      ? element("select", { name: field, ...rest }, ...options.map(([one, words]) => element("option", { value: one }, words)))
      : rows ? element("textarea", { name: field, rows, spellcheck: "false", ...rest }, value ?? "") : element("input", { name: field, value, autocomplete: "off", ...rest });
    return element("label", { class: whole || rows ? "whole" : undefined }, text, input);
  });
  return element("form", { onsubmit }, ...inputs, element("button", { class: kind }, label));
}

const needed = { required: true };
const usd = { required: true, inputmode: "decimal", placeholder: "25.00" };

const VIEWS = {
  accounts: ["Accounts", "Who pays, what is left, and whom to refuse.", async (id) => {
    if (id) return account(id);
    const { accounts } = await get("/accounts");
    return [
      card("Create an account", form("Create", [["name", "Name", needed], ["credit_usd", "Credit, USD", { inputmode: "decimal", placeholder: "0" }], ["markup", "Markup", { inputmode: "decimal", placeholder: "1" }]], async (given, name) => {
        const made = await call("POST", "/admin/accounts", given, name);
        return { keep: [once(`First key of ${made.name}, ${made.account}`, made.key)], text: `Created ${made.name}.` };
      })),
      card(`${accounts.length} accounts`, table("Accounts", accounts, { hide: ["webhook", "zone"], actions: (row) => [go("Open", `accounts/${row.account}`), suspend(row)], none: "No account yet: create the first one." })),
    ];
  }],
  credit: ["Credit", "What was added by hand, and what payments brought.", async () => {
    const { payments } = await get("/payments");
    return [
      card("Add credit", form("Add", [["account", "Account", { ...needed, placeholder: "acct_…" }], ["usd", "USD; negative takes", usd], ["reason", "Reason", needed], ["expires", "Expires, such as 90d", {}]], async ({ account: id, ...body }, name) => {
        const made = await call("POST", `/admin/accounts/${encodeURIComponent(id)}/credits`, body, name);
        return { text: `${made.available_usd} USD are available now.` };
      })),
      card("Payments", table("Payments", payments, { none: "No payment was told of." })),
    ];
  }],
  codes: ["Codes", "Each gives its credit to the first account that redeems it.", async () => {
    const { batches } = await get("/codes");
    return [
      card("Make codes", form("Make", [["batch", "Batch", needed], ["credit_usd", "USD each", usd], ["count", "How many", { type: "number", min: 1, max: 1000, value: 1 }], ["until", "Good until, such as 30d", {}]], async (given, name) => {
        const made = await call("POST", "/admin/codes", { ...given, count: Number(given.count || 1) }, name);
        return { keep: [once(`${made.codes.length} codes of ${made.batch}`, made.codes.join("\n"))], text: "Made." };
      })),
      card("Batches", table("Batches", batches, {
        none: "No codes were made.",
        actions: (row) => [button("Revoke the rest", async () => {
          const done = await call("POST", "/admin/codes/revoke", { batch: row.batch });
          return { text: `${done.revoked_now} codes were revoked.` };
        }, [`Revoke what nobody has redeemed of ${row.batch}? Credit that was given stays.`, "Revoke"])],
      })),
    ];
  }],
  prices: ["Prices", "Factors on the catalog's prices, by model, account or group; from a date if wanted.", async () => {
    const [now, { versions }] = await Promise.all([get("/prices"), get("/prices/versions")]);
    const put = (rules, reason) => call("PUT", "/admin/prices", { rules, reason, expected: now.version });
    return [
      card("Add a markup", form("Add", [["models", "Models", { ...needed, placeholder: "claude-*" }], ["markup", "Factor", { ...usd, placeholder: "1.25" }], ["account", "Account", {}], ["group", "or group", {}], ["from", "From", { placeholder: "2027-01-01" }], ["reason", "Reason", {}]], async ({ reason, ...rule }) => {
        const done = await put([...now.rules, rule], reason || "");
        return { text: [`In force within ${done.in_force_within_seconds} seconds.`, ...(done.warnings ?? []).map((one) => `${one}.`)].join(" ") };
      })),
      card(`Rules in force, version ${now.version}`, table("Rules", now.rules, {
        none: "None: customers pay the catalog's prices, times their account's markup.",
        actions: (row) => [button("Take away", () => put(now.rules.filter((one) => one !== row), `without ${row.models}`).then(() => undefined), [`Take away the rule for ${row.models}?`, "Take away"])],
      })),
      card("Versions", versionTable(versions, now.version)),
    ];
  }],
  catalog: ["Catalog", "Models that are added, changed and taken out without a deployment.", async () => {
    const [now, { versions }] = await Promise.all([get("/catalog"), get("/prices/versions")]);
    const text = JSON.stringify({ models: now.models, remove: now.remove }, null, 2);
    return [
      figures(["Models", String(now.catalog)], ["Added or changed", String(now.models.length)], ["Taken out", String(now.remove.length)], ["Version", String(now.version)]),
      card("Changes in force", now.models.length || now.remove.length
        ? table("Changes in force", [...now.models.map((one) => ({ model: one.id, change: "added or changed", fields: Object.keys(one).filter((name) => name !== "id") })), ...now.remove.map((one) => ({ model: one, change: "taken out" }))], {
            actions: (row) => [button("Take back", async () => {
              const kept = { models: now.models.filter((one) => one.id !== row.model || row.change === "taken out"), remove: now.remove.filter((one) => one !== row.model || row.change !== "taken out") };
              return applied(await call("PUT", "/admin/catalog", { ...kept, reason: `without ${row.model}`, expected: now.version }));
            }, [`Take back what is changed of ${row.model}?`, "Take back"])],
          })
        : element("p", { class: "empty" }, "None: the catalog is the deployment's.")),
      card("Change it", element("p", { class: "hint" }, "An entry whose id the catalog has changes the fields that it names; any other is added. remove takes ids and patterns, such as grok-*. Preview says what would change, and changes nothing."),
        editor(text, now.version)),
      card("Versions", versionTable(versions, now.version)),
    ];
  }],
  margins: ["Margins", "What customers were charged, what the vendors charge, and what is between; the last seven days.", async () => {
    const by = ["vendor", "model", "account", "day"];
    const found = await Promise.all(by.map((name) => get(`/usage?since=7d&by=${name}`)));
    const [all] = found;
    return [
      figures(["Charged", money(all.charged_usd)], ["Cost", money(all.cost_usd)], ["Margin", money(all.margin_usd), Number(all.margin_usd) < 0 ? "bad" : ""], ["Absorbed", money(all.absorbed_usd)], ["Failed tries", money(all.failed_cost_usd)], ["Requests", all.requests.toLocaleString("en-US")]),
      ...found.map((one, at) => card(`By ${by[at]}`, table(`By ${by[at]}`, one.usage, { hide: ["total_p50_ms", "total_p95_ms"], none: "Nothing was used in these days." }))),
    ];
  }],
  vendors: ["Vendors", "Who answers, who fails, and since when.", async () => {
    const { vendors } = await get("/vendors");
    return [card("", table("Vendors", vendors.map(({ failing_since: since, ...one }) => ({ vendor: one.vendor, health: since ? "failing" : "well", failing_since: since, ...one })), { none: "No vendor was asked yet." }))];
  }],
  unassigned: ["Unassigned", "Money that came in and names no account of ours: give it to one, or say that it is none of ours.", async () => {
    const { payments, events } = await get("/payments/unassigned");
    return [
      card("Assign a payment", form("Assign", [["payment", "Payment", { ...needed, placeholder: "pi_…" }], ["account", "Account", { ...needed, placeholder: "acct_…" }], ["usd", "USD, for a currency without a rate", { inputmode: "decimal" }]], async ({ payment, ...body }) => {
        const made = await call("POST", `/admin/payments/${encodeURIComponent(payment)}/assign`, body);
        return { text: `Credited ${made.credited_now} USD.` };
      })),
      card("Payments", table("Payments", payments, { none: "None: every payment has its account.", actions: (row) => [button("Dismiss", () => call("POST", `/admin/payments/${encodeURIComponent(row.payment)}/dismiss`).then(() => undefined), ["Credit nobody, and take it off the list?", "Dismiss"])] })),
      card("Events that moved nothing", table("Events", events, { none: "None." })),
    ];
  }],
  holds: ["Holds", "Money set aside for requests that run. What is stuck is resolved by the next sweep.", async () => {
    const [found, stuck] = await Promise.all([get("/holds"), get("/holds?stuck=true")]);
    return [
      figures(["Open", String(found.count)], ["Held", money(found.held_usd)], ["Stuck", String(stuck.count), stuck.count ? "bad" : ""]),
      card("", table("Holds", found.holds, { none: "No request runs." }), element("div", { class: "acts" }, button("Sweep now", async () => {
        const done = await call("POST", "/admin/sweep");
        return { keep: [card("Swept", facts(done))], text: "Swept." };
      }))),
    ];
  }],
  audit: ["Audit", "Every account's balance beside the sum of its entries.", async () => {
    const { balanced, gaps, ...found } = await get("/audit");
    return [
      figures(["Books", balanced ? tag("balance", "good") : tag("do not balance", "bad"), balanced ? "" : "bad"], ["Accounts", String(found.accounts)], ["Available", money(found.available_usd)], ["Credited", money(found.credited_usd)], ["Charged", money(found.charged_usd)], ["Held", money(found.held_usd)]),
      card("Gaps", table("Gaps", gaps, { none: "None: to the nano-dollar." })),
      card("In full", facts(found)),
    ];
  }],
  find: ["Find", "From what somebody has in hand to the customer.", async () => [
    card("", form("Find", [["text", "A key, its last four, a request's id, a part of a name", { ...needed, minlength: 3 }]], async ({ text }) => {
      const { found } = await get(`/find?text=${encodeURIComponent(text)}`);
      return { keep: [card(`${found.length} found`, table("Found", found, { none: "Nothing is like that.", actions: (row) => [go("Open", `accounts/${row.account}`)] }))], text: found.length ? "Found." : "Nothing is like that." };
    })),
  ]],
};

function suspend(row) {
  if (row.closed) return tag("closed");
  return row.active
    ? button("Suspend", () => call("PATCH", `/admin/accounts/${row.account}`, { active: false }).then(() => undefined), [`Refuse every request of ${row.name}?`, "Suspend"])
    : button("Resume", () => call("PATCH", `/admin/accounts/${row.account}`, { active: true }).then(() => undefined));
}

const applied = (done) => ({ text: `Version ${done.version}, in force within ${done.in_force_within_seconds} seconds.` });

function versionTable(versions, now) {
  const restore = (row) => [row.version === now ? tag("in force", "good") : button("Restore", () => call("POST", "/admin/prices/restore", { version: row.version, reason: `back to version ${row.version}` }).then(() => undefined), [`Put version ${row.version} in force? Its rules and its catalog changes come back together.`, "Restore"])];
  return table("Versions", versions.toReversed(), { none: "Nothing was changed yet.", actions: restore });
}

function editor(text, version) {
  const area = element("textarea", { name: "changes", spellcheck: "false", rows: 14, "aria-label": "Changes, as JSON" });
  area.value = text;
  const reason = element("input", { name: "reason", autocomplete: "off" });
  const changes = () => {
    try {
      return JSON.parse(area.value);
    } catch (error) {
      throw new Error(`This is no JSON: ${error.message}`);
    }
  };
  const shown = element("div", { class: "stack" });
  const preview = async () => {
    say("");
    shown.replaceChildren();
    try {
      const found = await call("POST", "/admin/catalog/preview", changes());
      const rows = [...found.added.map((one) => ({ model: one, change: "added" })), ...found.removed.map((one) => ({ model: one, change: "taken out" })), ...found.changed.map((one) => ({ model: one.model, change: "changed", field: one.field, now: one.now, then: one.then }))];
      shown.append(element("h3", {}, `There would be ${found.catalog} models`), table("What would change", rows, { none: "Nothing would change." }));
    } catch (error) {
      say(error.message, true);
    }
  };
  const apply = button("Apply", async () => applied(await call("PUT", "/admin/catalog", { ...changes(), reason: reason.value, expected: version })), ["Put these changes in force, in the place of those that there are?", "Apply"], "main");
  return element("div", { class: "stack" }, area, element("label", {}, "Reason", reason), element("div", { class: "acts" }, element("button", { type: "button", onclick: preview }, "Preview"), apply), shown);
}

async function account(id) {
  const at = encodeURIComponent(id);
  const [found, { credits }, { payments }] = await Promise.all([get(`/accounts/${at}`), get(`/accounts/${at}/credits`), get(`/payments?account=${at}`)]);
  const { keys, available_usd: left, held_usd: held, charged_usd: charged, credited_usd: credited, ...rest } = found;
  const change = (body) => call("PATCH", `/admin/accounts/${at}`, body).then(() => undefined);
  return [
    element("div", { class: "acts start" }, go("All accounts", "accounts"), suspend(found)),
    figures(["Available", money(left), Number(left) < 0 ? "bad" : ""], ["Held", money(held)], ["Charged", money(charged)], ["Credited", money(credited)]),
    card(found.name, facts(rest, ["name"])),
    card("Change it", form("Change", [["name", "Name", {}], ["markup", "Markup", { inputmode: "decimal" }], ["group", "Group", {}], ["zone", "Time zone", { placeholder: "Europe/Berlin" }], ["low_balance_usd", "Low balance, USD", { inputmode: "decimal" }]], change)),
    card("Keys", table("Keys", keys, { none: "No key.", actions: (row) => (row.status !== "active" ? [] : [
      button("Rotate", async () => {
        const made = await call("POST", `/admin/keys/${row.key_id}/rotate`);
        return { keep: [once(`New secret of ${row.name}; the old one is good until ${made.old_until}`, made.key)], text: "Rotated." };
      }, [`Make another secret for ${row.name}? The old one is good for a day.`, "Rotate"]),
      button("Revoke", () => call("DELETE", `/admin/keys/${row.key_id}`).then(() => undefined), [`Refuse ${row.name} from the next request on, for good?`, "Revoke"]),
    ]) }), form("Make a key", [["name", "Name", {}], ["kind", "Kind", { options: [["", "ordinary"], ["manages", "management"]] }]], async ({ name: called, kind }, name) => {
      const made = await call("POST", `/admin/accounts/${at}/keys`, { ...(called ? { name: called } : {}), manages: kind === "manages" }, name);
      return { keep: [once(`Key ${made.name}`, made.key)], text: "Made." };
    }, "")),
    card("Credits", table("Credits", credits, { none: "No credit." }), form("Add credit", [["usd", "USD; negative takes", usd], ["reason", "Reason", needed]], async (given, name) => {
      const made = await call("POST", `/admin/accounts/${at}/credits`, given, name);
      return { text: `${made.available_usd} USD are available now.` };
    }, "")),
    card("Payments", table("Payments", payments, { none: "No payment." })),
    card("Statement", form("Show", [["month", "Month", { type: "month", ...needed }]], async ({ month }) => ({ keep: [await statement(at, month)], text: "Below is the statement." }), "")),
  ];
}

async function statement(at, month) {
  const { credits, refunds, adjustments, charges, ...sums } = await get(`/accounts/${at}/statement?month=${month}`);
  const entries = [...credits, ...refunds, ...adjustments];
  return card(`Statement of ${month}`, facts(sums, ["account", "name", "month"]), table("Entries", entries, { hide: ["date"], none: "No entry." }), table("Charges", charges, { none: "No charge." }));
}

let current = ["accounts", ""];
let turn = 0;

async function open([name, rest], keep = []) {
  const mine = ++turn;
  for (const one of document.querySelectorAll("#views button")) {
    if (one.dataset.view === name) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  const [title, lead, make] = VIEWS[name];
  document.title = `${title} · Interchange, the operator's page`;
  main.setAttribute("aria-busy", "true");
  let made;
  try {
    made = await make(rest);
  } catch (error) {
    made = [card("", element("p", {}, error.message), element("div", { class: "acts" }, button("Try again", async () => ({ text: "" }))))];
  }
  if (mine !== turn) return;
  main.replaceChildren(element("div", {}, element("h1", {}, title), element("p", { class: "lead" }, lead)), ...keep, ...made);
  main.removeAttribute("aria-busy");
}

function follow() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  current = [name in VIEWS ? name : "accounts", rest.join("/")];
  say("");
  return open(current);
}

document.getElementById("views").append(...Object.entries(VIEWS).map(([name, [title]]) => element("li", {}, element("button", { type: "button", "data-view": name, onclick: () => (location.hash.slice(1) === name ? follow() : (location.hash = name)) }, title))));
document.getElementById("skip").onclick = (event) => {
  event.preventDefault();
  main.focus();
};
know(read(Object.keys(VIEWS)));
call("GET", "/place").then((found) => { document.getElementById("place").textContent = found.place; }, () => undefined);
addEventListener("hashchange", follow);
follow();
