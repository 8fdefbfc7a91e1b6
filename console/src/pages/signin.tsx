import { useSignal } from "@preact/signals";

import { ask, HERE, Refused, wrongKey } from "../api/client";
import { session } from "../api/session";
import type { OwnKey } from "../api/types";
import { Field } from "../parts/field";
import { go, place, to } from "../route";

export function SignIn() {
  const wrong = useSignal<string | null>(null);
  const busy = useSignal(false);

  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    const box = (event.currentTarget as HTMLFormElement).elements.namedItem("key") as HTMLInputElement;
    const presented = box.value.trim();
    wrong.value = wrongKey(presented);
    if (wrong.value) return box.focus();
    busy.value = true;
    try {
      const found = await ask<OwnKey>("/v1/key", undefined, presented);
      session.enter(presented, found);
      if (place.value.page === "signin" || place.value.page === "") go(to("activity"));
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      wrong.value = refused?.status === 401 ? keyWords(refused.message) : (refused?.message ?? "Try again in a moment.");
      box.focus();
    } finally {
      busy.value = false;
    }
  };

  return (
    <div class="signin">
      <div class="stack tight">
        <h1>Sign in to Interchange</h1>
        <p class="soft">
          One key and one balance for every model. See what it costs, make keys with limits, and try a prompt before you write code.
        </p>
      </div>
      <form class="card stack" onSubmit={enter} novalidate>
        <Field
          label="API key"
          name="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="sk-…"
          hint="It stays in this tab and goes to this gateway only. A management key sees the whole account, any other key itself."
          wrong={wrong.value}
        />
        <button class="btn main" type="submit" disabled={busy.value}>
          {busy.value ? "Signing in…" : "Sign in"}
        </button>
      </form>
      <p class="soft">
        No key yet? The gateway's operator gives out the first one. The <a href={to("models")}>models and their prices</a> and the{" "}
        <a href={`${HERE}/docs/quickstart`}>documentation</a> need none.
      </p>
    </div>
  );
}

/** What a refused key may mean, without the key itself. */
function keyWords(told: string): string {
  if (/expired/i.test(told)) return "This key has expired. Ask for another one, or make one with a management key.";
  if (/revoked|no longer good/i.test(told)) return "This key was revoked or replaced. Use the new one.";
  return "This is not a key of this gateway, or it was revoked. Keys begin with sk- and come from the gateway's operator, not from a model's vendor.";
}
