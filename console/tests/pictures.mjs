// node pictures.mjs {chromium, url, folder, boss, key}: a picture of each page, wide and narrow, light and dark.
import { at, finish, given, tab } from "./open.mjs";

const PAGES = ["home", "docs", "signin", "models", "model", "activity", "requests", "request", "keys", "limits", "credit", "playground"];
const LOOKS = [[1440, 900, "light"], [1440, 900, "dark"], [360, 780, "light"], [360, 780, "dark"]];

/** What is done on a page before it is taken. */
const DO = {
  home: (page) => page.goto(`${given.url}/`),
  docs: (page) => page.goto(`${given.url}/docs/quickstart`),
  model: async (page) => {
    await at(page, "models/claude-sonnet-4-5?search=sonnet-4-5");
    await page.getByRole("tab", { name: "Claude Code" }).click();
  },
  request: async (page) => {
    await at(page, "requests");
    await page.locator("tr.opens", { hasText: "left out" }).first().locator(".opener").click();
    await page.locator(".opened a.mono").click();
    await page.getByRole("link", { name: "All requests" }).waitFor();
    await page.getByText("Set aside").waitFor();
  },
  limits: async (page) => {
    await at(page, "keys");
    await page.getByRole("button", { name: "Limits of web shop" }).click();
  },
  playground: async (page) => {
    await at(page, "playground?model=claude-sonnet-4-5");
    await page.getByLabel("Key that calls").fill(given.key);
    await page.getByLabel("Prompt").fill("Three names for a difference engine?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".told").getByText("Done").waitFor();
  },
};

for (const [width, height, colorScheme] of LOOKS) {
  for (const name of given.only ?? PAGES) {
    const { page, context } = await tab({ viewport: { width, height }, colorScheme }, ["home", "docs", "signin"].includes(name) ? "" : given.boss);
    await (DO[name] ?? ((there) => at(there, name)))(page);
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => (document.activeElement?.closest("dialog") ? null : scrollTo(0, 0)));
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${given.folder}/${name}-${width}${colorScheme === "dark" ? "-dark" : ""}.png` });
    await context.close();
  }
}
await finish({});
