import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { brieflyDated } from "../format";
import { shown } from "../money";

export interface Series {
  name: string;
  values: number[];
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

const [HIGH, LEFT, FOOT, TOP] = [220, 52, 22, 8];
const MOST = 6;
const LABEL = 64;
/** As wide as a phone; the first drawing, before the place is measured. */
const NARROW = 300;

/** The width of what `box` is put on, so that a chart is drawn at the size at which it is seen and its words stay readable. */
function useWidth() {
  const box = useRef<SVGSVGElement>(null);
  const wide = useSignal(NARROW);
  useEffect(() => {
    if (!box.current) return;
    const seen = new ResizeObserver(([entry]) => entry && (wide.value = Math.max(NARROW / 2, Math.round(entry.contentRect.width))));
    seen.observe(box.current);
    return () => seen.disconnect();
  }, []);
  return [box, wide.value] as const;
}

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
  const size = (one: Series) => one.values.reduce((sum, value) => sum + value, 0);
  const order = series.every((one) => one.look) ? series : [...series].sort((one, other) => size(other) - size(one));
  if (order.length <= most) return order;
  const rest = order.slice(most - 1);
  const values = (rest[0]?.values ?? []).map((_, at) => rest.reduce((sum, one) => sum + (one.values[at] ?? 0), 0));
  return [...order.slice(0, most - 1), { name: `${rest.length} others`, values }];
}

/** Bars that are stacked, one a day. What it shows stands in its table too, which is what a screen reader is told of. */
export function Stacked({ title, days, series, write }: Given) {
  const kept = folded(series);
  const told = useSignal("");
  const sums = days.map((_, at) => kept.reduce((sum, one) => sum + (one.values[at] ?? 0), 0));
  const top = round(Math.max(...sums, 0) || 1);
  const [box, wide] = useWidth();
  const step = (wide - LEFT) / Math.max(days.length, 1);
  const tall = HIGH - FOOT - TOP;
  const height = (value: number) => (value / top) * tall;
  const every = Math.ceil((days.length * LABEL) / (wide - LEFT));
  const look = (at: number) => kept[at]?.look ?? `c${at}`;
  return (
    <figure class="chart stack tight">
      <div class="row end">
      <ul class="legend" aria-hidden="true">
        {kept.map((one, at) => (
          <li key={one.name}>
            <svg viewBox="0 0 10 10">
              <Bar look={look(at)} striped={one.striped} width={10} height={10} rx={2} />
            </svg>
            {one.name}
          </li>
        ))}
      </ul>
        <p class="small soft num" aria-hidden="true">
          {told.value}
        </p>
      </div>
      <svg class="plot" ref={box} viewBox={`0 0 ${wide} ${HIGH}`} role="img" aria-label={`${title}, a bar a day; the table below has its figures`}>
        <defs>{kept.map((one, at) => one.striped && <Stripes key={one.name} look={look(at)} />)}</defs>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1={LEFT} x2={wide} y1={TOP + tall * (1 - part)} y2={TOP + tall * (1 - part)} />
            <text x={LEFT - 8} y={TOP + tall * (1 - part) + 4} text-anchor="end">
              {write(top * part)}
            </text>
          </g>
        ))}
        {days.map((day, at) => {
          let base = HIGH - FOOT;
          return (
            <g key={day} onMouseEnter={() => (told.value = `${brieflyDated(day)}: ${write(sums[at] ?? 0)}`)} onMouseLeave={() => (told.value = "")}>
              <rect x={LEFT + at * step} y={TOP} width={step} height={tall} fill="transparent" />
              {kept.map((one, number) => {
                const size = height(one.values[at] ?? 0);
                base -= size;
                return size > 0 ? (
                  <Bar key={one.name} look={look(number)} striped={one.striped} x={LEFT + at * step + step * 0.14} y={base} width={step * 0.72} height={size} rx={Math.min(2, size / 2)}>
                    <title>{`${day} · ${one.name}: ${write(one.values[at] ?? 0)}`}</title>
                  </Bar>
                ) : null;
              })}
              {at % every === 0 && (
                <text x={LEFT + (at + 0.5) * step} y={HIGH - 6} text-anchor="middle">
                  {brieflyDated(day)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <Table title={title} days={days} series={series} write={write} />
    </figure>
  );
}

interface Box {
  look: string;
  striped?: boolean | undefined;
  x?: number;
  y?: number;
  width: number;
  height: number;
  rx: number;
  children?: preact.ComponentChildren;
}

/** A part of a bar; a striped one has an edge of its colour, and stripes in it. */
function Bar({ look, striped, children, ...box }: Box) {
  return (
    <rect class={striped ? `${look} striped` : look} {...(striped ? { style: { fill: `url(#${look}-stripes)` } } : {})} {...box}>
      {children}
    </rect>
  );
}

function Stripes({ look }: { look: string }) {
  return (
    <pattern id={`${look}-stripes`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class={look} width="2.5" height="5" />
    </pattern>
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
                    {write(one.values[at] ?? 0)}
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
