// Every model given, through both stock SDKs and all three protocols, whole and streamed, with a two-turn tool loop. Prints one JSON line a case.
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";

const [baseURL, apiKey, ...models] = process.argv.slice(2);
const openai = new OpenAI({ apiKey, baseURL: `${baseURL}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey, baseURL, maxRetries: 0 });
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

async function chat(model, stream) {
  const messages = [{ role: "user", content: "get_weather in Paris" }];
  const body = { model, messages, max_tokens: 400, tools: [{ type: "function", function: { name: "get_weather", parameters: schema } }] };
  const stops = [];
  for (let turn = 0; turn < 2; turn++) {
    const answer = stream
      ? await openai.chat.completions.stream({ ...body, stream: true }).finalChatCompletion()
      : await openai.chat.completions.create(body);
    const { message, finish_reason } = answer.choices[0];
    stops.push(finish_reason);
    if (finish_reason !== "tool_calls") return { stops, text: message.content };
    messages.push({ role: "assistant", content: message.content, tool_calls: message.tool_calls.map(({ id, type, function: f }) => ({ id, type, function: { name: f.name, arguments: f.arguments } })) });
    for (const call of message.tool_calls) messages.push({ role: "tool", tool_call_id: call.id, content: "sunny" });
  }
}

async function message(model, stream) {
  const messages = [{ role: "user", content: "get_weather in Paris" }];
  const body = { model, messages, max_tokens: 400, tools: [{ name: "get_weather", input_schema: schema }] };
  const stops = [];
  for (let turn = 0; turn < 2; turn++) {
    const answer = stream ? await anthropic.messages.stream(body).finalMessage() : await anthropic.messages.create(body);
    stops.push(answer.stop_reason);
    if (answer.stop_reason !== "tool_use") return { stops, text: answer.content.map((block) => block.text).join("") };
    messages.push({ role: "assistant", content: answer.content });
    messages.push({ role: "user", content: answer.content.filter((block) => block.type === "tool_use").map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "sunny" })) });
  }
}

async function respond(model, stream) {
  const input = [{ role: "user", content: "get_weather in Paris" }];
  const body = { model, input, max_output_tokens: 400, tools: [{ type: "function", name: "get_weather", parameters: schema, strict: false }] };
  const stops = [];
  for (let turn = 0; turn < 2; turn++) {
    const answer = stream ? await openai.responses.stream(body).finalResponse() : await openai.responses.create(body);
    const calls = answer.output.filter((item) => item.type === "function_call");
    stops.push(calls.length ? "function_call" : answer.status);
    if (!calls.length) return { stops, text: answer.output_text };
    input.push(...answer.output);
    for (const call of calls) input.push({ type: "function_call_output", call_id: call.call_id, output: "sunny" });
  }
}

for (const model of models)
  for (const stream of [false, true])
    for (const [protocol, run] of [["chat", chat], ["messages", message], ["responses", respond]]) {
      let result;
      try {
        result = await run(model, stream);
      } catch (error) {
        result = { error: String(error) };
      }
      console.log(JSON.stringify({ model, protocol, stream, ...result }));
    }
