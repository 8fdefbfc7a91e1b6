// node page.mjs CHROMIUM URL MANAGEMENT-KEY ORDINARY-KEY SHOT: opens the dashboard as a customer does. Prints what the page shows, as JSON.
import { chromium } from "playwright-core";

const [executablePath, url, key, ordinary, shot] = process.argv.slice(2);
const quiet = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
const browser = await chromium.launch({ executablePath, args: quiet.map((name) => `--${name}`) });
const page = await browser.newPage();
const faults = [];
page.on("pageerror", (error) => faults.push(String(error)));
page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
const text = (selector) => page.locator(selector).innerText();
const out = {};

await page.goto(`${url}/console`);
out.title = await page.title();
out.greeting = await text("#message");
await page.fill("#key", "sk-wrong");
// The browser tells of the two refused fetches when it comes to it, which may be after the page has.
const refused = page.waitForEvent("console", { predicate: () => faults.length === 2 });
await page.click("text=Open");
await page.waitForSelector("#message.error");
await refused;
out.refusal = await text("#message");
out.refused_faults = faults.splice(0);
await page.fill("#key", key);
await page.click("text=Open");
await page.waitForSelector("#account:not([hidden])");
out.figures = await text("#figures");
out.exact = await page.locator("#figures data, #rows data").evaluateAll((all) => all.map((one) => one.title));
out.requests = await page.locator("#rows tr").allInnerTexts();
out.models = await page.locator("#models tr").count();
await page.fill("#filter", "Claude Sonnet");
out.sonnets = await page.locator("#models tr").count();
await page.fill("#filter", "no such model");
out.none = await page.locator("#no-models").isVisible();
await page.fill("#filter", "grok-imagine-image");
out.filtered = await page.locator("#models tr").allInnerTexts();
// One call fails: its part is missing, the rest and the key stay.
await page.route("**/v1/requests", (route) => route.abort());
await page.reload();
await page.waitForSelector("#account:not([hidden])");
out.kept = await text("#key-id");
out.partly = await page.locator("#usage").isHidden();
await page.unroute("**/v1/requests");
faults.splice(0);
if (shot) await page.screenshot({ path: shot, fullPage: true });
await page.click("text=Forget the key");
await page.waitForFunction(() => document.getElementById("account").hidden);
out.forgotten = await page.evaluate(() => sessionStorage.length);
// An ordinary key sees its own requests and what is left of it, and no balance.
await page.fill("#key", ordinary);
await page.click("text=Open");
await page.waitForSelector("#account:not([hidden])");
out.own = await text("#account");
out.own_requests = await page.locator("#rows tr").count();
out.faults = faults;
await browser.close();
console.log(JSON.stringify(out));
