import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { ask, Refused } from "./api/client";
import { session } from "./api/session";
import type { OwnKey } from "./api/types";
import { Empty, Skeleton } from "./parts/notice";
import { Models } from "./pages/models";
import { SignIn } from "./pages/signin";
import { place, to } from "./route";
import { Shell } from "./shell";

type Page = ComponentType;
interface Entry {
  title: string;
  open: boolean;
  load: () => Promise<Page> | Page;
}

/** What a tab loads when it comes there for the first time. */
const PAGES: Record<string, Entry> = {
  models: { title: "Models", open: true, load: () => Models },
  playground: { title: "Playground", open: false, load: async () => (await import("./pages/playground")).Playground },
  activity: { title: "Activity", open: false, load: async () => (await import("./pages/activity")).Activity },
  requests: { title: "Requests", open: false, load: async () => (await import("./pages/requests")).Requests },
  keys: { title: "Keys", open: false, load: async () => (await import("./pages/keys")).Keys },
  credit: { title: "Credit", open: false, load: async () => (await import("./pages/credit")).Credit },
};

export function App() {
  const { page } = place.value;
  const name = page || (session.entered.value ? "activity" : "signin");
  const entry = PAGES[name];
  const title = name === "signin" ? "Sign in" : (entry?.title ?? "No such page");
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    if (session.entered.value && session.own.value === null) void learn();
  }, []);
  useEffect(() => {
    document.title = `${title} · Interchange`;
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [title]);

  return (
    <Shell here={name}>
      <main id="content" ref={main} tabIndex={-1}>
        {entry && (entry.open || session.entered.value) ? <Lazy key={name} entry={entry} /> : null}
        {(name === "signin" || (entry && !entry.open && !session.entered.value)) && <SignIn />}
        {!entry && name !== "signin" && <Nowhere />}
      </main>
    </Shell>
  );
}

/** What the kept key is; a failure keeps the key, and each page says its own. */
async function learn(): Promise<void> {
  try {
    session.own.value = await ask<OwnKey>("/v1/key");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

function Lazy({ entry }: { entry: Entry }) {
  const found = useSignal<{ page: Page } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    Promise.resolve(entry.load()).then(
      (page) => (found.value = { page }),
      () => (failed.value = true),
    );
  }, [entry]);
  if (failed.value) {
    return (
      <div class="card">
        <h1>{entry.title}</h1>
        <p class="soft">This page could not be loaded. Your key is kept; load the page again in a moment.</p>
      </div>
    );
  }
  const Found = found.value?.page;
  return Found ? (
    <Found />
  ) : (
    <>
      <h1>{entry.title}</h1>
      <Skeleton what={entry.title} />
    </>
  );
}

function Nowhere() {
  return (
    <div class="card">
      <h1 class="sr">No such page</h1>
      <Empty title="There is no such page">
        <a class="btn" href={to("models")}>
          See the models
        </a>
      </Empty>
    </div>
  );
}
