import { API } from "../api/client";

export type Protocol = "chat" | "messages" | "responses";
export interface Media {
  name: string;
  type: string;
  /** A data URL. */
  url: string;
}
export interface Asked {
  protocol: Protocol;
  model: string;
  system: string;
  prompt: string;
  media: Media | null;
  stream: boolean;
  thinking: boolean;
  tools: unknown[];
  most: number | null;
}
type Json = Record<string, unknown>;

export const PATHS: Record<Protocol, string> = { chat: "/v1/chat/completions", messages: "/v1/messages", responses: "/v1/responses" };
const THINKING_TOKENS = 2048;
const MOST = 4096;
const EFFORT = "medium";

export interface Tool {
  name: string;
  description?: string;
  parameters?: unknown;
}

/** The request's body, as the protocol has it. */
export function write(asked: Asked): Json {
  const stream = asked.stream ? { stream: true } : {};
  const model = { model: asked.model };
  const tools = asked.tools as Tool[];
  if (asked.protocol === "messages") {
    const most = asked.most ?? MOST;
    return {
      ...model,
      max_tokens: asked.thinking ? Math.max(most, THINKING_TOKENS + 1024) : most,
      ...(asked.system && { system: asked.system }),
      messages: [{ role: "user", content: messagesContent(asked) }],
      ...(asked.thinking && { thinking: { type: "enabled", budget_tokens: THINKING_TOKENS } }),
      ...(tools.length > 0 && { tools: tools.map((one) => ({ name: one.name, description: one.description, input_schema: one.parameters })) }),
      ...stream,
    };
  }
  if (asked.protocol === "responses") {
    return {
      ...model,
      ...(asked.system && { instructions: asked.system }),
      input: asked.media ? [{ role: "user", content: [{ type: "input_text", text: asked.prompt }, responsesMedia(asked.media)] }] : asked.prompt,
      ...(asked.most && { max_output_tokens: asked.most }),
      ...(asked.thinking && { reasoning: { effort: EFFORT, summary: "auto" } }),
      ...(tools.length > 0 && { tools: tools.map((one) => ({ type: "function", ...one })) }),
      ...stream,
    };
  }
  const content = asked.media ? [{ type: "text", text: asked.prompt }, chatMedia(asked.media)] : asked.prompt;
  return {
    ...model,
    messages: [...(asked.system ? [{ role: "system", content: asked.system }] : []), { role: "user", content }],
    ...(asked.most && { max_completion_tokens: asked.most }),
    ...(asked.thinking && { reasoning_effort: EFFORT }),
    ...(tools.length > 0 && { tools: tools.map((one) => ({ type: "function", function: one })) }),
    ...stream,
    ...(asked.stream && { stream_options: { include_usage: true } }),
  };
}

const base64 = (media: Media): string => media.url.slice(media.url.indexOf(",") + 1);
const isImage = (media: Media): boolean => media.type.startsWith("image/");

function messagesContent(asked: Asked): unknown {
  if (!asked.media) return asked.prompt;
  const source = { type: "base64", media_type: asked.media.type, data: base64(asked.media) };
  return [{ type: isImage(asked.media) ? "image" : "document", source }, { type: "text", text: asked.prompt }];
}

function responsesMedia(media: Media): Json {
  return isImage(media) ? { type: "input_image", image_url: media.url } : { type: "input_file", filename: media.name, file_data: media.url };
}

function chatMedia(media: Media): Json {
  return isImage(media) ? { type: "image_url", image_url: { url: media.url } } : { type: "file", file: { filename: media.name, file_data: media.url } };
}

/** What came back, in the words of none of the protocols. */
export interface Said {
  text: string;
  thought: string;
  calls: { name: string; arguments: string }[];
  usage: Json;
  trouble: string;
}
export const nothing = (): Said => ({ text: "", thought: "", calls: [], usage: {}, trouble: "" });

/* eslint-disable @typescript-eslint/no-explicit-any -- three wire formats, read where each says what it has */
type Any = any;

function failed(said: Said, error: Any): void {
  said.trouble = String(error?.message ?? "the answer broke off");
}

