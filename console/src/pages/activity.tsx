import { ask, query } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Keys, Models, Usage, UsageLine } from "../api/types";
import { brief, brieflyDated, count, duration } from "../format";
import { dollars, type Series, Stacked } from "../parts/chart";
import { Choice, Segment } from "../parts/field";
import { Money } from "../parts/money";
import { First } from "../parts/more";
import { Empty, Loaded } from "../parts/notice";
import { asked, say, to } from "../route";
import { priceOf } from "./catalog";

const RANGES = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;
const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;
const MILLION = 1_000_000;

export function Activity() {
  const range = one(asked("range"), RANGES.map(([days]) => days), "30");
  const by = one(asked("by"), ["model", "key", "user"], "model");
  const since = new Date(Date.now() - (Number(range) - 1) * DAY_MS).toISOString().slice(0, 10);
  const usage = useLoading((signal) => ask<Usage>(`/v1/usage${query({ since, by: `day,${by}` })}`, signal), [range, by, session.key.value], REFRESH_MS);
  const models = useLoading((signal) => ask<Usage>(`/v1/usage${query({ since, by: "model" })}`, signal), [range, session.key.value], REFRESH_MS);
  const manages = session.manages.value;
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
        <Loaded from={models} what="the sums">
          {(found) => <Figures usage={found} />}
        </Loaded>
        <Loaded from={usage} what="the days" lines={9}>
          {(found) => (found.requests === 0 ? <Nothing /> : <Charts usage={found} by={by} onBy={(value) => say({ by: value })} />)}
        </Loaded>
        {models.value.value && <ByModel usage={models.value.value} />}
      </div>
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

function sum(lines: UsageLine[], name: "input_tokens" | "cached_tokens" | "output_tokens"): number {
  return lines.reduce((all, one) => all + one[name], 0);
}

/** What the cached tokens would have cost more at the price of input, as the catalog has it now. */
function saved(lines: UsageLine[], listed: Models | null): number | null {
  if (listed === null) return null;
  const known = new Map(listed.data.map((one) => [one.id, one]));
  return lines.reduce((all, line) => {
    const model = known.get(line.model ?? "");
    const [whole, read] = model ? [priceOf(model, "input"), priceOf(model, "cache")] : [undefined, undefined];
    return whole && read ? all + (line.cached_tokens * (Number(whole) - Number(read))) / MILLION : all;
  }, 0);
}

function Figures({ usage }: { usage: Usage }) {
  const listed = useLoading((signal) => ask<Models>("/v1/models", signal), []);
  const lines = usage.data;
  const kept = saved(lines, listed.value.value);
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
        <dd>{brief(sum(lines, "input_tokens") + sum(lines, "output_tokens"))}</dd>
        <dd>{brief(sum(lines, "input_tokens"))} in, {brief(sum(lines, "output_tokens"))} out</dd>
      </div>
      <div class="card figure">
        <dt>Saved by caching</dt>
        <dd>{kept === null ? "–" : dollars(kept)}</dd>
        <dd>{brief(sum(lines, "cached_tokens"))} tokens from caches</dd>
      </div>
    </dl>
  );
}

function Charts({ usage, by, onBy }: { usage: Usage; by: string; onBy: (value: string) => void }) {
  const manages = session.manages.value;
  const keys = useLoading<Keys | null>((signal) => (manages ? ask<Keys>("/v1/keys", signal) : Promise.resolve(null)), [manages]);
  const names = new Map((keys.value.value?.data ?? []).map((one) => [one.id, one.name]));
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
  const kinds = [
    ...looks("c0", stack((line) => line.input_tokens - line.cached_tokens, () => "input")),
    ...looks("c3", stack((line) => line.cached_tokens, () => "cached input")),
    ...looks("c1", stack((line) => line.output_tokens, () => "output")),
  ];
  const outcomes = [
    ...looks("c0", stack((line) => line.requests - line.failed, () => "good")),
    ...looks("failed", stack((line) => line.failed, () => "failed")).map((one) => ({ ...one, striped: true })),
  ];
  const choices = [["model", "Model"], ...(manages ? [["key", "Key"] as const] : []), ["user", "User"]] as const;
  return (
    <>
      <section class="card">
        <header>
          <h2>Spending a day</h2>
          <Choice label="Stacked by" name="by" value={by} options={choices} onPick={onBy} />
        </header>
        <Stacked title="Spending a day" days={days} series={stack((line) => Number(line.charged_usd), group)} write={dollars} />
      </section>
      <div class="two">
        <section class="card">
          <header>
            <h2>Tokens by kind</h2>
          </header>
          <Stacked title="Tokens by kind" days={days} series={kinds} write={brief} />
        </section>
        <section class="card">
          <header>
            <h2>Requests and failures</h2>
          </header>
          <Stacked title="Requests and failures" days={days} series={outcomes} write={brief} />
        </section>
      </div>
    </>
  );
}

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

const share = (part: number, all: number): string => (all ? `${((part / all) * 100).toFixed(1)}%` : "–");
