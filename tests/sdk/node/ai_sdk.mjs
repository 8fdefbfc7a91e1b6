// node ai_sdk.mjs BASE_URL KEY MODEL...: the Vercel AI SDK over each of its vendor packages. Prints one JSON object.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const [base, apiKey, ...models] = process.argv.slice(2);
const openai = createOpenAI({ baseURL: `${base}/v1`, apiKey });
const faces = {
  chat: (id) => openai.chat(id),
  responses: (id) => openai.responses(id),
  messages: createAnthropic({ baseURL: `${base}/v1`, apiKey }),
  compatible: createOpenAICompatible({ name: "interchange", baseURL: `${base}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true }),
};
const tools = {
  get_weather: tool({
    description: "The weather of a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `sunny in ${city}`,
  }),
};

async function tried(make) {
  try {
    return await make();
  } catch (error) {
    return { error: String(error.responseBody ?? error.message) };
  }
}

globalThis.AI_SDK_LOG_WARNINGS = false;
const out = {};
for (const [face, make] of Object.entries(faces)) {
  for (const id of models) {
    const model = make(id);
    const loop = await tried(async () => {
      const { text, steps, totalUsage } = await generateText({
        model, tools, prompt: "get_weather in Paris", stopWhen: stepCountIs(4), maxRetries: 0,
      });
      return [steps.length, steps[0].toolCalls[0]?.toolName, text.includes("simulator"), totalUsage.inputTokens > 0];
    });
    const stream = await tried(async () => {
      const faults = [];
      const { fullStream } = streamText({
        model, tools, prompt: "get_weather in Paris", stopWhen: stepCountIs(4), maxRetries: 0,
        onError: ({ error }) => faults.push(String(error.responseBody ?? error.message ?? error)),
      });
      const kinds = {};
      for await (const part of fullStream) kinds[part.type] = (kinds[part.type] ?? 0) + 1;
      return faults.length ? { error: faults[0] } : [kinds["tool-result"], kinds["text-delta"] > 1, kinds["finish-step"]];
    });
    const object = await tried(async () => {
      const { output } = await generateText({
        model, prompt: "Where is the tower?", maxRetries: 0, output: Output.object({ schema: z.object({ city: z.string() }) }),
      });
      return typeof output.city;
    });
    out[`${face} ${id}`] = { loop, stream, object };
  }
}
console.log(JSON.stringify(out));
