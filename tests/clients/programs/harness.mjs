// What every module of this folder does: `node NAME.mjs URL KEY MODEL...`, as harness.py says it.
export const [URL_, KEY, ...MODELS] = process.argv.slice(2);
export const BASE = `${URL_}/v1`;
export const FIRST = "Please call look_around and listen_closely, then say what tree it is.";
export const SECOND = "And what bird?";
export const SYSTEM = "Speak of trees.";
export const PARAMETERS = { type: "object", properties: { place: { type: "string" } }, required: ["place"] };
// A picture of a tree, base64 of a PNG.
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const WORD = "says the vendor";
const ANSWERS = { look_around: "an oak", listen_closely: "a wren" };
const called = new Set();

export const NAMES = Object.keys(ANSWERS);
export function call(name) {
  called.add(name);
  return ANSWERS[name];
}

function checked(texts) {
  const missing = NAMES.filter((name) => !called.has(name));
  if (missing.length) return `not called: ${missing}`;
  for (const [at, text] of texts.entries()) if (!String(text).includes(WORD)) return `turn ${at + 1}: ${String(text).slice(0, 200)}`;
  return texts.length === 2 ? "ok" : `${texts.length} turns`;
}

// What is wrong with two objects of a schema.
export function parsed(objects) {
  const wrong = objects.filter((one) => !one?.name);
  if (wrong.length) return JSON.stringify(wrong);
  return objects.length === 2 ? "ok" : `${objects.length} turns`;
}

export async function run(talk, { label = "", streams = [false, true], check = checked } = {}) {
  const found = {};
  for (const [at, first] of MODELS.entries()) {
    for (const stream of streams) {
      called.clear();
      const turns = [[first, FIRST], [MODELS[(at + 1) % MODELS.length], SECOND]];
      let result;
      try {
        result = check(await talk(turns, stream));
      } catch (error) {
        result = `${error.name}: ${error.responseBody ?? error.message}`.slice(0, 400);
      }
      found[`${label}${first} ${stream ? "stream" : "whole"}`] = result;
    }
  }
  return found;
}

export function tell(...parts) {
  console.log("\n" + JSON.stringify(Object.assign({}, ...parts)));
}
