import type { Model } from "../api/types";

/** What a vendor is called; another one by the name that the catalog has. */
const VENDORS: Record<string, string> = { openai: "OpenAI", anthropic: "Anthropic", gemini: "Google", xai: "xAI", bedrock: "Amazon Bedrock" };
export const vendor = (model: Model): string => VENDORS[model.owned_by ?? ""] ?? model.owned_by ?? "";

export const KINDS: Record<string, string> = {
  chat: "Chat",
  embedding: "Embeddings",
  image: "Images",
  transcription: "Transcription",
  speech: "Speech",
  moderation: "Moderation",
};

/** Words that people look for, and what the catalog has in their place. */
const MEANT: Record<string, string> = { vision: "image", pdf: "document", google: "gemini", grok: "xai", claude: "anthropic", gpt: "openai", sound: "audio" };

function haystack(model: Model): string {
  const parts = [model.id, ...(model.aliases ?? []), vendor(model), model.owned_by ?? "", model.kind, KINDS[model.kind] ?? ""];
  const shapes = [...(model.input_modalities ?? []), ...(model.output_modalities ?? [])];
  const prices = Object.values(model.pricing).filter((one) => typeof one === "string");
  return [...parts, ...shapes, ...prices, model.supports_prompt_caching ? "caching" : "", model.supports_reasoning ? "thinking reasoning" : ""].join(" ").toLowerCase();
}

/** Every word has to be somewhere: `Claude Sonnet`, `haiku 4`, `vision`, `0.15`. */
export function matches(model: Model, words: string): boolean {
  const text = haystack(model);
  const loose = text.replaceAll(/[-_.]/g, " ");
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => text.includes(word) || loose.includes(word) || text.includes(MEANT[word] ?? word));
}

export type Sort = "id" | "vendor" | "context" | "input" | "cache" | "output";

const PRICES: Record<string, string> = { input: "input", cache: "cache_read", output: "output" };

export function priceOf(model: Model, column: "input" | "cache" | "output"): string | undefined {
  const found: unknown = (model.pricing as Record<string, unknown>)[PRICES[column] ?? column];
  return typeof found === "string" ? found : undefined;
}

function rank(model: Model, by: Sort): string | number {
  if (by === "id") return model.id;
  if (by === "vendor") return vendor(model);
  if (by === "context") return model.context_window ?? -1;
  const found = priceOf(model, by);
  return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
}

export function sorted(models: Model[], by: Sort, down: boolean): Model[] {
  const order = (one: Model, other: Model): number => {
    const [left, right] = [rank(one, by), rank(other, by)];
    if (left === right) return one.id.localeCompare(other.id);
    if (left === Number.POSITIVE_INFINITY) return 1; // what has no such price stands last, whichever way
    if (right === Number.POSITIVE_INFINITY) return -1;
    const found = typeof left === "string" ? left.localeCompare(String(right)) : left - Number(right);
    return down ? -found : found;
  };
  return [...models].sort(order);
}

/** The price of a unit that is not a token, for the column in its place. */
export function unitPrice(model: Model): [amount: string, unit: string] | null {
  const { per_minute: minute, per_million_characters: characters, per_image: image } = model.pricing;
  if (minute) return [minute, "/min"];
  if (characters) return [characters, "/1M chars"];
  const first = image && (image.default ?? Object.values(image)[0]);
  return first ? [first, "/image"] : null;
}
