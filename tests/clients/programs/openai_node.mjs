// openai for Node: runTools, a chat loop by hand, Responses by items, pictures in results, `parse` with zod.
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { BASE, call, KEY, NAMES, PARAMETERS, parsed, PIXEL, run, tell } from "./harness.mjs";

const client = new OpenAI({ baseURL: BASE, apiKey: KEY, maxRetries: 0 });

async function runner(turns, stream) {
  const tools = NAMES.map((name) => ({
    type: "function",
    function: { name, description: "A tool.", parameters: PARAMETERS, parse: JSON.parse, function: () => call(name) },
  }));
  let messages = [];
  const texts = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    const found = client.chat.completions.runTools({ model, messages, tools, reasoning_effort: "low", stream });
    texts.push(await found.finalContent());
    messages = [...found.messages];
  }
  return texts;
}

async function chat(turns, stream) {
  const tools = NAMES.map((name) => ({ type: "function", function: { name, parameters: PARAMETERS } }));
  const messages = [];
  const texts = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    for (;;) {
      const asked = { model, messages, tools, reasoning_effort: "low" };
      const done = stream ? await client.chat.completions.stream(asked).finalChatCompletion() : await client.chat.completions.create(asked);
      const message = done.choices[0].message;
      messages.push(message);
      if (!message.tool_calls?.length) {
        texts.push(message.content);
        break;
      }
      for (const { id, function: { name } } of message.tool_calls) messages.push({ role: "tool", tool_call_id: id, content: call(name) });
    }
  }
  return texts;
}

const shown = (name) => [
  { type: "input_text", text: call(name) },
  { type: "input_image", image_url: `data:image/png;base64,${PIXEL}`, detail: "low" },
];

const responses = (result) => async (turns, stream) => {
  const tools = NAMES.map((name) => ({ type: "function", name, parameters: PARAMETERS, strict: false }));
  const input = [];
  const texts = [];
  for (const [model, content] of turns) {
    input.push({ role: "user", content });
    for (;;) {
      const asked = { model, input, tools, reasoning: { effort: "low", summary: "auto" } };
      const done = stream ? await client.responses.stream(asked).finalResponse() : await client.responses.create(asked);
      input.push(...done.output);
      const calls = done.output.filter((item) => item.type === "function_call");
      if (!calls.length) {
        texts.push(done.output_text);
        break;
      }
      for (const { call_id, name } of calls) input.push({ type: "function_call_output", call_id, output: result(name) });
    }
  }
  return texts;
};

const Tree = z.object({ name: z.string(), rings: z.number().int() });

async function parseChat(turns, stream) {
  const messages = [];
  const objects = [];
  for (const [model, content] of turns) {
    messages.push({ role: "user", content });
    const asked = { model, messages, response_format: zodResponseFormat(Tree, "tree") };
    const done = stream ? await client.chat.completions.stream(asked).finalChatCompletion() : await client.chat.completions.parse(asked);
    messages.push(done.choices[0].message);
    objects.push(done.choices[0].message.parsed);
  }
  return objects;
}

async function parseResponses(turns, stream) {
  const input = [];
  const objects = [];
  for (const [model, content] of turns) {
    input.push({ role: "user", content });
    const asked = { model, input, text: { format: zodTextFormat(Tree, "tree") } };
    const done = stream ? await client.responses.stream(asked).finalResponse() : await client.responses.parse(asked);
    input.push(...done.output);
    objects.push(done.output_parsed);
  }
  return objects;
}

tell(
  await run(runner, { label: "runTools " }),
  await run(chat, { label: "chat " }),
  await run(responses(call), { label: "responses " }),
  await run(responses(shown), { label: "pictures " }),
  await run(parseChat, { label: "parse, chat ", check: parsed }),
  await run(parseResponses, { label: "parse, responses ", check: parsed }),
);
