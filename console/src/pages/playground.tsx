import { useSignal } from "@preact/signals";
import { createParser } from "eventsource-parser";
import { useRef } from "preact/hooks";

import { ask, credentials, HERE, Refused, send, wrongKey } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Models } from "../api/types";
import { count, duration, words } from "../format";
import { Code } from "../parts/copy";
import { Choice, Field, Segment } from "../parts/field";
import { Money } from "../parts/money";
import { Loaded, Notice } from "../parts/notice";
import { Tabs } from "../parts/tabs";
import { place, to } from "../route";
import { type Asked, asCode, hear, type Media, nothing, PATHS, type Protocol, type Said, take, type Tool, write } from "./wire";

const PROTOCOLS = [
  ["chat", "Chat"],
  ["messages", "Messages"],
  ["responses", "Responses"],
] as const;
const LARGEST = 4_000_000;
const TOOL = JSON.stringify(
  [{ name: "get_weather", description: "The weather of a city.", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }],
  null,
  2,
);
interface Told {
  id: string;
  charge: string;
  dropped: string[];
  first: number | null;
  all: number | null;
  state: "running" | "done" | "stopped";
}

/** Of a management key's session: a key that calls models, for as long as the tab is there. */
const caller = { key: "" };

export function Playground() {
  const models = useLoading((signal) => ask<Models>("/v1/models", signal), []);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Playground</h1>
          <p>Any chat model, by any of the three protocols; charged like every other request.</p>
        </div>
      </div>
      <Loaded from={models} what="the models" lines={8}>
        {(found) => <Bench ids={newestFirst(found).map((one) => one.id)} />}
      </Loaded>
    </>
  );
}

function newestFirst(found: Models): Models["data"] {
  return found.data.filter((one) => one.kind === "chat").sort((one, other) => (other.created ?? 0) - (one.created ?? 0) || one.id.localeCompare(other.id));
}

