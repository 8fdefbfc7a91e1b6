// node keyboard.mjs {chromium, url, boss, key, code}: the tasks again, with nothing but keys. Prints what was reached.
import { finish, given, tab } from "./open.mjs";

const { page, faults } = await tab();
const seen = {};
const MOST = 400;

/** Tab until the focus is on what is wanted; the name that a screen reader would say. */
async function reach(role, name) {
  for (let step = 0; step < MOST; step++) {
    const here = await page.evaluate(() => {
      const one = document.activeElement;
      const label = one?.labels?.[0]?.innerText ?? one?.getAttribute?.("aria-label") ?? one?.innerText ?? "";
      const ring = one && getComputedStyle(one).outlineStyle !== "none";
      return { tag: one?.tagName.toLowerCase(), role: one?.getAttribute?.("role"), type: one?.getAttribute?.("type"), label: label.trim(), ring };
    });
    const kind = here.role ?? here.tag;
    if ((kind === role || (role === "input" && here.tag === "textarea")) && here.label.split("\n")[0].trim() === name) {
      if (!here.ring && here.type !== "radio") throw new Error(`${name}: the focus is not seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${role} ${name} is not reached by Tab`);
}
const press = (key) => page.keyboard.press(key);
const type = async (role, name, text) => {
  await reach(role, name);
  await press("ControlOrMeta+A");
  await page.keyboard.type(text);
};
const push = async (name, role = "button") => {
  await reach(role, name);
  await press("Enter");
};
/** Picks an option of a closed list with the arrows, as a customer does who sees the next one. */
async function choose(name, option) {
  await reach("select", name);
  for (let step = 0; step < 60; step++) {
    if ((await page.evaluate(() => document.activeElement.selectedOptions[0].text)) === option) return;
    await press("ArrowDown");
  }
  throw new Error(`${name} has no ${option}`);
}
const shows = (text) => page.getByText(text).first().waitFor();

await push("Skip to the page", "a");
await type("input", "API key", given.boss);
await press("Enter");
await page.getByRole("heading", { name: "Activity" }).waitFor();
seen.focus = await page.evaluate(() => document.activeElement?.id);

await push("The same as a table", "summary");
await page.getByRole("region", { name: "Spending a day: table" }).waitFor();
await push("Models", "a");
await page.locator(".opener").first().waitFor();
await type("input", "Search", "gpt-4o-mini");
await choose("Sort by", "Output price");
await push("gpt-4o-mini");
await type("input", "Requests", "1000000");
await type("input", "Output each", "0");
seen.cost = await page.locator(".calculator .sum strong").innerText();
await reach("tab", "curl");
await press("ArrowRight");
seen.tab = await page.evaluate(() => document.activeElement?.innerText);

await push("Keys", "a");
await page.getByRole("button", { name: "Make a key" }).waitFor();
await push("Make a key");
await type("input", "Name", "by keyboard");
await type("input", "Spending in all", "3");
await press("Enter");
await shows("Copy the key now");
seen.inside = await page.evaluate(() => document.querySelector("dialog[open]")?.contains(document.activeElement));
await press("Escape");
await page.getByRole("heading", { name: "by keyboard", exact: true }).waitFor();
await push("Limits of by keyboard");
await type("input", "Spending a day", "nothing");
await press("Enter");
seen.corrected = await page.evaluate(() => [document.activeElement.labels[0].innerText, document.querySelector(".field .wrong").innerText.includes("US dollars")]);
await type("input", "Spending a day", "1.5");
await press("Enter");
await shows("$1.50 left of $1.50");
await page.locator("dialog").waitFor({ state: "detached" });
seen.back = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
await push("Rotate by keyboard");
await type("input", "The old secret is good until", "0m");
await press("Enter");
await shows("Copy the key now");
await press("Escape");
await push("Revoke by keyboard");
await push("Revoke the key");
await page.getByRole("heading", { name: "by keyboard", exact: true }).waitFor({ state: "detached" });

await push("Requests", "a");
await page.locator("tbody .opener").first().waitFor();
await choose("Outcome", "Cut short");
await shows("No request is like that");
await choose("Outcome", "Failed");
await choose("Outcome", "All").catch(() => press("Home"));
await type("input", "Model", "claude-sonnet-4-5");
await press("Enter");
await page.locator("tbody .opener").first().waitFor();
seen.filtered = await page.evaluate(() => location.hash);
const requests = page.waitForEvent("download");
await push("Save these requests as CSV");
seen.requests = (await requests).suggestedFilename();
await page.evaluate(() => document.querySelector("main").focus());
for (let step = 0; step < 30 && !(await page.evaluate(() => document.activeElement?.classList.contains("opener"))); step++) await press("Tab");
await press("Enter");
await shows("Set aside");

await push("Credit", "a");
await page.getByLabel("Code", { exact: true }).waitFor();
await type("input", "Code", given.code);
await press("Enter");
await shows("were added");
await type("input", "Amount", "25");
await press("Enter");
await shows("takes no payments here");
await type("input", "When the balance is below", "10");
await type("input", "Buy", "50");
await press("Enter");
await page.waitForFunction(() => document.querySelectorAll(".notice.warn").length > 1);
await reach("select", "Month");
await press("ArrowDown");
const statement = page.waitForEvent("download");
await push("Statement as CSV");
seen.statement = (await statement).suggestedFilename();

await push("Playground", "a");
await page.getByLabel("Prompt").waitFor();
await type("input", "Key that calls", given.key);
await reach("input", "Chat");
await press("ArrowRight");
seen.protocol = await page.evaluate(() => document.activeElement.value);
await type("input", "Prompt", "Never mind. [[slow 30]]");
await push("Send");
await push("Stop");
await page.locator(".told").getByText("Stopped").waitFor();
await type("input", "Prompt", "Say hello.");
await reach("input", "Stream");
await press("Space");
await push("Send");
await page.locator(".told").getByText("Done").waitFor();
seen.answer = await page.locator(".answer:not(.thought)").innerText();
await reach("tab", "curl");
await press("ArrowRight");
seen.code = (await page.locator(".code code").last().innerText()).split("\n")[0];
await push("Sign out");
seen.left = await page.evaluate(() => sessionStorage.length);
await finish({ ...seen, faults });
