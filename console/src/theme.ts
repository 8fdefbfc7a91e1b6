import { signal } from "@preact/signals";

const SLOT = "interchange-theme";
const ORDER = ["", "light", "dark"] as const;
type Theme = (typeof ORDER)[number];

function stored(): Theme {
  try {
    const found = localStorage.getItem(SLOT);
    return found === "light" || found === "dark" ? found : "";
  } catch {
    return "";
  }
}

/** "" is as the system has it. */
export const theme = signal<Theme>(stored());

function show(): void {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
}
show();

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? "";
  try {
    localStorage.setItem(SLOT, theme.value);
  } catch {
    // Storage is switched off: it holds until the tab is closed.
  }
  show();
}
