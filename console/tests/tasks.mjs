// node tasks.mjs {chromium, url, key, boss, code, request}: every task of a customer, as one does it by mouse. Prints what was seen.
import { readFileSync } from "node:fs";

import { at, finish, given, tab } from "./open.mjs";

const NAME = `shop ${process.pid}`;
const seen = {};
const { page, faults } = await tab();
const main = page.locator("main");
const wrong = () => page.locator(".field .wrong").allInnerTexts();
const shows = (text) => page.getByText(text).first().waitFor();

// signing in
const box = page.getByLabel("API key");
for (const [name, key] of [["none", ""], ["quote", "sk-“nothing”"], ["stranger", "sk-ThisIsNoKeyOfOurs0000000000000"]]) {
  await box.fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".field .wrong").waitFor();
  await page.waitForFunction(() => !document.querySelector("button[type=submit]").disabled);
  seen[name] = (await wrong()).join(" ");
}
seen.models_without_a_key = await (async () => {
  await page.getByRole("link", { name: "Models", exact: true }).click();
  await page.locator(".opener").first().waitFor();
  return page.locator(".opener").count();
})();
await at(page, "signin");
await box.fill(given.boss);
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByRole("heading", { name: "Activity" }).waitFor();
seen.kept = await page.evaluate(() => [Object.keys(sessionStorage), Object.keys(localStorage)]);

// models
await at(page, "models");
const found = async (words) => {
  await page.getByLabel("Search").fill(words);
  await page.waitForTimeout(50);
  return page.locator(".opener").allInnerTexts();
};
seen.search = {};
for (const words of ["Claude Sonnet", "haiku 4", "vision", "openai", "0.15", "no such model"]) seen.search[words] = await found(words);
seen.none_found = await main.getByText("No model is like that").isVisible();
await found("gpt-4o-mini");
await page.getByRole("button", { name: "gpt-4o-mini", exact: true }).click();
await page.getByLabel("Requests", { exact: true }).fill("1000000");
await page.getByLabel("Input each").fill("1000");
await page.getByLabel("Output each").fill("0");
seen.calculated = await page.locator(".calculator .sum strong").innerText();
await page.getByLabel("Requests", { exact: true }).fill("many");
seen.not_calculated = [...(await wrong()), await page.locator(".calculator .sum strong").innerText()];
seen.snippets = {};
for (const name of await page.getByRole("tab").allInnerTexts()) {
  await page.getByRole("tab", { name, exact: true }).click();
  seen.snippets[name] = await page.locator(".code code").innerText();
}
await found("");
await page.getByLabel("Thinks").check();
seen.thinking = await page.locator(".opener").allInnerTexts();
await page.getByLabel("Thinks").uncheck();
await page.getByLabel("Sort by").selectOption("input");
const price = (text) => Number(text.replace(/[^0-9.]/g, ""));
const prices = (await page.locator("td.in").allInnerTexts()).filter((text) => text.includes("$")).map(price);
seen.sorted = prices.every((one, index) => index === 0 || prices[index - 1] <= one);
await page.getByLabel("Kind").selectOption("embedding");
seen.embeddings = await page.locator(".opener").count();

// keys
await at(page, "keys");
await page.getByRole("button", { name: "Make a key" }).click();
await page.getByRole("button", { name: "Make the key" }).click();
seen.no_name = await wrong();
await page.getByLabel("Name", { exact: true }).fill(NAME);
await page.getByLabel("Spending in all").fill("ten");
await page.getByLabel("Requests a minute").fill("0");
await page.getByRole("button", { name: "Make the key" }).click();
seen.bad_limits = await wrong();
await page.getByLabel("Spending in all").fill("12.50");
await page.getByLabel("Requests a minute").fill("60");
await page.getByLabel("Models", { exact: true }).fill("nobody-*");
await page.getByRole("button", { name: "Make the key" }).click();
await page.waitForFunction(() => document.querySelectorAll(".field .wrong").length > 0);
seen.bad_model = await wrong();
await page.getByLabel("Models", { exact: true }).fill("gpt-*");
await page.getByRole("button", { name: "Make the key" }).click();
await shows("Copy the key now");
seen.secret = await page.locator(".secret").innerText();
await page.getByRole("button", { name: "Close" }).click();
const card = page.locator("section.card", { has: page.getByRole("heading", { name: NAME }) });
await card.waitFor();
seen.card = await card.innerText();
seen.hidden = !(await page.content()).includes(seen.secret);
await page.getByRole("button", { name: `Limits of ${NAME}` }).click();
await page.getByLabel("Requests a minute").fill("");
await page.getByLabel("Spending a day").fill("2");
await page.getByRole("button", { name: "Save" }).click();
await card.getByText("Spending a day").waitFor();
seen.limited = await card.innerText();
await page.getByRole("button", { name: `Rotate ${NAME}` }).click();
await page.getByLabel("The old secret is good until").fill("yesterday");
await page.getByRole("button", { name: "Rotate", exact: true }).click();
await page.waitForFunction(() => document.querySelectorAll(".field .wrong").length > 0);
seen.bad_rotation = await wrong();
await page.getByLabel("The old secret is good until").fill("0m");
await page.getByRole("button", { name: "Rotate", exact: true }).click();
await shows("Copy the key now");
seen.rotated = await page.locator(".secret").innerText();
await page.getByRole("button", { name: "Close" }).click();
await page.getByRole("button", { name: `Revoke ${NAME}` }).click();
await page.getByRole("button", { name: "Revoke the key" }).click();
await page.getByRole("button", { name: /Show revoked keys/ }).click();
seen.revoked = await card.innerText();

