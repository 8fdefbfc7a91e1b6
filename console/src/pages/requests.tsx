import { useSignal } from "@preact/signals";
import { Fragment } from "preact";

import { ask, everyLine, query, Refused, save } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Keys, RequestAccount, RequestLine, Requests as Page } from "../api/types";
import { clock, count, duration, initial, plural, words } from "../format";
import { price } from "../money";
import { Copy } from "../parts/copy";
import { Choice, Field } from "../parts/field";
import { Money } from "../parts/money";
import { Empty, Loaded, Notice } from "../parts/notice";
import { asked as said, place, say, to } from "../route";

const OUTCOMES: Record<string, readonly [words: string, look: string]> = {
  ok: ["Good", "good"],
  client_gone: ["Caller left", "warn"],
  truncated: ["Cut short", "warn"],
  upstream_error: ["Failed", "bad"],
};
const REFRESH_MS = 15_000;
const LIMIT = 50;
const MOST_LINES = 100_000;

export function Requests() {
  const { rest } = place.value;
  return (
    <>
      <div class="page-head">
        <div>
          {rest && (
            <p class="crumb">
              <a href={to("requests")}>All requests</a>
            </p>
          )}
          <h1>{rest ? "Request" : "Requests"}</h1>
          {rest ? (
            <p>Its tokens, prices, route and what was left out.</p>
          ) : (
            <p>{session.manages.value ? "Every request of the account" : "Every request of this key"}, newest first. Open one for its tokens, prices, route and what was left out.</p>
          )}
        </div>
      </div>
      {rest ? <One id={rest} /> : <List />}
    </>
  );
}

