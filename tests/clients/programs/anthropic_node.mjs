// The Anthropic SDK for Node: a loop by hand, pictures in results, `parse` with zod, and the tool runner, which threads by itself.
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { call, KEY, NAMES, PARAMETERS, parsed, PIXEL, run, tell, URL_ } from "./harness.mjs";

const client = new Anthropic({ baseURL: URL_, apiKey: KEY, maxRetries: 0 });
const textOf = (message) => message.content.filter((block) => block.type === "text").map((block) => block.text).join("");

const shown = (name) => [
  { type: "text", text: call(name) },
  { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
];

const plain = (result) => async (turns, stream) => {
  const tools = NAMES.map((name) => ({ name, input_schema: PARAMETERS }));
  const messages = [];
  const texts = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    for (;;) {
      const asked = { model, max_tokens: 4000, messages, tools, thinking: { type: "enabled", budget_tokens: 1024 } };
      const message = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
      messages.push({ role: "assistant", content: message.content });
      const calls = message.content.filter((block) => block.type === "tool_use");
      if (!calls.length) {
        texts.push(textOf(message));
        break;
      }
      messages.push({ role: "user", content: calls.map(({ id, name }) => ({ type: "tool_result", tool_use_id: id, content: result(name) })) });
    }
  }
  return texts;
};

const Tree = z.object({ name: z.string(), rings: z.number().int() });

async function parse(turns, stream) {
  const messages = [];
  const objects = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    const asked = { model, max_tokens: 4000, messages, output_config: { format: zodOutputFormat(Tree) } };
    const message = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.parse(asked);
    messages.push({ role: "assistant", content: message.content });
    objects.push(message.parsed_output);
  }
  return objects;
}

async function runner(turns, stream) {
  const tools = NAMES.map((name) => betaTool({ name, description: "A tool.", inputSchema: PARAMETERS, run: async () => call(name) }));
  const messages = [];
  const texts = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    const found = client.beta.messages.toolRunner({ model, max_tokens: 4000, messages: [...messages], tools, stream });
    let message;
    for await (const item of found) message = stream ? await item.finalMessage() : item;
    messages.push({ role: "assistant", content: message.content });
    texts.push(textOf(message));
  }
  return texts;
}

tell(
  await run(plain(call), { label: "messages " }),
  await run(plain(shown), { label: "pictures " }),
  await run(runner, { label: "toolRunner " }),
  await run(parse, { label: "parse ", check: parsed }),
);