function Bench({ ids }: { ids: string[] }) {
  const wanted = place.value.asked.get("model");
  const protocol = useSignal<Protocol>("chat");
  const model = useSignal(wanted && ids.includes(wanted) ? wanted : (ids[0] ?? ""));
  const system = useSignal("");
  const prompt = useSignal("");
  const most = useSignal("");
  const stream = useSignal(true);
  const thinking = useSignal(false);
  const offered = useSignal(false);
  const tools = useSignal(TOOL);
  const media = useSignal<Media | null>(null);
  const key = useSignal(caller.key);
  const wrong = useSignal<Record<string, string>>({});
  const said = useSignal<Said | null>(null);
  const told = useSignal<Told | null>(null);
  const refused = useSignal<Refused | null>(null);
  const abort = useRef<AbortController | null>(null);
  const running = told.value?.state === "running";

  const asked = (): Asked => ({
    protocol: protocol.value,
    model: model.value,
    system: system.value.trim(),
    prompt: prompt.value,
    media: media.value,
    stream: stream.value,
    thinking: thinking.value,
    tools: offered.value ? (parsed(tools.value) ?? []) : [],
    most: /^[1-9]\d*$/.test(most.value.trim()) ? Number(most.value) : null,
  });

  const check = (): Record<string, string> => {
    const found: Record<string, string> = {};
    if (!prompt.value.trim()) found.prompt = "Write what the model is asked.";
    if (most.value.trim() && !/^[1-9]\d{0,6}$/.test(most.value.trim())) found.most = "Write a whole number of tokens, or leave it empty.";
    if (offered.value && parsed(tools.value) === null) found.tools = "This is not a list of tools as JSON, each with a name and parameters.";
    const fault = session.manages.value ? wrongKey(key.value.trim()) : null;
    if (fault) found.caller = fault;
    return found;
  };

  const run = async (event: SubmitEvent) => {
    event.preventDefault();
    if (running) return;
    wrong.value = check();
    const first = Object.keys(wrong.value)[0];
    if (first) return document.getElementById(`field-${first}`)?.focus();
    caller.key = key.value.trim();
    abort.current = new AbortController();
    refused.value = null;
    said.value = nothing();
    const began = performance.now();
    const state: Told = { id: "", charge: "", dropped: [], first: null, all: null, state: "running" };
    const show = (more: Partial<Told>) => (told.value = { ...Object.assign(state, more) });
    show({});
    try {
      const headers = { "x-interchange-usage": "cost", ...(session.manages.value ? credentials(caller.key) : {}) };
      const answer = await send("POST", PATHS[protocol.value], write(asked()), headers, abort.current.signal);
      show({ id: answer.headers.get("x-interchange-request-id") ?? "", charge: answer.headers.get("x-interchange-charge-usd") ?? "", dropped: (answer.headers.get("x-interchange-dropped") ?? "").split(", ").filter(Boolean) });
      if (answer.headers.get("content-type")?.startsWith("text/event-stream")) await follow(answer, () => state.first === null && show({ first: performance.now() - began }));
      else said.value = take(protocol.value, await answer.json());
      const cost = said.value?.usage.cost;
      show({ state: "done", all: performance.now() - began, charge: state.charge || (cost === undefined ? "" : String(cost)) });
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === "AbortError";
      show({ state: "stopped", all: performance.now() - began });
      if (!stopped) refused.value = error instanceof Refused ? error : new Refused("The answer broke off. What had come is kept above.", 0);
    }
  };

  const follow = async (answer: Response, onFirst: () => void): Promise<void> => {
    const kept = said.value ?? nothing();
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data === "[DONE]") return;
        hear(protocol.value, kept, JSON.parse(data));
        if (kept.text || kept.thought || kept.calls.length > 0) onFirst();
        said.value = { ...kept };
      },
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) parser.feed(part.value);
  };

  const pick = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    media.value = null;
    const { media: _, ...rest } = wrong.value;
    wrong.value = rest;
    if (!file) return;
    if (file.size > LARGEST) {
      wrong.value = { ...rest, media: "The file is larger than 4 MB, which is the most that fits into one request here." };
      return;
    }
    media.value = { name: file.name, type: file.type || "application/octet-stream", url: await dataUrl(file) };
  };

  return (
    <div class="play">
      <form class="card stack asks" onSubmit={run} novalidate>
        {session.manages.value && (
          <Field label="Key that calls" name="caller" type="password" autocomplete="off" value={key.value} onInput={(event) => (key.value = event.currentTarget.value)} wrong={wrong.value.caller} hint="A management key calls no model: paste an ordinary one." />
        )}
        <Segment label="Protocol" name="protocol" value={protocol.value} options={PROTOCOLS} onPick={(value) => (protocol.value = value as Protocol)} />
        <Choice label="Model" name="model" value={model.value} options={ids.map((id) => [id, id] as const)} onPick={(value) => (model.value = value)} />
        <div class="field">
          <label for="field-system">Instructions</label>
          <textarea id="field-system" rows={2} value={system.value} onInput={(event) => (system.value = event.currentTarget.value)} />
        </div>
        <div class="field">
          <label for="field-prompt">Prompt</label>
          <textarea id="field-prompt" rows={3} value={prompt.value} aria-invalid={wrong.value.prompt ? "true" : undefined} aria-describedby={wrong.value.prompt ? "field-prompt-wrong" : undefined} onInput={(event) => (prompt.value = event.currentTarget.value)} />
          {wrong.value.prompt && (
            <span class="wrong" id="field-prompt-wrong" role="alert">
              {wrong.value.prompt}
            </span>
          )}
        </div>
        <div class="row">
          <Check label="Stream" box={stream} />
          <Check label="Think first" box={thinking} />
          <Check label="Offer tools" box={offered} />
        </div>
        {offered.value && (
          <div class="field">
            <label for="field-tools">Tools</label>
            <textarea id="field-tools" class="mono small" rows={8} spellcheck={false} value={tools.value} aria-invalid={wrong.value.tools ? "true" : undefined} aria-describedby={wrong.value.tools ? "field-tools-wrong" : undefined} onInput={(event) => (tools.value = event.currentTarget.value)} />
            {wrong.value.tools && (
              <span class="wrong" id="field-tools-wrong" role="alert">
                {wrong.value.tools}
              </span>
            )}
          </div>
        )}
        <Field label="Image or PDF" name="media" type="file" accept="image/*,application/pdf" onChange={pick} wrong={wrong.value.media} />
        <Field label="Longest answer" name="most" inputMode="numeric" unit="tokens" placeholder="the model's own" value={most.value} onInput={(event) => (most.value = event.currentTarget.value)} wrong={wrong.value.most} />
        <div class="row foot">
          <button class="btn main" type="submit" aria-disabled={running}>
            Send
          </button>
          <button class="btn" type="button" aria-disabled={!running} onClick={() => abort.current?.abort()}>
            Stop
          </button>
        </div>
      </form>
      <div class="stack">
        <section class="card stack" aria-label="Answer" aria-busy={running}>
          <h2>Answer</h2>
          {refused.value && <Notice kind="bad">{refused.value.message}</Notice>}
          {said.value?.trouble && <Notice kind="bad">{said.value.trouble}</Notice>}
          {!said.value && !refused.value && <p class="soft">It comes here as it is written.</p>}
          {said.value?.thought && <div class="answer thought">{said.value.thought}</div>}
          <div class="answer">{said.value?.text}</div>
          {said.value?.calls.map((call, at) => (
            <div key={at} class="stack tight">
              <p class="small soft">The model calls a tool:</p>
              <Code text={`${call.name}(${call.arguments})`} what="tool call" />
            </div>
          ))}
          {told.value && <Account told={told.value} said={said.value} />}
        </section>
        <section class="card stack tight">
          <h2>As code</h2>
          <Tabs label="Languages" id="as-code" tabs={[["curl", "curl"], ["python", "Python"], ["node", "Node"]]}>
            {(chosen) => <Code text={asCode(asked(), session.manages.value ? "sk-YOUR_KEY" : session.key.value).find(([id]) => id === chosen)?.[2] ?? ""} what="the request as code" />}
          </Tabs>
        </section>
      </div>
    </div>
  );
}

