import { useSignal } from "@preact/signals";

import { ask, change, Refused } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Keys as Listed, Limits, MadeKey, OwnKey, RotatedKey } from "../api/types";
import { count, date } from "../format";
import { shown, wrongAmount } from "../money";
import { Copy } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { Field, Segment } from "../parts/field";
import { Empty, Loaded, Notice } from "../parts/notice";

type Ask = { what: "make" } | { what: "change" | "rotate" | "revoke"; key: OwnKey };
type Form = Record<string, string>;

const MONEY = ["spend_usd", "spend_per_day_usd", "spend_per_week_usd", "spend_per_month_usd"] as const;
const COUNTS = ["requests_per_minute", "tokens_per_minute", "concurrent"] as const;
const LABELS: Record<string, readonly [label: string, unit: string, hint: string]> = {
  spend_usd: ["Spending in all", "USD", ""],
  spend_per_day_usd: ["Spending a day", "USD", ""],
  spend_per_week_usd: ["Spending a week", "USD", ""],
  spend_per_month_usd: ["Spending a month", "USD", ""],
  requests_per_minute: ["Requests a minute", "requests", ""],
  tokens_per_minute: ["Tokens a minute", "tokens", ""],
  concurrent: ["At the same time", "requests", ""],
  allowed_models: ["Models", "", "With commas between: claude-*, gpt-5"],
  allowed_networks: ["Networks", "", "With commas between: 10.0.0.0/8"],
  zone: ["Time zone", "", "Whose days, weeks (from Monday) and months."],
  expires: ["Expires", "", "A date, or a span from now such as 30d."],
};
const PLAIN: Record<string, string> = { zone: "UTC, or Europe/Berlin", expires: "never", allowed_models: "all", allowed_networks: "all" };
const LISTS = ["allowed_models", "allowed_networks"] as const;

export function Keys() {
  if (session.own.value && !session.manages.value) return <OwnOnly />;
  return <Managed />;
}

function OwnOnly() {
  const own = useLoading((signal) => ask<OwnKey>("/v1/key", signal), [session.key.value], 15_000);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Keys</h1>
          <p>This key sees itself. Sign in with a management key to make, limit, rotate and revoke keys.</p>
        </div>
      </div>
      <Loaded from={own} what="the key">
        {(key) => <KeyCard one={key} />}
      </Loaded>
    </>
  );
}

function Managed() {
  const keys = useLoading((signal) => ask<Listed>("/v1/keys", signal), [session.key.value], 30_000);
  const asked = useSignal<Ask | null>(null);
  const secret = useSignal<MadeKey | null>(null);
  const gone = useSignal(false);
  const close = () => (asked.value = null);
  const made = (key: MadeKey | null) => {
    close();
    secret.value = key;
    keys.again();
  };
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Keys</h1>
          <p>Give each program, page or person a key with limits of its own.</p>
        </div>
        <button class="btn main" type="button" onClick={() => (asked.value = { what: "make" })}>
          Make a key
        </button>
      </div>
      <Loaded from={keys} what="the keys">
        {({ data }) => {
          const listed = [...data].sort((one, other) => other.created.localeCompare(one.created) || one.name.localeCompare(other.name));
          const active = listed.filter((one) => one.status === "active");
          const revoked = listed.filter((one) => one.status !== "active");
          return (
            <div class="stack">
              {active.length === 0 && (
                <div class="card">
                  <Empty title="No key yet" />
                </div>
              )}
              {active.map((one) => (
                <KeyCard key={one.id} one={one}>
                  <div class="row">
                    <button class="btn small" type="button" aria-label={`Limits of ${one.name}`} onClick={() => (asked.value = { what: "change", key: one })}>
                      Limits
                    </button>
                    <button class="btn small" type="button" aria-label={`Rotate ${one.name}`} onClick={() => (asked.value = { what: "rotate", key: one })}>
                      Rotate
                    </button>
                    <button class="btn small danger" type="button" aria-label={`Revoke ${one.name}`} onClick={() => (asked.value = { what: "revoke", key: one })}>
                      Revoke
                    </button>
                  </div>
                </KeyCard>
              ))}
              {revoked.length > 0 && (
                <div>
                  <button class="btn quiet small" type="button" aria-expanded={gone.value} onClick={() => (gone.value = !gone.value)}>
                    {gone.value ? "Hide" : "Show"} revoked keys ({count(revoked.length)})
                  </button>
                </div>
              )}
              {gone.value && revoked.map((one) => <KeyCard key={one.id} one={one} />)}
            </div>
          );
        }}
      </Loaded>
      {asked.value?.what === "make" && <MakeKey onClose={close} onMade={made} />}
      {asked.value?.what === "change" && <ChangeKey key={asked.value.key.id} one={asked.value.key} onClose={close} onDone={() => made(null)} />}
      {asked.value?.what === "rotate" && <RotateKey one={asked.value.key} onClose={close} onMade={made} />}
      {asked.value?.what === "revoke" && <RevokeKey one={asked.value.key} onClose={close} onDone={() => made(null)} />}
      {secret.value && (
        <Dialog title="Copy the key now" onClose={() => (secret.value = null)}>
          <p>It is shown this once. Nobody, here or at the operator's, can read it again.</p>
          <p class="secret">{secret.value.key}</p>
          <div class="row">
            <Copy text={secret.value.key} what="the key" />
          </div>
        </Dialog>
      )}
    </>
  );
}

