import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { count } from "../format";

const AT_FIRST = 50;

/** The first of many rows, and the rest when they are asked for: ten thousand at once would hold the page up. */
export function First<T>({ rows, children }: { rows: T[]; children: (shown: T[]) => ComponentChildren }) {
  const most = useSignal(AT_FIRST);
  return (
    <>
      {children(rows.slice(0, most.value))}
      {rows.length > most.value && (
        <div class="pages">
          <span class="small soft num">
            {count(most.value)} of {count(rows.length)}
          </span>
          <button class="btn small" type="button" onClick={() => (most.value *= 4)}>
            Show more
          </button>
        </div>
      )}
    </>
  );
}
