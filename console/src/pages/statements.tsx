import { useSignal } from "@preact/signals";

import { ask, download, everyLine, query, Refused, save as saveAs } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Account, Statement } from "../api/types";
import { count, date } from "../format";
import { Choice } from "../parts/field";
import { Money } from "../parts/money";
import { Loaded, Notice } from "../parts/notice";

const MONTHS = 12;
const NAME = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** This month there and those before it: [2026-11, November 2026]. */
function months(zone: string): (readonly [string, string])[] {
  const [year, month] = there(zone);
  return Array.from({ length: MONTHS }, (_, back) => {
    const first = new Date(Date.UTC(year, month - 1 - back, 1));
    return [first.toISOString().slice(0, 7), NAME.format(first)] as const;
  });
}

/** The year and the month that it is in a zone; in UTC where the browser does not know it. */
function there(zone: string): readonly [year: number, month: number] {
  const now = new Date();
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "numeric" }).formatToParts(now);
    const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
    return [part("year"), part("month")];
  } catch {
    return [now.getUTCFullYear(), now.getUTCMonth() + 1];
  }
}

/** A month that adds up, and as files for whoever keeps the books. Asked anew when the account's money has changed. */
export function Statements({ account }: { account: Account }) {
  const all = months(account.zone);
  const month = useSignal(all[0]?.[0] ?? "");
  const trouble = useSignal("");
  const found = useLoading((signal) => ask<Statement>(`/v1/statement${query({ month: month.value })}`, signal), [month.value, session.key.value, account.credited_usd, account.charged_usd]);
  const save = async (make: (name: string) => Promise<void>) => {
    trouble.value = "";
    try {
      await make(`interchange-${month.value}`);
    } catch (error) {
      trouble.value = error instanceof Refused ? error.message : "The file could not be made. Try again in a moment.";
    }
  };
  const last = new Date(Date.UTC(Number(month.value.slice(0, 4)), Number(month.value.slice(5)), 0)).toISOString().slice(0, 10);
  const statement = `/v1/statement${query({ month: month.value })}`;
  const days = (cursor: string) => `/v1/usage${query({ since: `${month.value}-01`, until: last, by: "day,model,key", cursor })}`;
  return (
    <section class="card flush">
      <header>
        <h2>Statement</h2>
        <Choice label="Month" name="month" value={month.value} options={all} onPick={(value) => (month.value = value)} />
      </header>
      <Loaded from={found} what="the statement" lines={4}>
        {(one) => <Lines one={one} />}
      </Loaded>
      <footer class="row">
        <button class="btn small" type="button" onClick={() => save((name) => download(statement, `${name}.html`, "text/html"))}>
          Page to print
        </button>
        <button class="btn small" type="button" onClick={() => save((name) => download(statement, `${name}.csv`))}>
          Statement as CSV
        </button>
        <button class="btn small" type="button" onClick={() => save(async (name) => saveAs((await everyLine(days)).text, `${name}-days.csv`))}>
          Each day as CSV
        </button>
      </footer>
      {trouble.value && <Notice kind="bad">{trouble.value}</Notice>}
    </section>
  );
}

function Lines({ one }: { one: Statement }) {
  const entries = [
    ...one.credits.map((entry) => ["Credit", entry] as const),
    ...one.refunds.map((entry) => ["Refund", entry] as const),
    ...one.adjustments.map((entry) => ["Adjustment", entry] as const),
  ];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Statement of ${one.month}`}>
      <table class="folds">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" class="n">Requests</th>
            <th scope="col" class="n">Amount</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>Opening balance</td>
            <td />
            <td class="n" data-name="Amount">
              <Money usd={one.opening_usd} />
            </td>
          </tr>
          {entries.map(([kind, entry]) => (
            <tr key={entry.id}>
              <td>
                {kind}, {date(entry.day)}: {entry.reason}
              </td>
              <td />
              <td class="n" data-name="Amount">
                <Money usd={entry.usd} />
              </td>
            </tr>
          ))}
          {one.charges.map((line) => (
            <tr key={line.model}>
              <td class="mono">{line.model}</td>
              <td class="n" data-name="Requests">{count(line.requests)}</td>
              <td class="n" data-name="Amount">
                <Money usd={line.usd.startsWith("-") || line.usd === "0" ? line.usd : `-${line.usd}`} />
              </td>
            </tr>
          ))}
          <tr class="sum">
            <td>
              Closing balance, {date(one.until)}
              <span class="small soft"> {one.zone}</span>
            </td>
            <td />
            <td class="n" data-name="Amount">
              <Money usd={one.closing_usd} />
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