function KeyCard({ one, children }: { one: OwnKey; children?: preact.ComponentChildren }) {
  const limits = one.limits as Limits;
  const bars = [
    ...MONEY.map((name) => [name, limits[name], one.left[name]] as const),
    ...COUNTS.map((name) => [name, limits[name], one.left[name]] as const),
  ].filter(([, limit]) => limit !== undefined && limit !== null);
  const lists = LISTS.filter((name) => limits[name]?.length);
  const over = limits.expires && Date.parse(limits.expires) <= Date.now();
  return (
    <section class={`card key-card ${one.status === "active" ? "" : "gone"}`} aria-label={`Key ${one.name}, ${one.id}`}>
      <div class="row end">
        <div>
          <div class="row">
            <h2>{one.name}</h2>
            {one.kind === "management" && <span class="tag accent">management</span>}
            {one.status !== "active" && <span class="tag bad">revoked</span>}
            {one.status === "active" && over && <span class="tag bad">expired</span>}
          </div>
          <p class="small soft">
            <span class="mono">{one.id}</span>, made {date(one.created)}
            {one.revoked ? `, revoked ${date(one.revoked)}` : ""}
            {limits.expires ? `, ${over ? "expired" : "expires"} ${date(limits.expires)}` : ""}
            {limits.zone ? `, days of ${limits.zone}` : ""}
          </p>
        </div>
        {children}
      </div>
      {bars.length > 0 && (
        <div class="bars">
          {bars.map(([name, limit, left]) => (
            <Bar key={name} name={LABELS[name]?.[0] ?? name} limit={Number(limit)} left={Number(left ?? limit)} money={name.endsWith("usd")} />
          ))}
        </div>
      )}
      {bars.length === 0 && one.kind === "ordinary" && one.status === "active" && <p class="small soft">No limit on spending or pace.</p>}
      {lists.map((name) => (
        <p class="small" key={name}>
          <span class="soft">{LABELS[name]?.[0]}: </span>
          <span class="mono">{limits[name]?.join(", ")}</span>
        </p>
      ))}
    </section>
  );
}

