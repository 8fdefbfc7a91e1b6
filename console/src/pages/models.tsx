import { Fragment } from "preact";

import { ask } from "../api/client";
import { useLoading } from "../api/loading";
import { session } from "../api/session";
import type { Model, Models as Listed } from "../api/types";
import { brief, date, plural, words } from "../format";
import { price } from "../money";
import { Choice, Field } from "../parts/field";
import { Empty, Loaded } from "../parts/notice";
import { KINDS, matches, priceOf, type Sort, sorted, unitPrice, vendor } from "./catalog";
import { asked, place, say, to, turn } from "../route";
import { ModelAccount } from "./model";

const COLUMNS: readonly (readonly [sort: Sort, title: string, number: boolean])[] = [
  ["id", "Model", false],
  ["vendor", "Vendor", false],
  ["context", "Context", true],
  ["input", "Input", true],
  ["cache", "Cached", true],
  ["output", "Output", true],
];
const SORTS = [
  ["id", "Name"],
  ["input", "Input price"],
  ["output", "Output price"],
  ["context", "Context"],
  ["vendor", "Vendor"],
] as const;

export function Models() {
  const models = useLoading((signal) => ask<Listed>("/v1/models", signal), [session.key.value]);
  const hidden = !session.entered.value && models.error.value?.status === 401;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Models</h1>
          <p>Every chat model answers through the OpenAI and the Anthropic protocol. Prices are in US dollars per million tokens.</p>
        </div>
      </div>
      {hidden ? (
        <Hidden />
      ) : (
        <Loaded from={models} what="the models" lines={12}>
          {(found) => <Catalog models={found.data} />}
        </Loaded>
      )}
    </>
  );
}

/** In the place of a list that the operator shows to customers only. */
function Hidden() {
  return (
    <div class="card">
      <Empty title="This list is for customers">
        <p>This gateway shows its models and prices to those who have a key of it.</p>
        <a class="btn main" href={to("signin")}>
          Sign in
        </a>
      </Empty>
    </div>
  );
}

function Catalog({ models }: { models: Model[] }) {
  const [search, kind, owner, open] = [asked("search"), asked("kind"), asked("vendor"), place.value.rest];
  const [sees, thinks, caches, down] = [asked("reads") === "images", asked("thinks") === "yes", asked("caches") === "yes", asked("order") === "down"];
  const sort = COLUMNS.find(([column]) => column === asked("sort"))?.[0] ?? "id";
  const kept = models.filter(
    (one) =>
      matches(one, search) &&
      (kind === "" || one.kind === kind) &&
      (owner === "" || vendor(one) === owner) &&
      (!sees || one.input_modalities?.includes("image")) &&
      (!thinks || one.supports_reasoning) &&
      (!caches || one.supports_prompt_caching),
  );
  const shown = sorted(kept, sort, down);
  const by = (next: Sort) => say({ sort: next === "id" ? "" : next, order: sort === next && !down ? "down" : "" });
  const kinds = [...new Set(models.map((one) => one.kind))].map((one) => [one, KINDS[one] ?? one] as const);
  const owners = [...new Set(models.map(vendor))].sort().map((one) => [one, one] as const);

  return (
    <div class="stack">
      <div class="filters" role="search">
        <Field class="search" label="Search" name="search" type="search" placeholder="sonnet, vision, 0.15 …" value={search} onInput={(event) => say({ search: event.currentTarget.value })} />
        <Choice label="Kind" name="kind" value={kind} options={[["", "All kinds"], ...kinds]} onPick={(value) => say({ kind: value })} />
        <Choice label="Vendor" name="vendor" value={owner} options={[["", "All vendors"], ...owners]} onPick={(value) => say({ vendor: value })} />
        <Choice label="Sort by" name="sort" value={sort} options={SORTS} onPick={(value) => say({ sort: value === "id" ? "" : value, order: "" })} />
        <div class="row checks">
          <label class="check">
            <input type="checkbox" checked={sees} onChange={() => say({ reads: sees ? "" : "images" })} />
            Reads images
          </label>
          <label class="check">
            <input type="checkbox" checked={thinks} onChange={() => say({ thinks: thinks ? "" : "yes" })} />
            Thinks
          </label>
          <label class="check">
            <input type="checkbox" checked={caches} onChange={() => say({ caches: caches ? "" : "yes" })} />
            Caches prompts
          </label>
        </div>
      </div>
      <div class="card flush">
        <p class="count small soft" role="status">
          {plural(shown.length, "model")}
        </p>
        {shown.length === 0 ? (
          <Empty title="No model is like that">
            <p>Try fewer words, or take a filter away.</p>
          </Empty>
        ) : (
          <table class="models">
            <thead>
              <tr>
                {COLUMNS.map(([column, title, number]) => (
                  <th key={column} class={number ? "n" : ""} scope="col" aria-sort={sort === column ? (down ? "descending" : "ascending") : undefined}>
                    <button class="sorter" type="button" onClick={() => by(column)}>
                      {title} <span aria-hidden="true">{sort === column ? (down ? "↓" : "↑") : ""}</span>
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Fragment key={one.id}>
                  <Row model={one} open={open === one.id} onOpen={() => turn(open === one.id ? "" : one.id)} />
                  {open === one.id && (
                    <tr class="opened">
                      <td colSpan={COLUMNS.length}>
                        <ModelAccount model={one} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}

function Row({ model, open, onOpen }: { model: Model; open: boolean; onOpen: () => void }) {
  const other = unitPrice(model);
  const cell = (column: "input" | "cache" | "output") => {
    const found = priceOf(model, column);
    if (found !== undefined) return price(found);
    return column === "output" && other ? <>{price(other[0])}<span class="unit">{other[1]}</span></> : <span class="soft">–</span>;
  };
  return (
    <tr class="opens">
      <td class="who">
        <button class="opener" type="button" aria-expanded={open} onClick={onOpen}>
          <span class="mono">{model.id}</span>
        </button>
        {model.deprecation && <span class="tag warn">ends {date(model.deprecation.date)}</span>}
        {model.kind !== "chat" && <span class="tag">{KINDS[model.kind] ?? words(model.kind)}</span>}
        {model.input_modalities?.includes("image") && <span class="tag">vision</span>}
      </td>
      <td class="of soft">{vendor(model)}</td>
      <td class="n room">{model.context_window ? brief(model.context_window) : <span class="soft">–</span>}</td>
      <td class="n in">{cell("input")}</td>
      <td class="n cached">{cell("cache")}</td>
      <td class="n out">{cell("output")}</td>
    </tr>
  );
}
