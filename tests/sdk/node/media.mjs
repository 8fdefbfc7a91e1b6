// node media.mjs BASE_URL KEY: embeddings and images by the stock SDK. Prints one JSON object.
import OpenAI, { toFile } from "openai";

const [base, key] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0 });
const out = { embeddings: {}, images: {} };

for (const model of ["text-embedding-3-small", "gemini-embedding-001"]) {
  const answer = await client.embeddings.create({ model, input: ["one", "two"], dimensions: 256 });
  out.embeddings[model] = [answer.data.length, answer.data[0].embedding.length, answer.usage.prompt_tokens];
}
for (const model of ["gpt-image-1", "grok-imagine-image", "gemini-2.5-flash-image"]) {
  const made = await client.images.generate({ model, prompt: "a red circle" });
  const file = await toFile(Buffer.from("89504e470d0a1a0a", "hex"), "a.png", { type: "image/png" });
  const edited = await client.images.edit({ model, prompt: "make it blue", image: file });
  out.images[model] = [made, edited].map((one) => Boolean(one.data[0].b64_json ?? one.data[0].url));
}
const stream = await client.images.generate({ model: "gpt-image-1", prompt: "x", stream: true, partial_images: 2 });
out.events = [];
for await (const event of stream) out.events.push(event.type);
console.log(JSON.stringify(out));
