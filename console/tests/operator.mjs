// node operator.mjs {chromium, address, folder?}: the operator's page, every view and task. Prints what it saw.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { browser, finish, given } from "./open.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = ["accounts", "credit", "codes", "prices", "catalog", "margins", "vendors", "unassigned", "holds", "audit", "find"];
const base = given.address.split("/#")[0];
const seen = { found: [], faults: [], words: {} };

async function tab(width, height, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  page.on("pageerror", (error) => seen.faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/status of 4/.test(message.text()) && seen.faults.push(message.text()));
  await page.goto(given.address);
  await ready(page);
  return { page, context };
}

const ready = (page) => page.locator("main:not([aria-busy])").waitFor();
async function at(page, view) {
  await page.evaluate((name) => { location.hash = name; }, view);
  await page.locator(`#views button[data-view="${view.split("/")[0]}"][aria-current]`).waitFor();
  await page.waitForLoadState("networkidle");
  await ready(page);
}
const field = (page, label) => page.getByLabel(label, { exact: true }).first();
const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
async function sure(page, name) {
  await page.locator("dialog").getByRole("button", { name, exact: true }).click();
  await page.locator("#said:not([hidden])").waitFor();
  await ready(page);
}
async function said(page) {
  await page.locator("#said:not([hidden])").waitFor();
  await ready(page);
  return page.locator("#said").innerText();
}

async function tasks() {
  const { page, context } = await tab(1440, 900, "light");
  seen.address = page.url();
  await field(page, "Name").fill("Grace");
  await field(page, "Credit, USD").fill("50");
  await press(page, "Create");
  seen.created = await said(page);
  seen.secret = await page.locator(".once pre").innerText();
  await page.locator("tr", { hasText: "Grace" }).getByRole("button", { name: "Suspend" }).click();
  await sure(page, "Suspend");
  seen.suspended = await page.locator("tr", { hasText: "Grace" }).innerText();
  seen.forgotten = await page.locator(".once").count();
  await page.locator("tr", { hasText: "Grace" }).getByRole("button", { name: "Resume" }).click();
  await said(page);
  await page.locator("tr", { hasText: "Grace" }).getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "Grace" }).waitFor();
  await ready(page);
  await field(page, "USD; negative takes").fill("12.5");
  await field(page, "Reason").fill("goodwill");
  await press(page, "Add credit");
  seen.credited = await said(page);
  await field(page, "Month").fill(given.month);
  await press(page, "Show");
  await page.getByRole("heading", { name: /Statement of/ }).waitFor();
  seen.statement = await page.locator("section", { hasText: "Statement of" }).first().innerText();
  await page.reload();
  await page.getByRole("heading", { name: "Grace" }).waitFor();
  await at(page, "codes");
  await field(page, "Batch").fill("spring");
  await field(page, "USD each").fill("0");
  await press(page, "Make");
  seen.refused = await said(page);
  await field(page, "USD each").fill("5");
  await field(page, "How many").fill("3");
  await press(page, "Make");
  await page.locator(".once pre").waitFor();
  seen.codes = (await page.locator(".once pre").innerText()).split("\n").length;
  await press(page, "Revoke the rest");
  await sure(page, "Revoke");
  seen.revoked = await page.locator("#said").innerText();
  await at(page, "prices");
  await field(page, "Models").fill("claude-*");
  await field(page, "Factor").fill("much");
  await press(page, "Add");
  seen.wrong = await said(page);
  await field(page, "Factor").fill("1.25");
  await press(page, "Add");
  await page.locator("td", { hasText: "1.25" }).waitFor();
  await at(page, "catalog");
  await field(page, "Changes, as JSON").fill('{"models": [{"id": "gpt-5", "deprecated": "2027-01-31"}], "remove": ["grok-*"]}');
  await press(page, "Preview");
  await page.getByRole("heading", { name: /There would be/ }).waitFor();
  seen.preview = await page.locator("section", { hasText: "There would be" }).innerText();
  await press(page, "Apply");
  await sure(page, "Apply");
  seen.applied = await page.locator("#said").innerText();
  await page.locator("tr", { hasText: "grok-*" }).getByRole("button", { name: "Take back" }).click();
  await sure(page, "Take back");
  seen.left = await page.getByRole("region", { name: "Changes in force" }).innerText();
  await page.getByRole("region", { name: "Versions" }).getByRole("button", { name: "Restore" }).last().click();
  await sure(page, "Restore");
  seen.restored = await page.locator("main").innerText();
  await field(page, "Changes, as JSON").fill("{");
  await press(page, "Preview");
  seen.no_json = await said(page);
  await at(page, "holds");
  await press(page, "Sweep now");
  await said(page);
  seen.swept = await page.getByRole("heading", { name: "Swept" }).count();
  await at(page, "find");
  await page.locator("input[name=text]").fill("Grace");
  await page.locator("main").getByRole("button", { name: "Find" }).click();
  await said(page);
  seen.find = await page.getByRole("region", { name: "Found" }).innerText();
  await context.close();
}

async function looks() {
  for (const [width, height, scheme] of [[1440, 900, "light"], [1440, 900, "dark"], [360, 780, "light"], [360, 780, "dark"]]) {
    const { page, context } = await tab(width, height, scheme);
    const account = await page.evaluate(() => [...document.querySelectorAll("td code")].map((one) => one.textContent).find((one) => one.startsWith("acct_")));
    for (const view of [...VIEWS, `accounts/${account}`]) {
      await at(page, view);
      await page.evaluate(axe);
      const told = await page.evaluate(() => globalThis.axe.run());
      for (const one of told.violations) seen.found.push([view, width, scheme, one.id, one.nodes[0].html.slice(0, 120)]);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) seen.found.push([view, width, scheme, "wider than the screen", over]);
      seen.words[view.split("/")[1] ? "account" : view] = await page.locator("main").innerText();
      if (given.folder) {
        await page.waitForTimeout(150);
        const name = view.includes("/") ? "account" : view;
        await page.screenshot({ path: `${given.folder}/operator-${name}-${width}${scheme === "dark" ? "-dark" : ""}.png` });
      }
    }
    await context.close();
  }
}

await tasks();
await looks();
const stranger = await browser.newPage();
await stranger.goto(base);
await ready(stranger);
seen.stranger = await stranger.locator("main").innerText();
await finish(seen);
