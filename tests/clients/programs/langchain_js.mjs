// LangChain in JavaScript: its OpenAI model in chat and Responses, its Anthropic model.
import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { BASE, call, KEY, NAMES, run, tell, URL_ } from "./harness.mjs";

const tools = NAMES.map((name) => tool(async () => call(name), { name, description: "A tool.", schema: z.object({ place: z.string() }) }));
const opened = { apiKey: KEY, maxRetries: 0, configuration: { baseURL: BASE } };
const MAKE = {
  "chat ": (model) => new ChatOpenAI({ ...opened, model, reasoning: { effort: "low" } }),
  "responses ": (model) => new ChatOpenAI({ ...opened, model, useResponsesApi: true, reasoning: { effort: "low", summary: "auto" } }),
  "messages ": (model) =>
    new ChatAnthropic({ apiKey: KEY, anthropicApiUrl: URL_, model, maxTokens: 4000, maxRetries: 0, thinking: { type: "enabled", budget_tokens: 1024 } }),
};

const talking = (make) => async (turns, stream) => {
  const history = [];
  const texts = [];
  for (const [model, content] of turns) {
    const bound = make(model).bindTools(tools);
    history.push(new HumanMessage(content));
    for (;;) {
      let message;
      if (stream) for await (const chunk of await bound.stream(history)) message = message === undefined ? chunk : message.concat(chunk);
      else message = await bound.invoke(history);
      history.push(message);
      if (!message.tool_calls?.length) {
        texts.push(message.text);
        break;
      }
      for (const { id, name } of message.tool_calls) history.push(new ToolMessage({ content: call(name), tool_call_id: id }));
    }
  }
  return texts;
};

const parts = [];
for (const [label, make] of Object.entries(MAKE)) parts.push(await run(talking(make), { label }));
tell(...parts);