function Check({ label, box }: { label: string; box: { value: boolean } }) {
  return (
    <label class="check">
      <input type="checkbox" checked={box.value} onChange={() => (box.value = !box.value)} />
      {label}
    </label>
  );
}

function Account({ told, said }: { told: Told; said: Said | null }) {
  const tokens = Object.entries(said?.usage ?? {}).filter((one): one is [string, number] => typeof one[1] === "number" && one[0] !== "cost" && one[1] > 0);
  return (
    <div class="stack tight">
      <p class="told" role="status">
        <span>{told.state === "running" ? "Running…" : told.state === "stopped" ? "Stopped" : "Done"}</span>
        {told.charge && (
          <span>
            Charge <Money usd={told.charge} />
          </span>
        )}
        {told.first !== null && <span>First byte {duration(told.first)}</span>}
        {told.all !== null && <span>In all {duration(told.all)}</span>}
        {tokens.map(([name, value]) => (
          <span key={name}>
            {words(name)} {count(value)}
          </span>
        ))}
        {told.id && told.state !== "running" && <a href={to("requests", told.id)}>Its account</a>}
      </p>
      {told.dropped.length > 0 && (
        <Notice kind="warn">
          Did not reach the model: <span class="mono">{told.dropped.join(", ")}</span>. Its own API has no word for it (<a href={`${HERE}/docs/compatibility`}>what does</a>).
        </Notice>
      )}
    </div>
  );
}

function parsed(text: string): Tool[] | null {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) && found.every((one) => typeof (one as Tool | null)?.name === "string") ? (found as Tool[]) : null;
  } catch {
    return null;
  }
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Refused("The file could not be read.", 0));
    reader.readAsDataURL(file);
  });
}
