import { useSignal } from "@preact/signals";

import { ask, askAll, everyLine, query, Refused, save } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Keys, Usage, UsageLine } from "../api/types";
import { brief, brieflyDated, count, duration } from "../format";
import { Chart, dollars, type Series } from "../parts/chart";
import { Choice, Segment } from "../parts/field";
import { Money } from "../parts/money";
import { First } from "../parts/more";
import { Empty, Loaded, Notice } from "../parts/notice";
import { asked, say, to } from "../route";

const RANGES = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;
const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;

export function Activity() {
  const range = one(asked("range"), RANGES.map(([days]) => days), "30");
  const by = one(asked("by"), ["model", "key", "user"], "model");
  const only = { model: asked("model"), key: asked("key") };
  const since = new Date(Date.now() - (Number(range) - 1) * DAY_MS).toISOString().slice(0, 10);
  const manages = session.manages.value;
  const again = [range, only.model, only.key, session.key.value];
  const path = (groups: string, more: { model?: string; key?: string } = only, cursor: string | null = null) => `/v1/usage${query({ since, by: groups, ...more, cursor })}`;
  const days = useLoading((signal) => ask<Usage>(path("day"), signal), again, REFRESH_MS);
  const usage = useLoading((signal) => askAll<Usage>((cursor) => path(`day,${by}`, only, cursor), signal), [by, ...again], REFRESH_MS);
  const models = useLoading((signal) => ask<Usage>(path("model"), signal), again, REFRESH_MS);
  const all = useLoading((signal) => ask<Usage>(path("model", { key: only.key }), signal), [range, only.key, session.key.value]);
  const keys = useLoading<Keys | null>((signal) => (manages ? ask<Keys>("/v1/keys", signal) : Promise.resolve(null)), [manages]);
  const names = new Map((keys.value.value?.data ?? []).map((found) => [found.id, found.name]));
  const used = (all.value.value?.data ?? []).map((line) => line.model ?? "");
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Activity</h1>
          <p>{manages ? "Everything that the account's keys did." : "What this key did. A management key shows the whole account."} Days are UTC days.</p>
        </div>
        <div class="row">
          <Segment label="Range" name="range" value={range} options={RANGES} onPick={(value) => say({ range: value })} />
        </div>
      </div>
      <div class="stack">
        <div class="filters" role="search">
          <Choice label="Model" name="model" value={only.model} options={options("All models", [...new Set([...used, only.model])].map((id) => [id, id]))} onPick={(value) => say({ model: value })} />
          {manages && <Choice label="Key" name="key" value={only.key} options={options("All keys", [...names])} onPick={(value) => say({ key: value })} />}
          <File path={(cursor) => path(`day,model${manages ? ",key" : ""}`, only, cursor || null)} />
        </div>
        <Loaded from={days} what="the sums">
          {(found) => <Figures usage={found} />}
        </Loaded>
        <Loaded from={usage} what="the days" lines={9}>
          {(found) => (found.requests === 0 ? <Nothing /> : <Charts usage={found} days={days.value.value} by={by} names={names} onBy={(value) => say({ by: value })} />)}
        </Loaded>
        {models.value.value && <ByModel usage={models.value.value} />}
      </div>
    </>
  );
}

function options(none: string, found: (readonly [string, string])[]): (readonly [string, string])[] {
  return [["", none], ...found.filter(([id]) => id)];
}