/** Adds a frame of a stream. */
export function hear(protocol: Protocol, said: Said, frame: Any): void {
  if (frame.error && protocol !== "messages") return failed(said, frame.error);
  if (protocol === "chat") {
    const delta = frame.choices?.[0]?.delta ?? {};
    said.text += delta.content ?? delta.refusal ?? "";
    said.thought += delta.reasoning_content ?? "";
    for (const call of delta.tool_calls ?? []) {
      const at = call.index ?? 0;
      const kept = said.calls[at] ?? { name: "", arguments: "" };
      said.calls[at] = { name: kept.name + (call.function?.name ?? ""), arguments: kept.arguments + (call.function?.arguments ?? "") };
    }
    if (frame.usage) said.usage = frame.usage;
  } else if (protocol === "messages") {
    const last = said.calls.at(-1);
    if (frame.type === "error") failed(said, frame.error);
    if (frame.type === "content_block_start" && frame.content_block?.type === "tool_use") said.calls.push({ name: frame.content_block.name, arguments: "" });
    if (frame.delta?.type === "text_delta") said.text += frame.delta.text;
    if (frame.delta?.type === "thinking_delta") said.thought += frame.delta.thinking;
    if (frame.delta?.type === "input_json_delta" && last) last.arguments += frame.delta.partial_json;
    const usage = frame.usage ?? frame.message?.usage;
    if (usage) said.usage = { ...said.usage, ...usage };
  } else {
    const last = said.calls.at(-1);
    if (frame.type === "response.output_text.delta") said.text += frame.delta;
    if (frame.type === "response.reasoning_summary_text.delta" || frame.type === "response.reasoning_text.delta") said.thought += frame.delta;
    if (frame.type === "response.output_item.added" && frame.item?.type === "function_call") said.calls.push({ name: frame.item.name, arguments: "" });
    if (frame.type === "response.function_call_arguments.delta" && last) last.arguments += frame.delta;
    if (frame.type === "response.failed") failed(said, frame.response?.error);
    if (frame.response?.usage) said.usage = frame.response.usage;
  }
}

/** A whole answer. */
export function take(protocol: Protocol, body: Any): Said {
  const said = nothing();
  said.usage = body.usage ?? {};
  if (protocol === "chat") {
    const message = body.choices?.[0]?.message ?? {};
    said.text = message.content ?? message.refusal ?? "";
    said.thought = message.reasoning_content ?? "";
    said.calls = (message.tool_calls ?? []).map((one: Any) => ({ name: one.function?.name, arguments: one.function?.arguments }));
  } else if (protocol === "messages") {
    for (const block of body.content ?? []) {
      if (block.type === "text") said.text += block.text;
      if (block.type === "thinking") said.thought += block.thinking;
      if (block.type === "tool_use") said.calls.push({ name: block.name, arguments: JSON.stringify(block.input) });
    }
  } else {
    for (const item of body.output ?? []) {
      if (item.type === "message") said.text += (item.content ?? []).map((one: Any) => one.text ?? one.refusal ?? "").join("");
      if (item.type === "reasoning") said.thought += (item.summary ?? []).map((one: Any) => one.text ?? "").join("\n");
      if (item.type === "function_call") said.calls.push({ name: item.name, arguments: item.arguments });
    }
  }
  return said;
}

/** The same request for a program. */
export function asCode(asked: Asked, key: string): readonly (readonly [id: string, title: string, text: string])[] {
  const body = write(asked.media ? { ...asked, media: { ...asked.media, url: `${asked.media.url.slice(0, 48)}…` } } : asked);
  const json = JSON.stringify(body, null, 2);
  const curl = `curl ${asked.stream ? "-N " : ""}${API}${PATHS[asked.protocol]} \\\n  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\\n  -d '${json.replaceAll("'", "'\\''")}'`;
  const call = { chat: "chat.completions.create", messages: "messages.create", responses: "responses.create" }[asked.protocol];
  const anthropic = asked.protocol === "messages";
  const written = Object.entries(body).map(([name, value]) => `    ${name}=${python(value, 4)},`).join("\n");
  const made = anthropic ? `from anthropic import Anthropic\n\nclient = Anthropic(base_url="${API}", api_key="${key}")` : `from openai import OpenAI\n\nclient = OpenAI(base_url="${API}/v1", api_key="${key}")`;
  const node = anthropic
    ? `import Anthropic from "@anthropic-ai/sdk";\n\nconst client = new Anthropic({ baseURL: "${API}", apiKey: "${key}" });`
    : `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${API}/v1", apiKey: "${key}" });`;
  return [
    ["curl", "curl", curl],
    ["python", "Python", `${made}\nanswer = client.${call}(\n${written}\n)\n${asked.stream ? "for part in answer:\n    print(part)" : "print(answer)"}`],
    ["node", "Node", `${node}\nconst answer = await client.${call}(${json});\n${asked.stream ? "for await (const part of answer) console.log(part);" : "console.log(answer);"}`],
  ];
}

/** A value as Python writes it. A JSON text is a Python text as it stands. */
function python(value: unknown, indent: number): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = " ".repeat(indent + 4);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts = Array.isArray(value)
    ? value.map((one) => python(one, indent + 4))
    : Object.entries(value).filter(([, one]) => one !== undefined).map(([name, one]) => `${JSON.stringify(name)}: ${python(one, indent + 4)}`);
  return parts.length === 0 ? open + close : `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${" ".repeat(indent)}${close}`;
}
