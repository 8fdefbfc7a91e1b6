"use strict";

// The key stays in this tab's session storage: it goes to this origin only, and is gone with the tab.
const byId = (id) => document.getElementById(id);
const KEY = "interchange-key";

// "-$85.00"; below a cent the first two digits that are not zero. The exact figure is its title.
function money(amount) {
  const size = Math.abs(Number(amount));
  const shown = size === 0 || size >= 0.01 ? size.toFixed(2) : size.toFixed(12).replace(/^(0\.0*[1-9]\d?).*$/, "$1");
  const element = document.createElement("data");
  element.value = amount;
  element.title = amount.startsWith("-") ? `-$${amount.slice(1)}` : `$${amount}`;
  element.textContent = `${Number(amount) < 0 ? "-" : ""}$${shown}`;
  return element;
}

async function ask(path, key) {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${key}` } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ? body.error.message : `status ${answer.status}`);
  return body;
}

function row(cells) {
  const line = document.createElement("tr");
  for (const [text, numeric] of cells) {
    const cell = document.createElement("td");
    cell.append(text);
    if (numeric) cell.className = "n";
    line.append(cell);
  }
  return line;
}

function show(ids, visible) {
  for (const id of ids) byId(id).hidden = !visible;
}

function figure(title, value) {
  const box = document.createElement("div");
  const name = document.createElement("dt");
  const said = document.createElement("dd");
  name.textContent = title;
  said.append(value);
  box.append(name, said);
  return box;
}

// A management key sees its account; any other key what is left of its own limits.
function showAccount({ key, account }) {
  const left = Object.entries(key.left).filter(([, value]) => value !== null)
    .map(([name, value]) => figure(`Left of ${name.replace("_usd", "").replaceAll("_", " ")}`, name.includes("_usd") ? money(value) : String(value)));
  byId("figures").replaceChildren(...(account === null ? left : [
    figure("Available", money(account.available_usd)),
    figure("Held by running requests", money(account.held_usd)),
    figure("Charged so far", money(account.charged_usd)),
  ]));
  byId("account-title").textContent = account === null ? "This key" : "Balance";
  byId("key-id").textContent = key.id;
}

async function askAccount(key) {
  const own = await ask("../v1/key", key);
  return { key: own, account: own.kind === "management" ? await ask("../v1/account", key) : null };
}

function showUsage(usage) {
  byId("rows").replaceChildren(...usage.data.map((entry) => row([
    [new Date(entry.created).toLocaleString()],
    [entry.model],
    [entry.outcome],
    [entry.input_tokens.toLocaleString(), true],
    [entry.output_tokens.toLocaleString(), true],
    [money(entry.charge_usd), true],
  ])));
  byId("no-rows").hidden = usage.data.length > 0;
}

const MAIN_PRICES = ["input", "cache_read", "output"];

// "per image hd 0.05", "cache write 5m 3.75", "above 200000 tokens: input 6.00"
function words(price, main = MAIN_PRICES) {
  const said = [];
  for (const [name, value] of Object.entries(price)) {
    const title = name.replaceAll("_", " ");
    if (main.includes(name)) continue;
    if (typeof value === "string") said.push(`${title} ${value}`);
    else if (name === "tiers") {
      for (const tier of value) said.push(`above ${tier.above.toLocaleString()} tokens: ${words(tier.rates, [])}`);
    } else if (name === "service_tiers") {
      for (const [tier, rates] of Object.entries(value)) said.push(`${tier}: ${words(rates, [])}`);
    } else {
      for (const [what, amount] of Object.entries(value)) said.push(`${title} ${what.replaceAll("_", " ")} ${amount}`);
    }
  }
  return said.join(", ");
}

let models = [];

// What the filter's words are looked for in: "Claude Sonnet", "openai", "image" and "0.15" all find something.
function searched(model) {
  const { input, output, cache_read: cached } = model.pricing;
  const said = [model.id, model.id.replaceAll("-", " "), model.kind, model.owned_by, ...model.input_modalities, input, cached, output];
  return said.filter(Boolean).join(" ").toLowerCase();
}

function showModels(filter) {
  const sought = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = models.filter((model) => sought.every((word) => searched(model).includes(word)));
  byId("no-models").hidden = wanted.length > 0;
  byId("models").replaceChildren(...wanted.map((model) => row([
    [model.id],
    [model.kind],
    [model.context_window ? model.context_window.toLocaleString() : "", true],
    [model.pricing.input || "", true],
    [model.pricing.cache_read || "", true],
    [model.pricing.output || "", true],
    [words(model.pricing)],
  ])));
}

// A header takes no other character, and no key has one.
const SENDABLE = /^[\x21-\x7e]+$/;

// Each part is shown as far as its call succeeds. Nothing but "Forget the key" discards a key that was good once.
async function open(key) {
  if (!SENDABLE.test(key)) {
    complain("The key has a character that no key has, such as a curly quote. Copy it again from where you keep it.");
    return;
  }
  byId("message").className = "";
  byId("message").textContent = "Loading…";
  const calls = await Promise.allSettled([askAccount(key), ask("../v1/requests", key), ask("../v1/models", key)]);
  const shows = [
    ["account", showAccount],
    ["usage", showUsage],
    ["catalog", (catalog) => { models = catalog.data; showModels(byId("filter").value); }],
  ];
  calls.forEach((call, at) => call.status === "fulfilled" && shows[at][1](call.value));
  shows.forEach(([id], at) => show([id], calls[at].status === "fulfilled"));
  const failed = calls.find((call) => call.status === "rejected");
  if (calls.slice(0, 2).some((call) => call.status === "fulfilled")) {
    sessionStorage.setItem(KEY, key);
    byId("key").value = "";
  }
  show(["leave"], sessionStorage.getItem(KEY) !== null);
  if (failed) complain(failed.reason.message);
  else byId("message").textContent = "";
}

function complain(text) {
  byId("message").className = "error";
  byId("message").textContent = text;
}

byId("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  open(byId("key").value.trim());
});
byId("leave").addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  location.reload();
});
byId("filter").addEventListener("input", (event) => showModels(event.target.value));
const known = sessionStorage.getItem(KEY);
if (known) open(known);
