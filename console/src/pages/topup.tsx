import { useSignal } from "@preact/signals";

import { change, Refused } from "../api/client";
import type { Account, Checkout } from "../api/types";
import { wrongAmount } from "../money";
import { Field } from "../parts/field";
import { Money } from "../parts/money";
import { Notice } from "../parts/notice";

type Wrong = Record<string, string>;

const ABSENT = "This gateway takes no payments here. Ask its operator for credit or a code.";
const AGAIN = "It did not work. Try again in a moment.";
/** Where a payment may lead back to: an encrypted page, or this machine. Elsewhere the operator's own address serves. */
const RETURNS = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/;

function values(event: SubmitEvent): Record<string, string> {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.currentTarget as HTMLFormElement)].map(([name, value]) => [name, String(value).trim()]));
}

const focusWrong = (form: HTMLFormElement) => queueMicrotask(() => (form.querySelector("[aria-invalid]") as HTMLElement | null)?.focus());

/** Where it belongs in the form: beside a field that the error names, else ("") above. */
function told(error: unknown, fields: readonly string[]): Wrong {
  if (!(error instanceof Refused)) return { "": AGAIN };
  if (error.code === "not_set_up") return { "": ABSENT };
  const field = (error.field ?? "").replace(/^auto_topup\./, "");
  return { [fields.includes(field) ? field : ""]: error.message };
}

export function Pay() {
  const wrong = useSignal<Wrong>({});
  const keep = useSignal(false);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    const form = event.currentTarget as HTMLFormElement;
    const { usd = "" } = values(event);
    const fault = usd === "" ? "Write how much credit to buy, in US dollars." : wrongAmount(usd);
    wrong.value = fault ? { usd: fault } : {};
    if (fault) return focusWrong(form);
    if (busy.value) return;
    busy.value = true;
    const back = `${location.origin}${location.pathname}#/credit?paid`;
    try {
      const body = { usd, keep_card: keep.value, ...(RETURNS.test(back) ? { return_url: back } : {}) };
      location.assign((await change<Checkout>("POST", "/v1/checkout", body)).url);
    } catch (error) {
      wrong.value = told(error, ["usd"]);
      focusWrong(form);
      busy.value = false;
    }
  };
  return (
    <form class="card stack tight" onSubmit={submit} novalidate>
      <h2>Buy credit</h2>
      <Field label="Amount" name="usd" inputMode="decimal" unit="USD" placeholder="25" wrong={wrong.value.usd} />
      <label class="check">
        <input type="checkbox" name="keep" checked={keep.value} onChange={(event) => (keep.value = event.currentTarget.checked)} />
        Keep the card, so that credit can be bought automatically
      </label>
      {wrong.value[""] && <Notice kind="warn">{wrong.value[""]}</Notice>}
      <div class="row">
        <button class="btn main" type="submit" aria-disabled={busy.value}>
          {busy.value ? "Opening the payment page…" : "Go to payment"}
        </button>
      </div>
    </form>
  );
}

const RULE = [
  ["below_usd", "When the balance is below", "10"],
  ["usd", "Buy", "50"],
  ["most_per_month_usd", "At most a month", "ten times that"],
] as const;

/** Credit that is bought by the kept card when the balance is low. */
export function Automatic({ account, onDone }: { account: Account; onDone: () => void }) {
  const wrong = useSignal<Wrong>({});
  const saved = useSignal("");
  const rule = account.auto_topup;
  const send = async (form: HTMLFormElement, body: Record<string, string> | null) => {
    saved.value = "";
    try {
      await change<Account>("PATCH", "/v1/account", { auto_topup: body });
      saved.value = body ? "Saved." : "Switched off.";
      if (!body) form.reset();
      onDone();
    } catch (error) {
      wrong.value = told(error, RULE.map(([name]) => name));
      focusWrong(form);
    }
  };
  const submit = (event: SubmitEvent) => {
    const form = event.currentTarget as HTMLFormElement;
    const said = values(event);
    const faults = RULE.map(([name]) => [name, wrongAmount(said[name] ?? "") ?? (said[name] || name === "most_per_month_usd" ? null : "Write an amount in US dollars.")] as const);
    wrong.value = Object.fromEntries(faults.filter(([, fault]) => fault)) as Wrong;
    if (Object.keys(wrong.value).length > 0) return focusWrong(form);
    return send(form, Object.fromEntries(Object.entries(said).filter(([, value]) => value)));
  };
  return (
    <form class="card stack tight" onSubmit={submit} novalidate>
      <h2>Top up automatically</h2>
      <p class="small soft">
        {rule ? (
          <>
            On: <Money usd={rule.bought_this_month_usd} /> of <Money usd={rule.most_per_month_usd} /> bought this month.{rule.card_kept ? "" : " Nothing is bought before a payment with “Keep the card” was made."}
          </>
        ) : (
          "Off. It needs a card that was kept at a payment."
        )}
      </p>
      {rule?.stopped && <Notice kind="warn">It has stopped: {rule.stopped}. Saving it again begins it again.</Notice>}
      <div class="form">
        {RULE.map(([name, label, hint]) => (
          <Field key={name} of="rule-" name={name} label={label} inputMode="decimal" unit="USD" placeholder={hint} defaultValue={rule?.[name]} wrong={wrong.value[name]} />
        ))}
      </div>
      {wrong.value[""] && <Notice kind="warn">{wrong.value[""]}</Notice>}
      {saved.value && <Notice kind="good">{saved.value}</Notice>}
      <div class="row">
        <button class="btn" type="submit">
          {rule ? "Save" : "Switch on"}
        </button>
        {rule && (
          <button class="btn danger" type="button" onClick={(event) => send(event.currentTarget.form as HTMLFormElement, null)}>
            Switch off
          </button>
        )}
      </div>
    </form>
  );
}