/** What is shown as a file, a line for each day, model and key. */
function File({ path }: { path: (cursor: string) => string }) {
  const trouble = useSignal("");
  const busy = useSignal(false);
  const make = async () => {
    trouble.value = "";
    busy.value = true;
    try {
      save((await everyLine(path)).text, "activity.csv");
    } catch (error) {
      trouble.value = error instanceof Refused ? error.message : "The file could not be made. Try again in a moment.";
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <button class="btn" type="button" onClick={make} disabled={busy.value} aria-label="Save this activity as CSV">
        {busy.value ? "Saving…" : "CSV"}
      </button>
      {trouble.value && <Notice kind="bad">{trouble.value}</Notice>}
    </>
  );
}

/** What was asked for, where it is one of those that there are. */
function one(said: string, known: readonly string[], otherwise: string): string {
  return known.includes(said) ? said : otherwise;
}

function Nothing() {
  return (
    <div class="card">
      <Empty title="Nothing yet in these days">
        <p>
          Make a first call from the <a href={to("playground")}>playground</a>, or with the snippets of a <a href={to("models")}>model</a>.
        </p>
      </Empty>
    </div>
  );
}

function Figures({ usage }: { usage: Usage }) {
  return (
    <dl class="cards">
      <div class="card figure">
        <dt>Spent</dt>
        <dd>
          <Money usd={usage.charged_usd} />
        </dd>
        <dd>
          {brieflyDated(usage.since)} to {brieflyDated(usage.until)}
        </dd>
      </div>
      <div class="card figure">
        <dt>Requests</dt>
        <dd>{count(usage.requests)}</dd>
        <dd>{usage.failed ? `${share(usage.failed, usage.requests)} failed (${count(usage.failed)})` : "none failed"}</dd>
      </div>
      <div class="card figure">
        <dt>First byte</dt>
        <dd>{duration(usage.first_byte_p50_ms)}</dd>
        <dd>{typeof usage.first_byte_p95_ms === "number" ? `95 of 100 within ${duration(usage.first_byte_p95_ms)}` : "no request has one"}</dd>
      </div>
      <div class="card figure">
        <dt>Tokens</dt>
        <dd>{brief(usage.input_tokens + usage.output_tokens)}</dd>
        <dd>
          {brief(usage.input_tokens)} in, {brief(usage.output_tokens)} out
        </dd>
      </div>
      <div class="card figure">
        <dt>Saved by caching</dt>
        <dd>
          <Money usd={usage.saved_by_caching_usd} />
        </dd>
        <dd>{brief(usage.cached_tokens)} tokens from caches</dd>
      </div>
    </dl>
  );
}

/** Parts of the input and the output, none of which is in another. */
const KINDS: [look: string, name: string, of: (line: UsageLine) => number][] = [
  ["c0", "input", (line) => line.input_tokens - line.cached_tokens - line.cache_write_tokens],
  ["c3", "cached input", (line) => line.cached_tokens],
  ["c4", "written to caches", (line) => line.cache_write_tokens],
  ["c1", "output", (line) => line.output_tokens - line.reasoning_tokens],
  ["c2", "reasoning", (line) => line.reasoning_tokens],
];

interface Charted {
  usage: Usage;
  /** A line a day. */
  days: Usage | null;
  by: string;
  names: Map<string, string>;
  onBy: (value: string) => void;
}

function Charts({ usage, days: daily, by, names, onBy }: Charted) {
  const manages = session.manages.value;
  const days = daysOf(usage);
  const group = (line: UsageLine): string => {
    const found = (line as unknown as Record<string, string | null | undefined>)[by] ?? "";
    return (by === "key" && names.get(found)) || found || "(none)";
  };
  const stack = (value: (line: UsageLine) => number, name: (line: UsageLine) => string): Series[] => {
    const found = new Map<string, number[]>();
    for (const line of usage.data) {
      const values = found.get(name(line)) ?? found.set(name(line), days.map(() => 0)).get(name(line));
      const at = days.indexOf(line.day ?? "");
      if (values && at >= 0) values[at] = (values[at] ?? 0) + value(line);
    }
    return [...found].map(([title, values]) => ({ name: title, values }));
  };
  const kinds = KINDS.flatMap(([look, name, of]) => looks(look, stack(of, () => name))).filter((series) => series.values.some(Boolean));
  const outcomes = [
    ...looks("c0", stack((line) => line.requests - line.failed, () => "good")),
    ...looks("failed", stack((line) => line.failed, () => "failed")).map((series) => ({ ...series, striped: true })),
  ];
  const lines = new Map((daily?.data ?? []).map((line) => [line.day, line]));
  const each = (value: (line: UsageLine) => number | null | undefined): (number | null)[] => days.map((day) => {
    const line = lines.get(day);
    return (line && value(line)) ?? null;
  });
  const failing: Series[] = [{ name: "failed", look: "failed", values: each((line) => (line.requests ? line.failed / line.requests : null)) }];
  const waits: Series[] = [
    { name: "half within", look: "c0", values: each((line) => line.first_byte_p50_ms) },
    { name: "95 of 100 within", look: "c1", striped: true, values: each((line) => line.first_byte_p95_ms) },
  ];
  const choices = [["model", "Model"], ...(manages ? [["key", "Key"] as const] : []), ["user", "User"]] as const;
  return (
    <>
      <section class="card">
        <header>
          <h2>Spending a day</h2>
          <Choice label="Stacked by" name="by" value={by} options={choices} onPick={onBy} />
        </header>
        <Chart title="Spending a day" days={days} series={stack((line) => Number(line.charged_usd), group)} write={dollars} />
      </section>
      <div class="two">
        <Card title="Tokens by kind" days={days} series={kinds} write={brief} />
        <Card title="Requests and failures" days={days} series={outcomes} write={brief} />
        <Card title="Error rate" days={days} series={failing} write={percent} lines />
        <Card title="First byte" days={days} series={waits} write={duration} lines />
      </div>
    </>
  );
}

function Card(chart: Parameters<typeof Chart>[0]) {
  return (
    <section class="card">
      <header>
        <h2>{chart.title}</h2>
      </header>
      <Chart {...chart} />
    </section>
  );
}

const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;
const looks = (look: string, series: Series[]): Series[] => series.map((one) => ({ ...one, look }));

function daysOf(usage: Usage): string[] {
  const first = Date.parse(usage.since);
  const length = Math.round((Date.parse(usage.until) - first) / DAY_MS) + 1;
  return Array.from({ length }, (_, at) => new Date(first + at * DAY_MS).toISOString().slice(0, 10));
}

/** How each model did over the range. */
function ByModel({ usage }: { usage: Usage }) {
  if (usage.requests === 0) return null;
  const rows = [...usage.data].sort((one, other) => other.requests - one.requests);
  return (
    <section class="card flush">
      <header>
        <h2>By model</h2>
        <p class="small soft">First byte: within it, half of the requests and 95 of 100.</p>
      </header>
      <First rows={rows}>
        {(shown) => (
      <div class="scroll" tabIndex={0} role="region" aria-label="By model">
        <table class="folds">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" class="n">Requests</th>
              <th scope="col" class="n">Failed</th>
              <th scope="col" class="n">First byte, p50</th>
              <th scope="col" class="n">p95</th>
              <th scope="col" class="n">Spent</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.model}>
                <th scope="row" class="mono">{one.model}</th>
                <td class="n" data-name="Requests">{count(one.requests)}</td>
                <td class="n" data-name="Failed">{share(one.failed, one.requests)}</td>
                <td class="n" data-name="First byte, p50">{duration(one.first_byte_p50_ms)}</td>
                <td class="n" data-name="First byte, p95">{duration(one.first_byte_p95_ms)}</td>
                <td class="n" data-name="Spent">
                  <Money usd={one.charged_usd} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
        )}
      </First>
    </section>
  );
}

const share = (part: number, all: number): string => (all ? percent(part / all) : "–");
