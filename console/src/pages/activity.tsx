import { useSignal } from "@preact/signals";

import { ask, query } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Keys, Models, Requests, Usage, UsageLine } from "../api/types";
import { brief, count, duration } from "../format";
import { dollars, type Series, Stacked } from "../parts/chart";
import { Choice, Segment } from "../parts/field";
import { Money } from "../parts/money";
import { Empty, Loaded, Notice } from "../parts/notice";
import { to } from "../route";
import { priceOf } from "./catalog";

const RANGES = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;
const DAY_MS = 86_400_000;
const LATEST = 500;
const REFRESH_MS = 60_000;
const MILLION = 1_000_000;

export function Activity() {
  const range = useSignal("30");
  const by = useSignal("model");
  const since = new Date(Date.now() - (Number(range.value) - 1) * DAY_MS).toISOString().slice(0, 10);
  const usage = useLoading((signal) => ask<Usage>(`/v1/usage${query({ since, by: `day,${by.value}` })}`, signal), [range.value, by.value, session.key.value], REFRESH_MS);
  const models = useLoading((signal) => ask<Usage>(`/v1/usage${query({ since, by: "model" })}`, signal), [range.value, session.key.value], REFRESH_MS);
  const manages = session.manages.value;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Activity</h1>
          <p>{manages ? "Everything that the account's keys did." : "What this key did. A management key shows the whole account."} Days are UTC days.</p>
        </div>
        <div class="row">
          <Segment label="Range" name="range" value={range.value} options={RANGES} onPick={(value) => (range.value = value)} />
        </div>
      </div>
      <div class="stack">
        <Loaded from={models} what="the sums">
          {(found) => <Figures usage={found} />}
        </Loaded>
        <Loaded from={usage} what="the days" lines={9}>
          {(found) => (found.requests === 0 ? <Nothing /> : <Charts usage={found} by={by.value} onBy={(value) => (by.value = value)} />)}
        </Loaded>
        <Latency since={since} />
      </div>
    </>
  );
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

function sum(lines: UsageLine[], name: "failed" | "input_tokens" | "cached_tokens" | "output_tokens"): number {
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
  const failed = sum(lines, "failed");
  const kept = saved(lines, listed.value.value);
  return (
    <dl class="cards">
      <div class="card figure">
        <dt>Spent</dt>
        <dd>
          <Money usd={usage.charged_usd} />
        </dd>
        <dd>{usage.since} to {usage.until}</dd>
      </div>
      <div class="card figure">
        <dt>Requests</dt>
        <dd>{count(usage.requests)}</dd>
        <dd>{usage.requests ? `${((failed / usage.requests) * 100).toFixed(1)}% failed (${count(failed)})` : "none failed"}</dd>
      </div>
      <div class="card figure">
        <dt>Tokens</dt>
        <dd>{brief(sum(lines, "input_tokens") + sum(lines, "output_tokens"))}</dd>
        <dd>{brief(sum(lines, "input_tokens"))} in, {brief(sum(lines, "output_tokens"))} out</dd>
      </div>
      <div class="card figure">
        <dt>Saved by caching</dt>
        <dd>{kept === null ? "–" : dollars(kept)}</dd>
        <dd>{brief(sum(lines, "cached_tokens"))} tokens read from caches</dd>
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
    ...stack((line) => line.input_tokens - line.cached_tokens, () => "input"),
    ...stack((line) => line.cached_tokens, () => "cached input"),
    ...stack((line) => line.output_tokens, () => "output"),
  ];
  const outcomes = [...stack((line) => line.requests - line.failed, () => "good"), ...stack((line) => line.failed, () => "failed")];
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

function daysOf(usage: Usage): string[] {
  const first = Date.parse(usage.since);
  const length = Math.round((Date.parse(usage.until) - first) / DAY_MS) + 1;
  return Array.from({ length }, (_, at) => new Date(first + at * DAY_MS).toISOString().slice(0, 10));
}

/** Of the latest requests: rows have the times, sums do not. */
function Latency({ since }: { since: string }) {
  const found = useLoading((signal) => ask<Requests>(`/v1/requests${query({ since, limit: LATEST })}`, signal), [since, session.key.value], REFRESH_MS);
  return (
    <section class="card">
      <header>
        <h2>First byte</h2>
        <p class="small soft">of the latest {LATEST} requests</p>
      </header>
      <Loaded from={found} what="the times" lines={3}>
        {({ data }) => {
          const byModel = new Map<string, number[]>();
          for (const one of data) if (typeof one.first_byte_ms === "number") byModel.set(one.model, [...(byModel.get(one.model) ?? []), one.first_byte_ms]);
          if (byModel.size === 0) return <Notice>No request of these days has a first byte to show.</Notice>;
          const rows = [...byModel].sort((one, other) => other[1].length - one[1].length);
          return (
            <div class="scroll" tabIndex={0} role="region" aria-label="First byte by model">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    <th scope="col" class="n">Requests</th>
                    <th scope="col" class="n">Median</th>
                    <th scope="col" class="n">95 of 100 within</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([model, times]) => (
                    <tr key={model}>
                      <th scope="row" class="mono">{model}</th>
                      <td class="n">{count(times.length)}</td>
                      <td class="n">{duration(quantile(times, 0.5))}</td>
                      <td class="n">{duration(quantile(times, 0.95))}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Loaded>
    </section>
  );
}

function quantile(values: number[], part: number): number {
  const order = [...values].sort((one, other) => one - other);
  return order[Math.max(0, Math.ceil(order.length * part) - 1)] ?? 0;
}