function Bar({ name, limit, left, money }: { name: string; limit: number; left: number; money: boolean }) {
  const part = limit > 0 ? Math.min(1, Math.max(0, 1 - left / limit)) : 1;
  const write = (value: number) => (money ? shown(String(value)) : count(value));
  return (
    <div class={`bar ${part >= 0.9 ? "high" : ""}`}>
      <span class="soft">{name}</span>
      <i aria-hidden="true">
        <b style={{ width: `${(part * 100).toFixed(1)}%` }} />
      </i>
      <span class="num">
        {write(left)} left of {write(limit)}
      </span>
    </div>
  );
}

/** What a form says of the limits, or what is wrong with a field of it. An empty field takes a limit away. */
function read(form: Form, before: Limits = {}): { limits: Limits; wrong: Form } {
  const limits: Record<string, unknown> = {};
  const wrong: Form = {};
  const had = (name: string) => (before as Record<string, unknown>)[name] !== undefined;
  const put = (name: string, said: string, value: unknown) => {
    if (said !== "") limits[name] = value;
    else if (had(name)) limits[name] = null;
  };
  for (const name of MONEY) {
    const said = (form[name] ?? "").trim();
    const fault = wrongAmount(said);
    if (fault) wrong[name] = fault;
    else put(name, said, said);
  }
  for (const name of COUNTS) {
    const said = (form[name] ?? "").trim();
    if (said !== "" && !/^[1-9]\d{0,11}$/.test(said)) wrong[name] = "Write a whole number above zero, or leave the field empty for no limit.";
    else put(name, said, Number(said));
  }
  for (const name of LISTS) {
    const parts = (form[name] ?? "").split(",").map((part) => part.trim()).filter(Boolean);
    put(name, parts.join(","), parts);
  }
  for (const name of ["zone", "expires"]) {
    const said = (form[name] ?? "").trim();
    put(name, said, said);
  }
  return { limits: limits as Limits, wrong };
}

function values(event: SubmitEvent): Form {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.currentTarget as HTMLFormElement)].map(([name, value]) => [name, String(value)]));
}

/** The API's refusal beside the field that it is about; `limits.` before a name is the body's. */
function told(error: unknown): Form {
  if (!(error instanceof Refused)) return { "": "It did not work. Try again in a moment." };
  const field = (error.field ?? "").replace(/^limits\./, "").replace(/\..*$/, "");
  return { [LABELS[field] || field === "name" || field === "old_until" ? field : ""]: error.message.replace(/^limits\.\w+:\s*/, "") };
}

function LimitFields({ wrong, limits = {} }: { wrong: Form; limits?: Limits }) {
  const had = limits as Record<string, string | number | string[] | undefined>;
  return (
    <div class="form">
      {Object.entries(LABELS).map(([name, [label, unit, hint]]) => {
        const value = had[name];
        return <Field key={name} name={name} label={label} unit={unit || undefined} hint={hint || undefined} placeholder={PLAIN[name] ?? "no limit"} inputMode={unit ? "decimal" : undefined} defaultValue={Array.isArray(value) ? value.join(", ") : value} wrong={wrong[name]} />;
      })}
    </div>
  );
}

function useSubmit<T>(call: (form: Form) => Promise<T>, done: (value: T) => void, check: (form: Form) => Form = () => ({})) {
  const wrong = useSignal<Form>({});
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    const box = event.currentTarget as HTMLFormElement;
    const form = values(event);
    wrong.value = check(form);
    if (Object.keys(wrong.value).length === 0) {
      busy.value = true;
      try {
        return done(await call(form));
      } catch (error) {
        wrong.value = told(error);
      } finally {
        busy.value = false;
      }
    }
    queueMicrotask(() => (box.querySelector("[aria-invalid]") as HTMLElement | null)?.focus());
  };
  return { wrong, busy, submit };
}

