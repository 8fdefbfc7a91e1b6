// What the programs here share: a page of the console in Chromium, and what it did that it must not.
import { chromium } from "playwright-core";

export const given = JSON.parse(process.argv[2]);
export const browser = await chromium.launch({ executablePath: given.chromium, args: ["--no-sandbox"] });

const pages = [];

// A failure says what its pages showed, and ends the browser.
process.on("uncaughtExceptionMonitor", (error) => console.error(String(error)));
process.on("uncaughtException", async () => {
  for (const page of pages) console.error(page.url(), await page.locator("body").innerText({ timeout: 2000 }).catch(String));
  process.exit(1);
});

/** A tab; `faults` are errors of its scripts and requests to anywhere else. */
export async function tab(options = {}, key = "") {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // the first page of the documentation renders all of them, beside other tests
  pages.push(page);
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/status of 4|status of 5|ERR_FAILED|ERR_CONNECTION/.test(message.text()) && faults.push(message.text()));
  page.on("request", (request) => !request.url().startsWith(given.url) && !request.url().startsWith("blob:") && faults.push(`elsewhere: ${request.url()}`));
  await page.goto(`${given.url}/console/index.html`);
  if (key) {
    await page.evaluate((value) => sessionStorage.setItem("interchange-key", value), key);
    await page.reload();
  }
  return { page, faults, context };
}

export async function at(page, place) {
  await page.goto(`${given.url}/console/index.html#/${place}`);
  await page.locator("main h1").first().waitFor();
  await page.waitForLoadState("networkidle");
}

export async function finish(told) {
  console.log(JSON.stringify(told));
  await browser.close();
}
