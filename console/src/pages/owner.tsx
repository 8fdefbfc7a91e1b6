import { useSignal } from "@preact/signals";

import { change, Refused } from "../api/client";
import type { Account } from "../api/types";
import { Field } from "../parts/field";
import { Notice } from "../parts/notice";

type Change = { email?: string | null; email_code?: string; webhook?: string | null };
type Wrong = Record<string, string>;

const AGAIN = "It did not work. Try again in a moment.";
const FIELDS: readonly string[] = ["email", "email_code", "webhook"];

function told(error: unknown): Wrong {
  if (!(error instanceof Refused)) return { "": AGAIN };
  const field = (error.field ?? "").replace(/^notices\./, "");
  const words = error.message.replace(/^notices\.\w+: /, "");
  return { [FIELDS.includes(field) ? field : ""]: words };
}

/** Where the account's owner is told of a low balance, caps, keys and models that end. */
export function Told({ account, onDone }: { account: Account; onDone: () => void }) {
  const wrong = useSignal<Wrong>({});
  const saved = useSignal("");
  const secret = useSignal("");
  const notices = account.notices;
  const send = async (body: Change, words: string) => {
    saved.value = secret.value = "";
    wrong.value = {};
    try {
      const made = await change<Account>("PATCH", "/v1/account", { notices: body });
      saved.value = words;
      secret.value = made.notices.webhook_secret ?? "";
      onDone();
    } catch (error) {
      wrong.value = told(error);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const said = Object.fromEntries([...new FormData(event.currentTarget as HTMLFormElement)].map(([name, value]) => [name, String(value).trim()]));
    const body: Change = {};
    if (said.email !== (notices.email_asked ?? notices.email ?? "")) body.email = said.email || null;
    if (said.email_code) body.email_code = said.email_code;
    if (said.webhook !== (notices.webhook ?? "")) body.webhook = said.webhook || null;
    if (Object.keys(body).length === 0) return;
    return send(body, body.email ? "Saved. A letter with a code is on its way to the address." : "Saved.");
  };
  return (
    <form class="card stack tight" onSubmit={submit} novalidate>
      <h2>Be told</h2>
      <p class="small soft">Of a low balance, a cap that is reached, a key or a model that ends. An empty field tells nobody.</p>
      <div class="form">
        <Field name="email" label="E-mail" inputMode="email" autocomplete="email" placeholder="you@example.com" defaultValue={notices.email_asked ?? notices.email ?? ""} wrong={wrong.value.email} />
        <Field name="webhook" label="Webhook" inputMode="url" placeholder="https://example.com/hook" defaultValue={notices.webhook ?? ""} wrong={wrong.value.webhook} />
        {notices.email_asked && <Field name="email_code" label="Code from the letter" inputMode="numeric" autocomplete="one-time-code" placeholder="12345678" wrong={wrong.value.email_code} />}
      </div>
      {notices.email_asked && <Notice kind="warn">{notices.email_asked} is told of nothing before the code that was sent there is entered here.</Notice>}
      {wrong.value[""] && <Notice kind="warn">{wrong.value[""]}</Notice>}
      {saved.value && <Notice kind="good">{saved.value}</Notice>}
      {secret.value && (
        <Notice kind="good">
          Calls are signed with <code>{secret.value}</code>, which is shown only now.
        </Notice>
      )}
      <div class="row">
        <button class="btn" type="submit">
          Save
        </button>
      </div>
    </form>
  );
}
