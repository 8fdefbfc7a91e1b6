// The Vercel AI SDK: its default provider (Responses), chat, Messages and the OpenAI-compatible package.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { BASE, call, KEY, NAMES, run, tell } from "./harness.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const openai = createOpenAI({ baseURL: BASE, apiKey: KEY });
const anthropic = createAnthropic({ baseURL: BASE, apiKey: KEY });
const compatible = createOpenAICompatible({ name: "interchange", baseURL: BASE, apiKey: KEY });
const low = { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true };
const FACES = {
  "default ": [(id) => openai(id), { openai: low }],
  "unstored ": [(id) => openai(id), { openai: { ...low, store: false, include: ["reasoning.encrypted_content"] } }],
  "chat ": [(id) => openai.chat(id), { openai: { reasoningEffort: "low" } }],
  "messages ": [(id) => anthropic(id), { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } }],
  "compatible ": [(id) => compatible(id), { interchange: { reasoningEffort: "low" } }],
};
const tools = Object.fromEntries(
  NAMES.map((name) => [name, tool({ description: "A tool.", inputSchema: z.object({ place: z.string() }), execute: async () => call(name) })]),
);

const talking = ([make, providerOptions]) => async (turns, stream) => {
  const messages = [];
  const texts = [];
  for (const [id, content] of turns) {
    messages.push({ role: "user", content });
    const asked = { model: make(id), messages, tools, providerOptions, stopWhen: stepCountIs(5), maxRetries: 0, maxOutputTokens: 4000 };
    let fault;
    const done = stream ? streamText({ ...asked, onError: ({ error }) => { fault = error; } }) : await generateText(asked);
    if (stream) await done.consumeStream({ onError: (error) => { fault ??= error; } });
    if (fault) throw fault;
    texts.push(await done.text);
    messages.push(...(await done.response).messages);
  }
  return texts;
};

const parts = [];
for (const [label, face] of Object.entries(FACES)) parts.push(await run(talking(face), { label }));
tell(...parts);
