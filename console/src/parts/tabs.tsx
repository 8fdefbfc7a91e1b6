import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface Given {
  label: string;
  id: string;
  tabs: readonly (readonly [key: string, title: string])[];
  children: (key: string) => ComponentChildren;
}

/** Tabs by the arrow keys, as the ARIA pattern has them. */
export function Tabs({ label, id, tabs, children }: Given) {
  const chosen = useSignal(tabs[0]?.[0] ?? "");
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.findIndex(([key]) => key === chosen.value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    chosen.value = next[0];
    document.getElementById(`${id}-tab-${next[0]}`)?.focus();
  };
  return (
    <div class="stack tight">
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(([key, title]) => (
          <button
            key={key}
            id={`${id}-tab-${key}`}
            type="button"
            role="tab"
            aria-selected={key === chosen.value}
            aria-controls={`${id}-panel`}
            tabIndex={key === chosen.value ? 0 : -1}
            onClick={() => (chosen.value = key)}
          >
            {title}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-tab-${chosen.value}`}>
        {children(chosen.value)}
      </div>
    </div>
  );
}