function MakeKey({ onClose, onMade }: { onClose: () => void; onMade: (key: MadeKey) => void }) {
  const kind = useSignal("ordinary");
  const form = useSubmit(
    (said) => change<MadeKey>("POST", "/v1/keys", { name: said.name?.trim(), kind: kind.value, limits: read(said).limits }),
    onMade,
    (said) => ({ ...(said.name?.trim() ? {} : { name: "Give it a name that says where it is used." }), ...read(said).wrong }),
  );
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <form class="stack" onSubmit={form.submit} novalidate>
        {form.wrong.value[""] && <Notice kind="bad">{form.wrong.value[""]}</Notice>}
        <Field name="name" label="Name" placeholder="web shop" maxLength={100} wrong={form.wrong.value.name} wide />
        <Segment label="Kind" name="kind" value={kind.value} options={[["ordinary", "Calls models"], ["management", "Manages the account"]]} onPick={(value) => (kind.value = value)} />
        {kind.value === "ordinary" ? <LimitFields wrong={form.wrong.value} /> : <p class="soft">It sees the account, makes and revokes keys and adds credit. It calls no model.</p>}
        <div class="row foot">
          <button class="btn main" type="submit" disabled={form.busy.value}>
            Make the key
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ChangeKey({ one, onClose, onDone }: { one: OwnKey; onClose: () => void; onDone: () => void }) {
  const limits = one.limits as Limits;
  const form = useSubmit(
    (said) => {
      const next = Object.entries(read(said, limits).limits).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify((limits as Record<string, unknown>)[name]));
      return change<OwnKey>("PATCH", `/v1/keys/${one.id}`, { name: said.name?.trim(), limits: Object.fromEntries(next) });
    },
    onDone,
    (said) => ({ ...(said.name?.trim() ? {} : { name: "Give it a name." }), ...read(said, limits).wrong }),
  );
  return (
    <Dialog title={`Limits of ${one.name}`} onClose={onClose}>
      <form class="stack" onSubmit={form.submit} novalidate>
        {form.wrong.value[""] && <Notice kind="bad">{form.wrong.value[""]}</Notice>}
        <Field name="name" label="Name" defaultValue={one.name} maxLength={100} wrong={form.wrong.value.name} wide />
        <LimitFields wrong={form.wrong.value} limits={limits} />
        <p class="small soft">An empty field takes the limit away. A new amount for spending in all counts from now on.</p>
        <div class="row foot">
          <button class="btn main" type="submit" disabled={form.busy.value}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RotateKey({ one, onClose, onMade }: { one: OwnKey; onClose: () => void; onMade: (key: MadeKey) => void }) {
  const form = useSubmit((said) => change<RotatedKey>("POST", `/v1/keys/${one.id}/rotate`, { old_until: said.old_until?.trim() || "1d" }), onMade);
  return (
    <Dialog title={`Rotate ${one.name}`} onClose={onClose}>
      <form class="stack" onSubmit={form.submit} novalidate>
        {form.wrong.value[""] && <Notice kind="bad">{form.wrong.value[""]}</Notice>}
        <p>The key gets another secret. Its id, limits and counters stay.</p>
        <Field name="old_until" label="The old secret is good until" defaultValue="1d" hint="A date, or a span from now: 1d, 12h; 0m ends it at once." wrong={form.wrong.value.old_until} />
        <div class="row">
          <button class="btn main" type="submit" disabled={form.busy.value}>
            Rotate
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RevokeKey({ one, onClose, onDone }: { one: OwnKey; onClose: () => void; onDone: () => void }) {
  const form = useSubmit(() => change<OwnKey>("DELETE", `/v1/keys/${one.id}`), onDone);
  const own = session.own.value?.id === one.id;
  return (
    <Dialog title={`Revoke ${one.name}?`} onClose={onClose}>
      <form class="stack" onSubmit={form.submit}>
        {form.wrong.value[""] && <Notice kind="bad">{form.wrong.value[""]}</Notice>}
        <p>Whatever uses it is refused from the next request on, for good.{own ? " You are signed in with this key: this page will be refused too." : ""}</p>
        <div class="row">
          <button class="btn danger" type="submit" disabled={form.busy.value}>
            Revoke the key
          </button>
          <button class="btn" type="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
