// What the stock SDKs' zod helpers ask for and parse, with every model given, whole and streamed. Prints one JSON line a case.
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const [baseURL, apiKey, ...models] = process.argv.slice(2);
const openai = new OpenAI({ apiKey, baseURL: `${baseURL}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey, baseURL, maxRetries: 0 });

const Tree = z.object({ name: z.string(), get children() { return z.array(Tree); } });
const shared = {
  nullable: z.object({ a: z.string(), note: z.string().nullable(), inner: z.object({ size: z.number().int().nullable() }) }),
  unions: z.object({
    pet: z.discriminatedUnion("kind", [z.object({ kind: z.literal("cat"), lives: z.number().int() }), z.object({ kind: z.literal("dog"), name: z.string() })]),
    either: z.union([z.string(), z.number()]),
  }),
  words: z.object({ colour: z.enum(["red", "blue"]), score: z.number().min(0).max(10), few: z.array(z.number().int()).min(1).max(3), day: z.iso.date() }),
  tree: z.object({ root: Tree }),
};
// OpenAI's helper wants optional properties to be nullable; Anthropic's takes them as they are.
const ofOpenai = { ...shared, optional: z.object({ a: z.string(), note: z.string().nullable().optional() }) };
const ofAnthropic = { ...shared, optional: z.object({ a: z.string(), tags: z.array(z.string()).optional(), size: z.number().int().default(3) }) };

const messages = [{ role: "user", content: "q" }];
const chatTool = (shape) => ({ messages, tools: [zodFunction({ name: "f", parameters: shape })] });
const responsesTool = (shape) => ({ input: "q", tools: [zodResponsesFunction({ name: "f", parameters: shape })] });
const called = (answer) => answer.output.find((item) => item.type === "function_call").parsed_arguments;
const runs = async (model, shape, stream) => {
  let given;
  const tool = betaZodTool({ name: "f", description: "d", inputSchema: shape, run: (input) => { given = input; return "ok"; } });
  const runner = anthropic.beta.messages.toolRunner({ model, max_tokens: 900, messages: [...messages], tools: [tool], stream });
  if (stream) for await (const turn of runner) await turn.finalMessage();
  else await runner;
  return given;
};
const calls = {
  openai: {
    chat: async (model, shape) => (await openai.chat.completions.parse({ model, messages, response_format: zodResponseFormat(shape, "r") })).choices[0].message.parsed,
    "chat streamed": async (model, shape) => (await openai.chat.completions.stream({ model, messages, response_format: zodResponseFormat(shape, "r") }).finalChatCompletion()).choices[0].message.parsed,
    "chat tool": async (model, shape) => (await openai.chat.completions.parse({ model, ...chatTool(shape) })).choices[0].message.tool_calls[0].function.parsed_arguments,
    "chat tool streamed": async (model, shape) => (await openai.chat.completions.stream({ model, ...chatTool(shape) }).finalChatCompletion()).choices[0].message.tool_calls[0].function.parsed_arguments,
    responses: async (model, shape) => (await openai.responses.parse({ model, input: "q", text: { format: zodTextFormat(shape, "r") } })).output_parsed,
    "responses streamed": async (model, shape) => (await openai.responses.stream({ model, input: "q", text: { format: zodTextFormat(shape, "r") } }).finalResponse()).output_parsed,
    "responses tool": async (model, shape) => called(await openai.responses.parse({ model, ...responsesTool(shape) })),
    "responses tool streamed": async (model, shape) => called(await openai.responses.stream({ model, ...responsesTool(shape) }).finalResponse()),
  },
  anthropic: {
    messages: async (model, shape) => (await anthropic.messages.parse({ model, max_tokens: 900, messages, output_config: { format: zodOutputFormat(shape) } })).parsed_output,
    "messages streamed": async (model, shape) => (await anthropic.messages.stream({ model, max_tokens: 900, messages, output_config: { format: zodOutputFormat(shape) } }).finalMessage()).parsed_output,
    "messages tool": (model, shape) => runs(model, shape, false),
    "messages tool streamed": (model, shape) => runs(model, shape, true),
  },
};

for (const model of models)
  for (const [sdk, shapes] of [["openai", ofOpenai], ["anthropic", ofAnthropic]])
    for (const [call, run] of Object.entries(calls[sdk]))
      for (const [name, shape] of Object.entries(shapes)) {
        let error = null;
        try {
          const found = await run(model, shape);
          const checked = shape.safeParse(found);
          if (!checked.success) error = `${JSON.stringify(found)}: ${checked.error}`;
        } catch (thrown) {
          error = String(thrown);
        }
        console.log(JSON.stringify({ model, call, shape: name, error }));
      }
