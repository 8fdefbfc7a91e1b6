// node states.mjs {chromium, url, boss, width, scheme, states, all}: axe on every page in every state. Prints what it found.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { at, finish, given, tab } from "./open.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["models", "activity", "requests", "keys", "credit", "playground"];
const json = (route, change) => async () => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: change(await answer.json()) });
};
const DAY = 86_400_000;

/** Of what the account's API answers; each is laid over the real answers. */
const STATES = {
  good: async () => {},
  empty: async (page) => {
    await page.route("**/v1/requests?*", (route) => route.fulfill({ json: { data: [], next_cursor: null } }));
    await page.route("**/v1/usage?*", (route) => json(route, (body) => ({ ...body, requests: 0, charged_usd: "0", data: [] }))());
    await page.route("**/v1/keys", (route) => route.fulfill({ json: { data: [] } }));
    await page.route("**/v1/account", (route) => json(route, (body) => ({ ...body, credits: [], available_usd: "0", days_left: null }))());
  },
  poor: (page) => page.route("**/v1/account", (route) => json(route, (body) => ({ ...body, available_usd: "0.0000214", low_balance_usd: "5" }))()),
  negative: (page) => page.route("**/v1/account", (route) => json(route, (body) => ({ ...body, available_usd: "-85.0000111" }))()),
  suspended: (page) => page.route("**/v1/account", (route) => json(route, (body) => ({ ...body, active: false }))()),
  expired: (page) => page.route(/\/v1\/(?!models)/, (route) => route.fulfill({ status: 401, json: { error: { message: "this API key has expired", type: "invalid_request_error", param: null, code: "invalid_api_key" } } })),
  slow: (page) => page.route(/\/v1\//, () => new Promise(() => {})),
  failing: (page) => page.route(/\/v1\/(usage|requests|account)/, (route) => route.abort()),
  crowded: async (page) => {
    const many = (line) => Array.from({ length: 50 }, (_, at) => ({ ...line, id: `${line.id}${at}`, dropped: at % 3 ? [] : ["seed"] }));
    await page.route("**/v1/requests?*", (route) => json(route, (body) => ({ data: body.data.flatMap(many).slice(0, 50), next_cursor: "c" }))());
    const spread = (body) => {
      const first = Date.parse(body.since);
      const line = body.data[0];
      return Array.from({ length: 10_000 }, (_, at) => ({ ...line, model: `model-${at % 40}-with-a-name-that-is-rather-long`, day: new Date(first + (at % 30) * DAY).toISOString().slice(0, 10) }));
    };
    await page.route("**/v1/usage?*", (route) => json(route, (body) => (body.data[0] ? { ...body, data: spread(body) } : body))());
  },
};
/** Where a state shows, for the short run; the long one looks at all of them. */
const SHORT = {
  good: PAGES,
  empty: ["activity", "requests", "keys", "credit"],
  poor: ["credit"],
  negative: ["credit"],
  suspended: ["credit"],
  expired: ["activity"],
  slow: ["activity", "keys"],
  failing: ["activity", "requests", "credit"],
  crowded: ["activity", "requests"],
};

const found = [];
const heights = {};
const words = {};
const settle = (page, state) => (state === "slow" ? page.waitForTimeout(300) : page.waitForLoadState("networkidle"));

async function look(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], elementRef: false }));
  for (const one of violations) found.push(`${name}: ${one.id} (${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")})`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) found.push(`${name}: wider than the screen by ${wide} px`);
  if (given.width > 640) return;
  const sideways = await page.locator("main .scroll").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute("aria-label")));
  for (const one of sideways) found.push(`${name}: ${one} scrolls sideways`);
}

const faults = [];
for (const width of [given.width]) {
  for (const colorScheme of [given.scheme]) {
    for (const [state, lay] of Object.entries(STATES)) {
      if (given.states && !given.states.includes(state)) continue;
      const opened = await tab({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true }, given.boss);
      const { page } = opened;
      await lay(page);
      for (const place of given.all ? PAGES : SHORT[state]) {
        const name = `${place} ${state} ${width} ${colorScheme}`;
        await page.goto(`${given.url}/console/index.html#/${place}`);
        await page.reload({ waitUntil: "domcontentloaded" });
        await page.locator("main h1").first().waitFor();
        await settle(page, state);
        if (place === "models" && state === "good") {
          heights[width] = await page.evaluate(() => document.documentElement.scrollHeight);
          await page.locator(".opener").first().click();
        }
        if (place === "requests" && (state === "good" || state === "crowded")) await page.locator("tbody .opener").first().click();
        if (place === "keys" && state === "good") {
          await look(page, name);
          await page.getByRole("button", { name: "Make a key" }).click();
          await page.getByRole("button", { name: "Make the key" }).click();
        }
        if (place === "activity" && (state === "good" || state === "crowded")) for (const summary of await page.locator("summary").all()) await summary.click();
        await page.waitForTimeout(150);
        await look(page, name);
        if (place === "activity" && state === "good") words.striped = await page.locator(".legend li:has(.striped)").allInnerTexts();
        words[`${place} ${state}`] = await page.locator("main").innerText();
      }
      words[`purse ${state}`] = await page.locator(".purse").innerText({ timeout: 500 }).catch(() => "");
      words[`kept ${state}`] = await page.evaluate(() => sessionStorage.getItem("interchange-key") !== null);
      faults.push(...opened.faults);
      await opened.context.close();
    }
    const visitor = await tab({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await look(visitor.page, `signin ${width} ${colorScheme}`);
    for (const path of ["/", "/docs/quickstart", "/docs/compatibility", "/docs/nowhere"]) {
      await visitor.page.goto(`${given.url}${path}`);
      await look(visitor.page, `${path} ${width} ${colorScheme}`);
    }
    await visitor.context.close();
  }
}
await finish({ found, heights, words, faults });
