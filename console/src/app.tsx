import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { lazy, LocationProvider, Route, Router } from "preact-iso";

import { ask, Refused } from "./api/client";
import { session } from "./api/session";
import type { OwnKey } from "./api/types";
import { Empty, Skeleton } from "./parts/notice";
import { Models } from "./pages/models";
import { SignIn } from "./pages/signin";
import { place, to } from "./route";
import { Shell } from "./shell";

interface Entry {
  title: string;
  open: boolean;
  page: ComponentType;
}

/** A page that is loaded when a tab comes there for the first time. */
function later(title: string, load: () => Promise<ComponentType>): Entry {
  const failed = () => () => <Unloaded title={title} />;
  return { title, open: false, page: lazy(() => load().catch(failed)) };
}

const PAGES: Record<string, Entry> = {
  models: { title: "Models", open: true, page: Models },
  playground: later("Playground", async () => (await import("./pages/playground")).Playground),
  activity: later("Activity", async () => (await import("./pages/activity")).Activity),
  requests: later("Requests", async () => (await import("./pages/requests")).Requests),
  keys: later("Keys", async () => (await import("./pages/keys")).Keys),
  credit: later("Credit", async () => (await import("./pages/credit")).Credit),
};

export function App() {
  const { page } = place.value;
  const name = page || (session.entered.value ? "activity" : "signin");
  const title = name === "signin" ? "Sign in" : (PAGES[name]?.title ?? "No such page");
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
        <Chosen name={name} title={title} />
      </main>
    </Shell>
  );
}

/** The page of that name. Its place lies behind the #, which preact-iso's own provider of places does not read. */
function Chosen({ name, title }: { name: string; title: string }) {
  const loading = useSignal(false);
  const before = useRef(false);
  const entered = session.entered.value;
  const path = `/${encodeURIComponent(name)}`;
  const here = useMemo(() => ({ ...NO_WAY, url: `${path}?${entered}`, path, query: {} }), [path, entered]);
  useEffect(() => {
    before.current ||= !loading.value;
  });
  return (
    <LocationProvider.ctx.Provider value={here}>
      {loading.value && !before.current && <Loading title={title} />}
      <Router onLoadStart={() => (loading.value = true)} onLoadEnd={() => (loading.value = false)}>
        {Object.entries(PAGES).map(([path, entry]) => (
          <Route key={path} path={`/${path}`} component={entry.open || entered ? entry.page : SignIn} />
        ))}
        <Route path="/signin" component={SignIn} />
        <Route default component={Nowhere} />
      </Router>
    </LocationProvider.ctx.Provider>
  );
}

/** Pages are left by their addresses alone (`route.ts`). */
const NO_WAY = { route: () => {}, back: () => {}, forward: () => {}, wasPush: false };

/** What the kept key is; a failure keeps the key, and each page says its own. */
async function learn(): Promise<void> {
  try {
    session.own.value = await ask<OwnKey>("/v1/key");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

function Loading({ title }: { title: string }) {
  return (
    <>
      <h1>{title}</h1>
      <Skeleton what={title} />
    </>
  );
}

function Unloaded({ title }: { title: string }) {
  return (
    <div class="card">
      <h1>{title}</h1>
      <p class="soft">This page could not be loaded. Your key is kept; load the page again in a moment.</p>
    </div>
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
