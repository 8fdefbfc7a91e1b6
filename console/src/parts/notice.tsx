import type { ComponentChildren } from "preact";

import type { Refused } from "../api/client";
import type { Loading } from "../api/loading";
import { to } from "../route";

export function Notice({ kind = "", children }: { kind?: "bad" | "warn" | "good" | ""; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <div class="grow">{children}</div>
    </div>
  );
}

/** What went wrong with one call, and the way to try it again; the way to another key where this one is none. */
export function Trouble({ error, again }: { error: Refused; again: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <div class="grow">{error.message}</div>
      {error.status === 401 && (
        <a class="btn small" href={to("signin")}>
          Use another key
        </a>
      )}
      <button class="btn small" type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

export function Skeleton({ lines = 6, what }: { lines?: number; what: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr">Loading {what}…</span>
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} aria-hidden="true" />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A call's trouble, its waiting, or what `children` make of its value. */
export function Loaded<T>({ from, what, lines, children }: { from: Loading<T>; what: string; lines?: number; children: (value: T) => ComponentChildren }) {
  const value = from.value.value;
  const error = from.error.value;
  return (
    <>
      {error && <Trouble error={error} again={from.again} />}
      {value !== null ? children(value) : !error && <Skeleton what={what} {...(lines ? { lines } : {})} />}
    </>
  );
}