// requests
await at(page, "requests");
await page.locator("tbody .opener").first().click();
await shows("Set aside");
seen.request = await page.locator("tr.opened").innerText();
await page.getByLabel("Outcome").selectOption("truncated");
await shows("No request is like that");
await page.getByLabel("Outcome").selectOption("");
const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
seen.csv = readFileSync(await file.path(), "utf8").split("\n", 2);
await at(page, `requests/${given.request}`);
await shows("Set aside");
seen.linked = await main.innerText();

// credit
await at(page, "credit");
await page.getByLabel("Code", { exact: true }).fill("NOT-A-CODE");
await page.getByRole("button", { name: "Redeem" }).click();
await page.locator(".field .wrong").waitFor();
seen.bad_code = await wrong();
await page.getByLabel("Code", { exact: true }).fill(given.code);
await page.getByRole("button", { name: "Redeem" }).click();
await shows("were added");
seen.exact = await page.locator("data").first().getAttribute("title");
await page.getByLabel("Amount", { exact: true }).fill("lots");
await page.getByRole("button", { name: "Go to payment" }).click();
await page.locator(".field .wrong").waitFor();
seen.bad_amount = await wrong();
const told = page.locator("form", { has: page.getByRole("heading", { name: "Be told" }) });
await told.getByLabel("Webhook").fill("https://10.0.0.1/hook");
await told.getByRole("button", { name: "Save" }).click();
await told.locator(".field .wrong").waitFor();
seen.bad_webhook = await told.locator(".field .wrong").allInnerTexts();
await told.getByLabel("Webhook").fill("https://hooks.example.com/x");
await told.getByRole("button", { name: "Save" }).click();
await told.getByText("shown only now").waitFor();
seen.webhook_secret = await told.locator("code").innerText();
const [statement] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Each day as CSV" }).click()]);
seen.statement = readFileSync(await statement.path(), "utf8").split("\n", 1)[0];
await page.getByRole("region", { name: /^Statement of/ }).getByText("code").waitFor();
seen.statement_shown = await page.getByRole("region", { name: /^Statement of/ }).innerText();
const [printed] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Page to print" }).click()]);
seen.statement_printed = readFileSync(await printed.path(), "utf8").slice(0, 15);
await page.getByLabel("Amount", { exact: true }).fill("25");
await page.getByRole("button", { name: "Go to payment" }).click();
await shows("takes no payments here");
await page.getByRole("button", { name: "Switch on" }).click();
seen.no_rule = await wrong();
await page.getByLabel("When the balance is below").fill("10");
await page.getByLabel("Buy", { exact: true }).fill("-5");
await page.getByRole("button", { name: "Switch on" }).click();
seen.bad_rule = await wrong();

// playground
seen.played = {};
await at(page, "playground");
await page.getByRole("button", { name: "Send" }).click();
seen.nothing_asked = await wrong();
await page.getByLabel("Key that calls").fill(given.key);
await page.getByLabel("Model", { exact: true }).selectOption("claude-sonnet-4-5");
for (const protocol of ["Chat", "Messages", "Responses"]) {
  for (const stream of [true, false]) {
    await page.getByText(protocol, { exact: true }).click();
    await page.getByLabel("Stream", { exact: true }).setChecked(stream);
    await page.getByLabel("Prompt").fill(`Say hello by ${protocol}.`);
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".told").getByText("Done").waitFor();
    seen.played[`${protocol} ${stream}`] = [await page.locator(".answer:not(.thought)").innerText(), await page.locator(".told").innerText()];
  }
}
await page.getByLabel("Offer tools").check();
await page.getByLabel("Tools", { exact: true }).fill("nonsense");
await page.getByRole("button", { name: "Send" }).click();
seen.bad_tools = await wrong();
await page.getByLabel("Offer tools").uncheck();
await page.getByLabel("Offer tools").check();
await page.getByLabel("Tools", { exact: true }).fill('[{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]');
await page.getByLabel("Prompt").fill("get_weather in Paris");
await page.getByLabel("Think first").check();
await page.getByLabel("Image or PDF").setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64") });
await page.getByRole("button", { name: "Send" }).click();
await page.locator(".told").getByText("Done").waitFor();
seen.tool = await page.locator('section[aria-label="Answer"]').innerText();
await page.getByRole("tab", { name: "Python" }).click();
seen.as_code = await page.locator(".code code").last().innerText();

// a failing call takes nothing away
await page.route("**/v1/account", (route) => route.abort());
await at(page, "credit");
await page.reload();
await shows("The gateway could not be reached");
seen.after_failure = await page.evaluate(() => sessionStorage.getItem("interchange-key") !== null);
await page.unroute("**/v1/account");
await page.getByRole("button", { name: "Try again" }).first().click();
await shows("Spent in all");

await at(page, "nowhere");
seen.nowhere = await main.innerText();
await page.getByRole("button", { name: "Sign out" }).click();
await at(page, "keys");
seen.forgotten = [await main.innerText(), await page.evaluate(() => sessionStorage.length)];

// an ordinary key
const other = await tab({}, given.key);
await at(other.page, "keys");
seen.own_key = await other.page.locator("main").innerText();
await at(other.page, "credit");
await other.page.locator("main").getByText("management key").first().waitFor();
seen.own_credit = await other.page.locator("main").innerText();

await finish({ ...seen, faults: [...faults, ...other.faults] });
