import { useSignal } from "@preact/signals";

import { ask, change, Refused } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Account, Redeemed } from "../api/types";
import { date } from "../format";
import { Field } from "../parts/field";
import { Money } from "../parts/money";
import { First } from "../parts/more";
import { Empty, Loaded, Notice } from "../parts/notice";
import { place } from "../route";
import { Told } from "./owner";
import { Statements } from "./statements";
import { Automatic, Pay } from "./topup";

const REFRESH_MS = 30_000;

export function Credit() {
  const account = useLoading((signal) => ask<Account>("/v1/account", signal), [session.key.value], REFRESH_MS);
  if (session.own.value && !session.manages.value) {
    return (
      <>
        <h1>Credit</h1>
        <div class="card">
          <Empty title="Only a management key sees the account">
            <p>Sign in with one to see the balance, redeem codes and add credit.</p>
          </Empty>
        </div>
      </>
    );
  }
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Credit</h1>
          <p>The account is prepaid: a request is served when the balance covers the most that it can cost.</p>
        </div>
      </div>
      <Loaded from={account} what="the account">
        {(found) => (
          <div class="stack">
            <State account={found} />
            {place.value.asked.has("paid") && <Notice kind="good">Thank you. The credit is here as soon as the payment is confirmed, mostly within a minute.</Notice>}
            <dl class="cards">
              <div class="card figure">
                <dt>Available</dt>
                <dd>
                  <Money usd={found.available_usd} />
                </dd>
                <dd>
                  <Money usd={found.held_usd} /> set aside for requests that run
                </dd>
              </div>
              <div class="card figure">
                <dt>Spent in all</dt>
                <dd>
                  <Money usd={found.charged_usd} />
                </dd>
                <dd>
                  of <Money usd={found.credited_usd} /> credited
                </dd>
              </div>
              <div class="card figure">
                <dt>A day, lately</dt>
                <dd>
                  <Money usd={found.burn_per_day_usd} />
                </dd>
                <dd>{found.days_left === null ? "the last seven days cost nothing" : `lasts ${lasts(found.days_left)} more`}</dd>
              </div>
            </dl>
            <div class="two">
              <Redeem onDone={account.again} />
              <Pay />
            </div>
            <Automatic account={found} onDone={account.again} />
            <Told account={found} onDone={account.again} />
            <Grants account={found} />
            <Statements account={found} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function lasts(days: number): string {
  return days < 1 ? "less than a day" : days >= 365 ? "over a year" : `${Math.floor(days)} days`;
}

function State({ account }: { account: Account }) {
  const left = Number(account.available_usd);
  if (!account.active) return <Notice kind="bad">The account is suspended: no key of it calls a model. Its operator can say why and open it again.</Notice>;
  if (left < 0) return <Notice kind="bad">The balance is below zero, after a payment was taken back. Requests are refused until credit covers it.</Notice>;
  if (left === 0) return <Notice kind="warn">The balance is used up. Redeem a code or add credit.</Notice>;
  if (account.low_balance_usd && left < Number(account.low_balance_usd)) return <Notice kind="warn">The balance is low.</Notice>;
  return null;
}

function Redeem({ onDone }: { onDone: () => void }) {
  const wrong = useSignal<string | null>(null);
  const done = useSignal<Redeemed | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const box = (event.currentTarget as HTMLFormElement).elements.namedItem("code") as HTMLInputElement;
    const code = box.value.trim();
    done.value = null;
    wrong.value = code ? null : "Write the code as it was given to you.";
    if (wrong.value) return box.focus();
    if (busy.value) return;
    busy.value = true;
    try {
      done.value = await change<Redeemed>("POST", "/v1/codes/redeem", { code });
      box.value = "";
      onDone();
    } catch (error) {
      wrong.value = error instanceof Refused ? error.message : "It did not work. Try again in a moment.";
      box.focus();
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card stack tight" onSubmit={submit} novalidate>
      <h2>Redeem a code</h2>
      <Field label="Code" name="code" autocomplete="off" spellcheck={false} wrong={wrong.value} />
      {done.value && (
        <Notice kind="good">
          {done.value.credited_now ? (
            <>
              <Money usd={done.value.credit_usd} /> were added.
            </>
          ) : (
            "This account had redeemed the code before; nothing was added."
          )}
        </Notice>
      )}
      <div class="row">
        <button class="btn main" type="submit" aria-disabled={busy.value}>
          {busy.value ? "Redeeming…" : "Redeem"}
        </button>
      </div>
    </form>
  );
}

function Grants({ account }: { account: Account }) {
  return (
    <section class="card flush">
      <header>
        <h2>Credits</h2>
      </header>
      {account.credits.length === 0 ? (
        <Empty title="No credit yet" />
      ) : (
        <First rows={account.credits}>
          {(shown) => (
        <div class="scroll" tabIndex={0} role="region" aria-label="Credits">
          <table class="folds">
            <thead>
              <tr>
                <th scope="col">Added</th>
                <th scope="col">For</th>
                <th scope="col">From</th>
                <th scope="col" class="n">Amount</th>
                <th scope="col" class="n">Left</th>
                <th scope="col">Expires</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.id}>
                  <td class="num">{date(one.created)}</td>
                  <td data-name="For">{one.reason}</td>
                  <td data-name="From">{one.source}</td>
                  <td class="n" data-name="Amount">
                    <Money usd={one.usd} />
                  </td>
                  <td class="n" data-name="Left">{one.left_usd ? <Money usd={one.left_usd} /> : "–"}</td>
                  <td data-name="Expires">{one.expires ? date(one.expires) : "never"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
          )}
        </First>
      )}
    </section>
  );
}
