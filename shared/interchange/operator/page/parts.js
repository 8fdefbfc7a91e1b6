// What the views are made of. Whatever comes from the admin API is set as text, never as markup.
const SLOT = "interchange-operator";

/** The token of the address, which then holds the view's name; kept for this tab, so that loading it again works. */
export function read(names) {
  const given = location.hash.slice(1);
  if (given && !names.includes(given.split("/")[0])) {
    sessionStorage.setItem(SLOT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(SLOT) ?? "";
}

let token = "";
export const know = (given) => (token = given);

export async function call(method, path, body, once) {
  const headers = { "x-console-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (once) headers["idempotency-key"] = once;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("The console's program does not answer: is it still running?");
  }
  const read = await answer.json().catch(() => ({ error: `status ${answer.status}` }));
  if (!answer.ok) throw Object.assign(new Error(read.error || read.message || `status ${answer.status}`), { refused: answer.status < 500 });
  return read;
}

export const get = (path) => call("GET", `/admin${path}`);

export function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made[key] = value;
    else if (value !== undefined && value !== false && value !== null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...inside.flat().filter((one) => one !== undefined && one !== null && one !== false));
  return made;
}

/** `$1,234.50`, the exact figure when pointed at; as many places as the figure needs to be seen. */
export function money(text) {
  const value = Number(text);
  const places = text !== "0" && Math.abs(value) < 1 ? Math.min(6, 2 + Math.max(0, -Math.floor(Math.log10(Math.abs(value) || 1)) - 1)) : 2;
  const said = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: Math.max(2, places) });
  return element("data", { class: value < 0 ? "money minus" : "money", value: text, title: `${text} USD` }, `${value < 0 ? "-" : ""}$${said}`);
}

const when = (text) => element("time", { datetime: text, title: text }, text.replace("T", " ").replace(/:\d\dZ$/, ""));
const MONEY = /_usd$|^usd$/;
const NUMBERS = /_usd$|^usd$|_tokens$|_ms$|^(requests|failed|count|version|redeemed|revoked|codes|rules|models)$/;
const WHEN = /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/;
const ID = /^(acct|key|pi|ch|re|in|cs)_|^[0-9a-f]{32}$/;

export function tag(text, kind = "") {
  return element("span", { class: `tag ${kind}` }, text);
}

/** A value within another, in words: `spend per day 5, allowed models gpt-*`. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, one]) => `${words(key)} ${plain(one)}`).join(", ");
}

export function shown(name, value) {
  if (value === null || value === undefined || value === "") return element("span", { class: "none" }, "–");
  if (name === "active") return value ? tag("active", "good") : tag("suspended", "bad");
  if (name === "status") return tag(String(value), value === "active" ? "good" : "");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (MONEY.test(name) && typeof value === "string") return money(value);
  if (typeof value === "number") return value.toLocaleString("en-US");
  if (typeof value === "string" && WHEN.test(value)) return when(value);
  if (typeof value === "string" && ID.test(value)) return element("code", {}, value);
  if (Array.isArray(value)) return value.length ? plain(value) : element("span", { class: "none" }, "–");
  if (typeof value === "object") {
    const parts = Object.entries(value);
    if (!parts.length) return element("span", { class: "none" }, "–");
    return element("span", { class: "pairs" }, ...parts.map(([key, one]) => element("span", {}, `${words(key)} ${plain(one)}`)));
  }
  return String(value);
}

export const words = (name) => name.replaceAll("_", " ").replace(/ usd$/, "");

/** `hide` are columns that the rest says; `actions` makes the buttons of a row. */
export function table(caption, rows, { hide = [], actions, none = "Nothing here." } = {}) {
  if (!rows.length) return element("p", { class: "empty" }, none);
  const named = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "keys" && !hide.includes(name));
  const filled = named.filter((name) => rows.some((row) => row[name] !== null && row[name] !== "" && row[name] !== undefined));
  const kind = (name) => (NUMBERS.test(name) ? "number" : undefined);
  const head = [...filled.map((name) => element("th", { class: kind(name), scope: "col" }, words(name))), actions && element("th", { scope: "col" }, element("span", { class: "sr" }, "actions"))];
  const lines = rows.map((row) =>
    element("tr", {}, ...filled.map((name) => element("td", { class: kind(name) }, shown(name, row[name]))), actions && element("td", { class: "acts" }, ...actions(row))),
  );
  return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": caption }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...lines)));
}

export function facts(found, hide = []) {
  const pairs = Object.entries(found).filter(([name, value]) => !hide.includes(name) && value !== null && value !== "");
  return element("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [element("dt", {}, words(name)), element("dd", {}, shown(name, value))]));
}

export function card(title, ...inside) {
  return element("section", { class: "card" }, title && element("h2", {}, title), ...inside);
}

export function figures(...pairs) {
  return element("dl", { class: "figures" }, ...pairs.map(([name, value, kind]) => element("div", { class: kind ?? "" }, element("dt", {}, name), element("dd", {}, value))));
}

/** Asks in words what is about to be done; true where it was confirmed. */
export function sure(question, label) {
  return new Promise((answer) => {
    const end = (given) => {
      made.close();
      made.remove();
      answer(given);
    };
    const no = element("button", { type: "button", onclick: () => end(false) }, "Cancel");
    const made = element("dialog", { "aria-label": question, oncancel: () => end(false) }, element("p", {}, question), element("div", { class: "acts" }, no, element("button", { type: "button", class: "danger", onclick: () => end(true) }, label)));
    document.body.append(made);
    made.showModal();
    no.focus();
  });
}

/** What is shown once, with a way to copy it. */
export function once(title, text) {
  const copy = element("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
  } }, "Copy");
  return element("section", { class: "card once" }, element("h2", {}, title), element("p", { class: "hint" }, "Shown this once: it is stored nowhere."), element("pre", { tabindex: 0 }, text), copy);
}
