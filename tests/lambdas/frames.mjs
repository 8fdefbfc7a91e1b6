// Both stock SDKs on function URLs: opens the simulator's gate only when the first text has arrived. Prints the texts.
import { createRequire } from "node:module";

const [modules, chatURL, messagesURL, key, simulator] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const OpenAI = require("openai");
const Anthropic = require("@anthropic-ai/sdk");
const open = (gate) => fetch(`${simulator}/control/gate/${gate}`, { method: "POST" });
const ask = (gate) => [{ role: "user", content: `one two three four [[gate ${gate}]]` }];
const limits = { maxRetries: 0, timeout: 30000 };

async function chat(model) {
  const client = new OpenAI({ apiKey: key, baseURL: `${chatURL}/v1`, ...limits });
  const gate = `node-chat-${model}`;
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model, messages: ask(gate), stream: true, max_tokens: 200 })) {
    const piece = chunk.choices[0]?.delta?.content;
    if (piece && !text) await open(gate);
    text += piece ?? "";
  }
  return text;
}

async function message(model) {
  const client = new Anthropic({ apiKey: key, baseURL: messagesURL, ...limits });
  const gate = `node-messages-${model}`;
  let text = "";
  for await (const event of client.messages.stream({ model, messages: ask(gate), max_tokens: 200 })) {
    const piece = event.type === "content_block_delta" ? event.delta.text : undefined;
    if (piece && !text) await open(gate);
    text += piece ?? "";
  }
  return text;
}

for (const model of ["gpt-4o-mini", "claude-sonnet-4-5"])
  console.log(JSON.stringify({ model, chat: await chat(model), messages: await message(model) }));
