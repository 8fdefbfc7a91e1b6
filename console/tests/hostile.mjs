// node hostile.mjs {chromium, url, boss, key, many, manyId}: addresses that are wrong, names that are programs, a network that
// fails, hurry, ways back and reloads. `many` is a management key of an account with very many requests. Prints what was seen.
import { readFileSync } from "node:fs";

import { at, finish, given, tab } from "./open.mjs";

const seen = {};
const NAME = `<img src=x onerror="document.title='taken'"> ${process.pid}`;
const { page, faults } = await tab({}, given.boss);
const main = page.locator("main");
const shows = (text) => page.getByText(text).first().waitFor();

// addresses
seen.addresses = {};
for (const place of ["%", "requests/%E0%A4%A", "models?search=%", "activity?range=none&by=%3Cscript%3E", "requests?outcome=nonsense", "<script>alert(1)</script>", "requests/../../v1/keys"]) {
  await at(page, place);
  seen.addresses[place] = (await main.innerText()).length > 20;
}
await at(page, "requests?outcome=nonsense");
seen.nonsense = await main.locator(".notice.bad").innerText();

// filters stay on reload, on the way back, and in a link
await at(page, "requests");
await page.getByLabel("Outcome").selectOption("ok");
await page.getByLabel("Model", { exact: true }).fill("claude-sonnet-4-5");
await page.keyboard.press("Enter");
await page.locator("tbody .opener").first().waitFor();
await page.reload();
await page.locator("tbody .opener").first().click();
await shows("Set aside");
await page.locator("tr.opened a.mono").click();
await page.getByRole("link", { name: "All requests" }).waitFor();
await page.goBack();
await page.locator("tbody .opener").first().waitFor();
seen.kept = [await page.getByLabel("Outcome").inputValue(), await page.getByLabel("Model", { exact: true }).inputValue()];
await at(page, "models/gpt-5?search=gpt-5&sort=output&order=down");
seen.link = [await page.getByLabel("Search").inputValue(), await page.locator(".opener[aria-expanded=true]").innerText(), await page.locator("th[aria-sort]").innerText()];

// names, users and tags that are programs
await at(page, "keys");
await page.getByRole("button", { name: "Make a key" }).click();
await page.getByLabel("Name", { exact: true }).fill(NAME);
await page.getByRole("button", { name: "Make the key" }).click();
await shows("Copy the key now");
const secret = await page.locator(".secret").innerText();
await page.getByRole("button", { name: "Close" }).click();
const user = "<svg onload=\"document.title='taken'\">";
await page.evaluate(
  ([key, said]) =>
    fetch("/v1/chat/completions", { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-5", user: said, metadata: { "=1+1": said }, messages: [{ role: "user", content: said }] }) }),
  [secret, user],
);
await at(page, "activity?by=user");
await page.getByText("The same as a table").first().click();
await at(page, "requests");
await page.reload();
await page.locator("tbody .opener").first().click();
await shows(user);
seen.names = [await page.title(), await page.locator("main img, main svg[onload]").count()];
await at(page, "keys");
await page.getByRole("button", { name: `Revoke ${NAME}` }).click();
await page.getByRole("button", { name: "Revoke the key" }).click();

// an answer that is lost: the same request again makes no second key
let lost = 0;
await page.route("**/v1/keys", async (route) => {
  if (route.request().method() !== "POST" || lost++) return route.continue();
  await route.fetch();
  return route.abort();
});
await page.getByRole("button", { name: "Make a key" }).click();
await page.getByLabel("Name", { exact: true }).fill(`once ${process.pid}`);
await page.getByRole("button", { name: "Make the key" }).click();
await shows("could not be reached");
await page.getByRole("button", { name: "Make the key" }).click();
await shows("Copy the key now");
await page.getByRole("button", { name: "Close" }).click();
seen.once = await page.getByRole("heading", { name: `once ${process.pid}` }).count();
await page.unroute("**/v1/keys");

// errors in every status keep the key
seen.statuses = {};
for (const status of [400, 401, 403, 404, 429, 500, 502, 503]) {
  await page.route("**/v1/requests?*", (route) => route.fulfill({ status, body: status === 502 ? "<html>bad gateway</html>" : JSON.stringify({ error: { message: `told ${status}` } }) }));
  await at(page, "requests");
  await page.reload();
  seen.statuses[status] = [await main.locator(".notice.bad").innerText(), await page.evaluate(() => sessionStorage.getItem("interchange-key") !== null)];
  await page.unroute("**/v1/requests?*");
}

// very many requests: every one of them in the file, and none runs in a spreadsheet
const other = await tab({}, given.many);
await at(other.page, "requests");
const [file] = await Promise.all([other.page.waitForEvent("download", { timeout: 300_000 }), other.page.getByRole("button", { name: "Save these requests as CSV" }).click()]);
const lines = readFileSync(await file.path(), "utf8").trim().split("\n");
seen.lines = [lines.length - 1, new Set(lines.slice(1).map((line) => line.split(",")[0])).size, lines.some((line) => /,[=+@-][^0-9]/.test(line))];
await at(other.page, "activity");
seen.many = await other.page.locator("dl.cards").innerText();

await finish({ ...seen, faults: [...faults, ...other.faults] });
