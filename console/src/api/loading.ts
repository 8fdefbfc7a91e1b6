import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { Refused } from "./client";

/** One call's state. `value` outlives a later failure, so that a bad minute takes nothing off the screen. */
export interface Loading<T> {
  readonly value: ReadonlySignal<T | null>;
  readonly error: ReadonlySignal<Refused | null>;
  readonly busy: ReadonlySignal<boolean>;
  readonly again: () => void;
}

/** Calls at once and whenever `inputs` change, and every `everyMs` while the tab is looked at. */
export function useLoading<T>(call: (signal: AbortSignal) => Promise<T>, inputs: unknown[], everyMs = 0): Loading<T> {
  const state = useMemo(() => {
    const value = signal<T | null>(null);
    const error = signal<Refused | null>(null);
    const busy = signal(true);
    return { value, error, busy, latest: { stop: () => {} } };
  }, []);

  const run = () => {
    state.latest.stop();
    const abort = new AbortController();
    state.latest.stop = () => abort.abort();
    state.busy.value = true;
    call(abort.signal).then(
      (found) => {
        if (abort.signal.aborted) return;
        state.value.value = found;
        state.error.value = null;
        state.busy.value = false;
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        state.error.value = error instanceof Refused ? error : new Refused("The answer could not be read. Try again in a moment.", 0);
        state.busy.value = false;
      },
    );
  };

  useEffect(() => {
    run();
    if (!everyMs) return () => state.latest.stop();
    const timer = setInterval(() => document.visibilityState === "visible" && run(), everyMs);
    return () => {
      clearInterval(timer);
      state.latest.stop();
    };
  }, inputs);

  return { value: state.value, error: state.error, busy: state.busy, again: run };
}
