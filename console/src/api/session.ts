import { computed, signal } from "@preact/signals";

import type { OwnKey } from "./types";

const SLOT = "interchange-key";

function stored(): string {
  try {
    return sessionStorage.getItem(SLOT) ?? "";
  } catch {
    return ""; // Storage is switched off: the key then lives in the tab's memory.
  }
}

const key = signal(stored());
const own = signal<OwnKey | null>(null);

/** The key goes to this origin only and is gone with the tab. Nothing but `leave` discards it. */
export const session = {
  key,
  own,
  entered: computed(() => key.value !== ""),
  manages: computed(() => own.value?.kind === "management"),
  enter(presented: string, found: OwnKey): void {
    try {
      sessionStorage.setItem(SLOT, presented);
    } catch {
      // As above.
    }
    own.value = found;
    key.value = presented;
  },
  leave(): void {
    try {
      sessionStorage.removeItem(SLOT);
    } catch {
      // As above.
    }
    key.value = "";
    own.value = null;
  },
};