function List() {
  const before = useSignal<string[]>([]);
  const open = useSignal("");
  const trouble = useSignal("");
  const busy = useSignal(false);
  /** A name that is being written: a page that is refreshed meanwhile must not take it back. */
  const draft = useSignal<string | null>(null);
  const manages = session.manages.value;
  const keys = useLoading<Keys | null>((signal) => (manages ? ask<Keys>("/v1/keys", signal) : Promise.resolve(null)), [manages]);
  const cursor = before.value.at(-1);
  const asked = { model: said("model").trim(), outcome: said("outcome"), key: said("key"), since: said("since"), until: said("until") };
  const found = useLoading((signal) => ask<Page>(`/v1/requests${query({ ...asked, cursor, limit: LIMIT })}`, signal), [JSON.stringify(asked), cursor, session.key.value], cursor ? 0 : REFRESH_MS);
  const pick = (filters: Partial<typeof asked>) => {
    before.value = [];
    say(filters);
  };
  const names = new Map((keys.value.value?.data ?? []).map((one) => [one.id, one.name]));
  const csv = async () => {
    trouble.value = "";
    busy.value = true;
    try {
      const all = await everyLine((next) => `/v1/requests${query({ ...asked, cursor: next, limit: 500 })}`, MOST_LINES);
      save(all.text, "requests.csv");
      if (!all.whole) trouble.value = `The file has the newest ${count(MOST_LINES)} requests. Choose filters for the others.`;
    } catch (error) {
      trouble.value = error instanceof Refused ? error.message : "The file could not be made. Try again in a moment.";
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="stack">
      <div class="filters" role="search">
        <Field class="search" label="Model" name="model" placeholder="claude-sonnet-4-5" value={draft.value ?? asked.model} onInput={(event) => (draft.value = event.currentTarget.value)} onChange={(event) => {
          pick({ model: event.currentTarget.value });
          draft.value = null;
        }} />
        {manages && <Choice label="Key" name="key" value={asked.key} options={[["", "All keys"], ...[...names].map(([id, name]) => [id, name] as const)]} onPick={(value) => pick({ key: value })} />}
        <Choice label="Outcome" name="outcome" value={asked.outcome} options={[["", "All"], ...Object.entries(OUTCOMES).map(([id, [title]]) => [id, title] as const)]} onPick={(value) => pick({ outcome: value })} />
        <Field label="Since" name="since" type="date" value={asked.since} onChange={(event) => pick({ since: event.currentTarget.value })} />
        <Field label="Until" name="until" type="date" value={asked.until} onChange={(event) => pick({ until: event.currentTarget.value })} />
        <button class="btn" type="button" onClick={csv} disabled={busy.value} aria-label="Save these requests as CSV">
          {busy.value ? "Saving…" : "CSV"}
        </button>
      </div>
      {trouble.value && <Notice kind="bad">{trouble.value}</Notice>}
      <div class="card flush">
        <Loaded from={found} what="the requests" lines={10}>
          {(page) =>
            page.data.length === 0 ? (
              <Empty title={page.next_cursor ? "None on this page" : "No request is like that"}>
                <p>{page.next_cursor ? "The next page reads on from here." : "Requests of the last 30 days are listed unless a date says more."}</p>
              </Empty>
            ) : (
              <div class="scroll" tabIndex={0} role="region" aria-label="Requests">
                <table class="folds requests">
                  <thead>
                    <tr>
                      <th scope="col">When</th>
                      <th scope="col">Model</th>
                      {manages && <th scope="col">Key</th>}
                      <th scope="col">Outcome</th>
                      <th scope="col" class="n">In</th>
                      <th scope="col" class="n">Out</th>
                      <th scope="col" class="n">First byte</th>
                      <th scope="col" class="n">Charge</th>
                    </tr>
                  </thead>
                  <tbody>
                    {page.data.map((one) => (
                      <Fragment key={one.id}>
                        <tr class="opens">
                          <td>
                            <button class="opener num" type="button" aria-expanded={open.value === one.id} onClick={() => (open.value = open.value === one.id ? "" : one.id)}>
                              {clock(one.created)}
                            </button>
                          </td>
                          <td class="mono of">{one.model}</td>
                          {manages && <td data-name="Key">{names.get(one.key) ?? one.key}</td>}
                          <td class="ended">
                            <Outcome line={one} />
                          </td>
                          <td class="n" data-name="In">{count(one.input_tokens)}</td>
                          <td class="n" data-name="Out">{count(one.output_tokens)}</td>
                          <td class="n" data-name="First byte">{duration(one.first_byte_ms)}</td>
                          <td class="n charged">
                            <Money usd={one.charge_usd} />
                          </td>
                        </tr>
                        {open.value === one.id && (
                          <tr class="opened">
                            <td colSpan={manages ? 8 : 7}>
                              <Detail id={one.id} />
                            </td>
                          </tr>
                        )}
                      </Fragment>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <div class="pages">
          <button class="btn small" type="button" disabled={before.value.length === 0} onClick={() => (before.value = before.value.slice(0, -1))}>
            Newer
          </button>
          <span class="small soft">Page {before.value.length + 1}</span>
          <button class="btn small" type="button" disabled={!found.value.value?.next_cursor} onClick={() => (before.value = [...before.value, found.value.value?.next_cursor ?? ""])}>
            Older
          </button>
        </div>
      </div>
    </div>
  );
}

function Outcome({ line }: { line: RequestLine }) {
  const [said, look] = OUTCOMES[line.outcome] ?? [words(line.outcome), ""];
  return (
    <span class="row">
      <span class={`tag ${look}`}>{said}</span>
      {line.dropped.length > 0 && <span class="tag warn">{line.dropped.length} left out</span>}
    </span>
  );
}

function One({ id }: { id: string }) {
  return (
    <div class="card">
      <Detail id={id} />
    </div>
  );
}

function Detail({ id }: { id: string }) {
  const found = useLoading((signal) => ask<RequestAccount>(`/v1/requests/${encodeURIComponent(id)}`, signal), [id]);
  return (
    <Loaded from={found} what="the request" lines={5}>
      {(one) => <Whole one={one} />}
    </Loaded>
  );
}

const PROTOCOLS: Record<string, string> = { openai_chat: "Chat Completions", openai_responses: "Responses", anthropic_messages: "Messages" };
const LANES: Record<string, string> = { translate: "translated", "pass-through": "passed through" };

/** Sets what stands between backticks as code. */
function withCode(text: string) {
  return text.split("`").map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part));
}

/** What `per` units of a charge's line are. */
const PER: Record<number, string> = { 1: "each", 60_000: "a minute", 1_000_000: "per million" };

/** What was counted, each with the rate that it had; what is a part of another or has no price of its own comes last. */
function Counted({ one }: { one: RequestAccount }) {
  const priced = new Set(one.lines.map((line) => line.kind));
  const rest = Object.entries(one.usage).flatMap(([name, value]): [string, string][] => {
    if (priced.has(name) || name === "milliseconds" || name === "shares") return [];
    if (value !== null && typeof value === "object") return Object.entries(value).flatMap(([kind, times]) => (priced.has(`calls.${kind}`) ? [] : [[`${kind} calls`, String(times)]]));
    return [[name, typeof value === "number" ? count(value) : String(value)]];
  });
  return (
    <dl class="facts">
      {one.lines.map((line, at) => (
        <Fragment key={at}>
          <dt>{initial(words(line.kind.startsWith("calls.") ? `${line.kind.slice(6)} calls` : line.kind))}</dt>
          <dd class="num">
            {line.kind === "minutes" ? duration(line.quantity) : count(line.quantity)}
            <span class="soft">
              {" "}
              at {price(line.rate_usd)} {PER[line.per] ?? `per ${count(line.per)}`}, <Money usd={line.usd} />
            </span>
          </dd>
        </Fragment>
      ))}
      {rest.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{initial(words(name))}</dt>
          <dd class="num">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Whole({ one }: { one: RequestAccount }) {
  const facts: [string, preact.ComponentChildren][] = [
    ["Charge", <Money usd={one.charge_usd} />],
    ["Set aside", <Money usd={one.hold_usd} />],
    ["Outcome", `${OUTCOMES[one.outcome]?.[0] ?? one.outcome}, status ${one.status}`],
    ["Protocol", [PROTOCOLS[one.protocol] ?? words(one.protocol), one.stream ? "streamed" : "whole", LANES[one.lane] ?? one.lane].join(", ")],
    ["Served by", `${one.provider}, ${one.upstream_model}`],
    ["First byte", duration(one.first_byte_ms)],
    ["In all", duration(one.total_ms)],
    ["User", one.user ?? ""],
    ["Tags", one.tags.join(", ")],
    ["Metadata", Object.entries(one.metadata).map(([name, value]) => `${name}=${value}`).join(", ")],
    ["Markup", one.markup === "1" ? "" : `${one.markup} times the list price`],
  ];
  return (
    <div class="stack tight">
      <div class="row">
        <a class="mono" href={to("requests", one.id)}>
          {one.id}
        </a>
        <Copy text={one.id} what="the request's id" />
      </div>
      <div class="two">
        <dl class="facts">
          {facts.map(([name, value]) =>
            value === "" ? null : (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </Fragment>
            ),
          )}
        </dl>
        <Counted one={one} />
      </div>
      {one.losses.length > 0 && (
        <Notice kind="warn">
          <strong>Left out</strong>
          <ul>
            {one.losses.map((loss) => (
              <li key={loss.path}>{withCode(loss.words)}</li>
            ))}
          </ul>
        </Notice>
      )}
      {one.rounds.length > 0 && (
        <Notice>
          <strong>Called in {plural(one.rounds.length, "round")}</strong>
          <ol>
            {one.rounds.map((round, at) => (
              <li key={at}>
                {round.provider}, {round.model}, {duration(round.milliseconds)}
                {round.calls.length > 0 && `; called ${round.calls.join(", ")}`}
              </li>
            ))}
          </ol>
        </Notice>
      )}
      {one.tries.length > 0 && (
        <Notice>
          <strong>Tried before</strong>
          <ul>
            {one.tries.map((tried, at) => (
              <li key={at}>
                {tried.provider}: {words(tried.reason)}
                {tried.status ? `, status ${tried.status}` : ""}, after {duration(tried.milliseconds)}; not charged
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}
