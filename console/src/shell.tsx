import type { ComponentChildren } from "preact";

import { ask, HERE } from "./api/client";
import { useLoading } from "./api/loading";
import { session } from "./api/session";
import type { Account } from "./api/types";
import { Icon, type IconName, Mark } from "./parts/icons";
import { Money } from "./parts/money";
import { to } from "./route";
import { nextTheme, theme } from "./theme";

const NAMES: readonly (readonly [page: IconName, title: string])[] = [
  ["models", "Models"],
  ["playground", "Playground"],
  ["activity", "Activity"],
  ["requests", "Requests"],
  ["keys", "Keys"],
  ["credit", "Credit"],
];
const REFRESH_MS = 30_000;

export function Shell({ here, children }: { here: string; children: ComponentChildren }) {
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={skip}>
        Skip to the page
      </a>
      <header class="side">
        <a class="brand" href={`${HERE}/`}>
          <Mark />
          Interchange
        </a>
        <nav class="nav" aria-label="Console">
          <ul>
            {NAMES.map(([page, title]) => (
              <li key={page}>
                <a href={to(page)} aria-current={page === here ? "page" : undefined}>
                  <Icon name={page} />
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="side-foot">
          {session.manages.value && <Purse key={session.key.value} />}
          <div class="side-tools">
            <a href={`${HERE}/docs/quickstart`}>Docs</a>
            <button class="btn quiet small" type="button" onClick={nextTheme}>
              <span aria-hidden="true">◐</span>
              <span class="theme">{theme.value === "" ? "Auto" : theme.value === "dark" ? "Dark" : "Light"}</span>
              <span class="sr"> theme; choose the next</span>
            </button>
            {session.entered.value ? (
              <button class="btn quiet small" type="button" onClick={session.leave}>
                Sign out
              </button>
            ) : (
              <a href={to("signin")}>Sign in</a>
            )}
          </div>
        </div>
      </header>
      {children}
    </div>
  );
}

function Purse() {
  const account = useLoading((signal) => ask<Account>("/v1/account", signal), [], REFRESH_MS);
  const found = account.value.value;
  if (found === null) return null;
  return (
    <a class="purse" href={to("credit")}>
      <span class="small">Balance</span>
      <strong>
        <Money usd={found.available_usd} />
      </strong>
    </a>
  );
}

/** The address behind the # is the page's own, so the link moves the focus by hand. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
