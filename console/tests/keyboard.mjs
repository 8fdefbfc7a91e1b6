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
const shows = (text) => page.getByText(text).first().waitFor();

await push("Skip to the page", "a");
await type("input", "API key", given.boss);
await press("Enter");
await page.getByRole("heading", { name: "Activity" }).waitFor();
seen.focus = await page.evaluate(() => document.activeElement?.id);

await push("Models", "a");
await page.locator(".opener").first().waitFor();
await type("input", "Search", "gpt-4o-mini");
await push("gpt-4o-mini");
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
await push("Revoke by keyboard");
await push("Revoke the key");
await page.getByRole("heading", { name: "by keyboard", exact: true }).waitFor({ state: "detached" });

await push("Requests", "a");
await page.locator("tbody .opener").first().waitFor();
await page.evaluate(() => document.querySelector("main").focus());
for (let step = 0; step < 30 && !(await page.evaluate(() => document.activeElement?.classList.contains("opener"))); step++) await press("Tab");
await press("Enter");
await shows("Set aside");

await push("Credit", "a");
await page.getByLabel("Code", { exact: true }).waitFor();
await type("input", "Code", given.code);
await press("Enter");
await shows("were added");

await push("Playground", "a");
await page.getByLabel("Prompt").waitFor();
await type("input", "Key that calls", given.key);
await type("input", "Prompt", "Say hello.");
await push("Send");
await page.locator(".told").getByText("Done").waitFor();
seen.answer = await page.locator(".answer:not(.thought)").innerText();
await push("Sign out");
seen.left = await page.evaluate(() => sessionStorage.length);
await finish({ ...seen, faults });
