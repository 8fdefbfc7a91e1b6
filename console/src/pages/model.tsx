import { useSignal } from "@preact/signals";

import { session } from "../api/session";
import type { Model } from "../api/types";
import { count, date, initial, words } from "../format";
import { exact, price, shown } from "../money";
import { Code, Copy } from "../parts/copy";
import { Field } from "../parts/field";
import { Notice } from "../parts/notice";
import { Tabs } from "../parts/tabs";
import { to } from "../route";
import { KINDS, priceOf, vendor } from "./catalog";
import { snippets } from "./snippets";

const MILLION = 1_000_000;

/** A model's whole account: facts, every price, what so many requests cost, and how each client calls it. */
export function ModelAccount({ model }: { model: Model }) {
  const made = snippets({ id: model.id, kind: model.kind, key: session.manages.value ? "sk-YOUR_KEY" : session.key.value || "sk-YOUR_KEY" });
  return (
    <div class="stack">
      <div class="row">
        <strong class="mono">{model.id}</strong>
        <Copy text={model.id} what="the model's id" />
        {model.kind === "chat" && (
          <a class="btn small" href={`${to("playground")}?model=${encodeURIComponent(model.id)}`}>
            Try it
          </a>
        )}
      </div>
      {model.deprecation && <Ending {...model.deprecation} />}
      <div class="two">
        <section class="stack tight">
          <h2>About it</h2>
          <dl class="facts">
            <Fact name="Vendor" value={vendor(model)} />
            <Fact name="Kind" value={KINDS[model.kind] ?? model.kind} />
            <Fact name="Context" value={model.context_window ? `${count(model.context_window)} tokens` : ""} />
            <Fact name="Longest answer" value={model.max_output_tokens ? `${count(model.max_output_tokens)} tokens` : ""} />
            <Fact name="Reads" value={(model.input_modalities ?? []).join(", ")} />
            <Fact name="Writes" value={(model.output_modalities ?? []).join(", ")} />
            <Fact name="Also called" value={(model.aliases ?? []).join(", ")} />
            <Fact name="Endpoints" value={(model.endpoints ?? []).join(", ")} />
          </dl>
        </section>
        <section class="stack tight">
          <h2>Prices</h2>
          <dl class="facts">{prices(model.pricing as Record<string, unknown>)}</dl>
        </section>
      </div>
      {priceOf(model, "input") && <Calculator model={model} />}
      <section class="stack tight">
        <h2>Call it</h2>
        <Tabs label="Clients" id={`code-${model.id.replaceAll(/\W/g, "-")}`} tabs={made.map(([id, title]) => [id, title] as const)}>
          {(chosen) => <Code text={made.find(([id]) => id === chosen)?.[2] ?? ""} what="code" />}
        </Tabs>
      </section>
    </div>
  );
}

/** From which day on a model is served no longer, and the way to the one that takes its place. */
function Ending({ date: day, successor }: { date: string; successor: string | null }) {
  return (
    <Notice kind="warn">
      It is not served from {date(day)} on.{" "}
      {successor && (
        <>
          <a href={to("models", successor)}>
            <span class="mono">{successor}</span>
          </a>{" "}
          takes its place.
        </>
      )}
    </Notice>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return value ? (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  ) : null;
}

/** Each price under its name; what differs by tier or size is named before it. */
function prices(found: Record<string, unknown>, before = ""): preact.ComponentChildren[] {
  return Object.entries(found).flatMap(([name, value]) => {
    const said = `${before}${words(name)}`;
    if (typeof value === "string") return [<Fact key={said} name={initial(said)} value={price(value)} />];
    if (Array.isArray(value)) {
      return value.flatMap((tier: { above?: number; rates?: Record<string, unknown> }) => prices(tier.rates ?? {}, `above ${count(tier.above ?? 0)} tokens: `));
    }
    return value && typeof value === "object" ? prices(value as Record<string, unknown>, `${said}: `) : [];
  });
}

function Calculator({ model }: { model: Model }) {
  const requests = useSignal("1000");
  const input = useSignal("2000");
  const cached = useSignal("0");
  const output = useSignal("500");
  const number = (text: string) => (/^\d{1,12}$/.test(text.trim()) ? Number(text) : Number.NaN);
  const [times, all, read, written] = [number(requests.value), number(input.value), number(cached.value), number(output.value)];
  const rate = (column: "input" | "cache" | "output") => Number(priceOf(model, column) ?? (column === "cache" ? priceOf(model, "input") : 0));
  const part = Math.min(read, all);
  const total = (times * ((all - part) * rate("input") + part * rate("cache") + written * rate("output"))) / MILLION;
  const wrong = (text: string) => (Number.isNaN(number(text)) ? "Write a whole number." : null);
  const id = model.id.replaceAll(/\W/g, "-");
  const boxes = [
    ["Requests", requests, "requests"],
    ["Input each", input, "input"],
    ["Of it cached", cached, "cached"],
    ["Output each", output, "output"],
  ] as const;
  return (
    <section class="stack tight">
      <h2>What it would cost</h2>
      <div class="form calculator">
        {boxes.map(([label, box, name]) => (
          <Field key={name} label={label} name={`${name}-${id}`} inputMode="numeric" unit={name === "requests" ? undefined : "tokens"} value={box.value} wrong={wrong(box.value)} onInput={(event) => (box.value = event.currentTarget.value)} />
        ))}
        <p class="sum" role="status">
          <span class="small soft">Together</span>
          <strong title={Number.isFinite(total) ? exact(total.toFixed(9)) : ""}>{Number.isFinite(total) ? shown(String(total)) : "–"}</strong>
        </p>
      </div>
      <p class="small soft">At the base prices, without long-context or service tiers; what a request really cost is in its account.</p>
    </section>
  );
}
