"use strict";

// The key stays in this tab's session storage: it goes to this origin only, and is gone with the tab.
const byId = (id) => document.getElementById(id);
const KEY = "interchange-key";

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
    cell.textContent = text;
    if (numeric) cell.className = "n";
    line.append(cell);
  }
  return line;
}

function show(ids, visible) {
  for (const id of ids) byId(id).hidden = !visible;
}

function showAccount(account) {
  byId("available").textContent = `$${account.available_usd}`;
  byId("held").textContent = `$${account.held_usd}`;
  byId("charged").textContent = `$${account.charged_usd}`;
  byId("account-id").textContent = account.account;
  byId("key-id").textContent = account.key_id;
}

function showUsage(usage) {
  byId("rows").replaceChildren(...usage.data.map((entry) => row([
    [new Date(entry.created_ms).toLocaleString()],
    [entry.model],
    [entry.outcome],
    [entry.input_tokens.toLocaleString(), true],
    [entry.output_tokens.toLocaleString(), true],
    [entry.charge_usd, true],
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

function showModels(filter) {
  const wanted = models.filter((model) => `${model.id} ${model.kind}`.toLowerCase().includes(filter.toLowerCase()));
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

async function open(key) {
  byId("message").className = "";
  byId("message").textContent = "Loading…";
  try {
    const [account, usage, catalog] = await Promise.all([
      ask("api/account", key), ask("api/usage", key), ask("../v1/models", key),
    ]);
    models = catalog.data;
    showAccount(account);
    showUsage(usage);
    showModels(byId("filter").value);
    sessionStorage.setItem(KEY, key);
    byId("key").value = "";
    byId("message").textContent = "";
    show(["account", "usage", "catalog", "leave"], true);
  } catch (error) {
    byId("message").className = "error";
    byId("message").textContent = error.message;
    show(["account", "usage", "catalog", "leave"], false);
    sessionStorage.removeItem(KEY);
  }
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
