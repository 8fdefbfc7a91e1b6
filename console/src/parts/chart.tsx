import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { brieflyDated } from "../format";
import { shown } from "../money";
import { theme } from "../theme";

export interface Series {
  name: string;
  /** Null where a day has none, as no day of bars has. */
  values: (number | null)[];
  /** Its colour, where that means something; else it has one by its size. */
  look?: string;
  /** Whether it is striped, so that it can be told from the others without colours too. */
  striped?: boolean;
}
interface Given {
  title: string;
  days: string[];
  series: Series[];
  write: (value: number) => string;
}
interface Chart extends Given {
  /** Lines, each for itself, in the place of stacked bars. */
  lines?: boolean;
}

const MOST = 6;

/** The next number above that one reads at a glance, so that a line of the scale is 5 and not 4.87. */
function round(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(most));
  return unit * ([1, 2, 4, 5, 6, 8, 10].find((one) => one * unit >= most) ?? 10);
}

/** The largest series; the rest of them together, so that colours can be told apart. Those with a look of their own stay as they are. */
export function folded(series: Series[]): Series[] {
  if (series.every((one) => one.look)) return series;
  return largest(series, MOST);
}

function largest(series: Series[], most: number): Series[] {
  const size = (one: Series) => one.values.reduce((sum: number, value) => sum + (value ?? 0), 0);
  const order = series.every((one) => one.look) ? series : [...series].sort((one, other) => size(other) - size(one));
  if (order.length <= most) return order;
  const rest = order.slice(most - 1);
  const values = (rest[0]?.values ?? []).map((_, at) => sum(rest, at));
  return [...order.slice(0, most - 1), { name: `${rest.length} others`, values }];
}

const sum = (series: Series[], at: number): number => series.reduce((all, one) => all + (one.values[at] ?? 0), 0);
const written = (value: number | null | undefined, write: Given["write"]): string => (typeof value === "number" ? write(value) : "–");

/** Bars that are stacked, one a day, or lines. What it shows stands in its table too, which is what a screen reader is told of. */
export function Chart({ title, days, series, write, lines = false }: Chart) {
  const kept = folded(series);
  const pointed = useSignal<number | null>(null);
  const at = pointed.value;
  const heads = days.map((_, day) => (lines ? Math.max(0, ...kept.map((one) => one.values[day] ?? 0)) : sum(kept, day)));
  const legend = useRef<HTMLUListElement>(null);
  return (
    <figure class="chart stack tight">
      <div class="row end">
        <ul class="legend" aria-hidden="true" ref={legend}>
          {kept.map((one, number) => (
            <li key={one.name}>
              <Swatch look={one.look ?? `c${number}`} striped={one.striped} />
              {one.name}
              {at !== null && <span class="num">{written(one.values[at], write)}</span>}
            </li>
          ))}
        </ul>
        <p class="small soft num" aria-hidden="true">
          {at !== null && `${brieflyDated(days[at] ?? "")}${lines ? "" : `: ${write(heads[at] ?? 0)}`}`}
        </p>
      </div>
      <Plot title={title} days={days} series={kept} write={write} lines={lines} top={round(Math.max(...heads, 0) || 1)} legend={legend} onDay={(day) => (pointed.value = day)} />
      <Table title={title} days={days} series={series} write={write} />
    </figure>
  );
}

interface Plotted extends Given {
  lines: boolean;
  top: number;
  legend: RefObject<HTMLUListElement | null>;
  onDay: (at: number | null) => void;
}

/** Draws when the library is there, which is loaded with the first chart; and anew for other colours or figures. */
function Plot({ title, days, series, write, lines, top, legend, onDay }: Plotted) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useScheme();
  const figures = JSON.stringify([days, series.map((one) => [one.name, one.values])]);
  useEffect(() => {
    let done: (() => void) | undefined | null;
    void import("./plot").then(({ draw }) => {
      const colours = [...(legend.current?.querySelectorAll("rect.colour") ?? [])].map((one) => getComputedStyle(one).stroke);
      const drawn = series.map((one, at) => ({ values: one.values, colour: colours[at] ?? "", striped: one.striped ?? false }));
      if (place.current && done !== null) done = draw(place.current, { days, series: drawn, lines, top, write, onDay });
    }, nothing);
    return () => {
      done?.();
      done = null;
    };
  }, [figures, scheme]);
  return <div class="plot" ref={place} role="img" aria-label={`${title}, a ${lines ? "point" : "bar"} a day; the table below has its figures`} />;
}

/** The table has what a chart that cannot be loaded would show. */
function nothing(): void {}

/** Changes with the colours that are shown. */
function useScheme(): string {
  const dark = useSignal(DARK.matches);
  useEffect(() => {
    const heard = () => (dark.value = DARK.matches);
    DARK.addEventListener("change", heard);
    return () => DARK.removeEventListener("change", heard);
  }, []);
  return `${theme.value} ${dark.value}`;
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** A square of a series' colour, its edge being the plain one; a striped one has stripes in it. */
function Swatch({ look, striped }: { look: string; striped?: boolean | undefined }) {
  return (
    <svg viewBox="0 0 10 10" class={striped ? "striped" : undefined}>
      {striped && (
        <defs>
          <pattern id={`${look}-stripes`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class={look} width="2.5" height="5" />
          </pattern>
        </defs>
      )}
      <rect class={`colour ${look}`} {...(striped ? { style: { fill: `url(#${look}-stripes)` } } : {})} x="0.5" y="0.5" width="9" height="9" rx="1.5" />
    </svg>
  );
}

/** More columns than one reads; the rest are in the CSV of `/v1/usage`. */
const COLUMNS = 50;

function Table({ title, days, series, write }: Given) {
  const open = useSignal(false);
  return (
    <details class="table" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>The same as a table</summary>
      {open.value && <Cells title={title} days={days} series={largest(series, COLUMNS)} write={write} />}
    </details>
  );
}

function Cells({ title, days, series, write }: Given) {
  return (
      <div class="scroll" tabIndex={0} role="region" aria-label={`${title}: table`}>
        <table class="folds">
          <thead>
            <tr>
              <th scope="col">Day</th>
              {series.map((one) => (
                <th key={one.name} scope="col" class="n">
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, at) => (
              <tr key={day}>
                <th scope="row" class="num">{day}</th>
                {series.map((one) => (
                  <td key={one.name} class={one.values[at] ? "n" : "n nothing"} data-name={one.name}>
                    {written(one.values[at], write)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
  );
}

export const dollars = (value: number): string => shown(value.toFixed(9));
