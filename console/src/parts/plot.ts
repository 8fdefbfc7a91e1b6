import uPlot from "uplot";

import { brieflyDated } from "../format";

export interface Drawn {
  values: readonly (number | null)[];
  colour: string;
  striped: boolean;
}
export interface Drawing {
  days: readonly string[];
  /** From the foot of a bar to its head. */
  series: readonly Drawn[];
  /** Lines through the days that have a value, in the place of bars. */
  lines: boolean;
  /** The value at the head of the scale. */
  top: number;
  write: (value: number) => string;
  /** The day that is pointed at; null where none is. */
  onDay: (at: number | null) => void;
}

const HIGH = 220;
const LEFT = 58;
const LABEL = 64;

/** Bars that are stacked, one a day, or lines, as wide as `place`; what it returns takes them away. Colours are those that `place`
 *  has when it is drawn: whoever changes the theme draws anew. */
export function draw(place: HTMLElement, drawing: Drawing): () => void {
  const plot = new uPlot(options(place, drawing), drawing.lines ? [days(drawing), ...drawing.series.map(({ values }) => [...values])] : stacked(drawing), place);
  const seen = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HIGH }));
  seen.observe(place);
  return () => {
    seen.disconnect();
    plot.destroy();
  };
}

const days = (drawing: Drawing): number[] => drawing.days.map((_, at) => at);

/** Each series on those below it; the highest comes first, so that the others are drawn over its foot. */
function stacked(drawing: Drawing): uPlot.AlignedData {
  const places = days(drawing);
  const sums = places.map(() => 0);
  const heads = drawing.series.map(({ values }) => places.map((at) => (sums[at] = (sums[at] ?? 0) + (values[at] ?? 0)) || null));
  return [places, ...heads.reverse()];
}

/** Dots are where a day stands alone, and everywhere where there is room for them. */
function line({ colour, striped }: Drawn): uPlot.Series {
  return { stroke: colour, width: 2, spanGaps: true, points: { show: true, size: 5, fill: colour, stroke: colour }, ...(striped ? { dash: [6, 4] } : {}) };
}

function options(place: HTMLElement, { days, series, lines, top, write, onDay }: Drawing): uPlot.Options {
  const { color, borderTopColor, backgroundColor, fontFamily } = getComputedStyle(place);
  const font = `11px ${fontFamily}`;
  const every = (wide: number) => Math.max(1, Math.ceil((days.length * LABEL) / Math.max(wide - LEFT, LABEL)));
  return {
    width: place.clientWidth,
    height: HIGH,
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.5, days.length - 0.5] }, y: { range: [0, top] } },
    axes: [
      {
        stroke: color, font, size: 24, gap: 6, grid: { show: false }, ticks: { show: false },
        splits: (plot) => days.map((_, at) => at).filter((at) => at % every(plot.width) === 0),
        values: (_, places) => places.map((at) => brieflyDated(days[at] ?? "")),
      },
      {
        stroke: color, font, size: LEFT, gap: 8, ticks: { show: false }, grid: { stroke: borderTopColor, width: 1 },
        splits: () => [0, top / 2, top],
        values: (_, places) => places.map(write),
      },
    ],
    series: [
      {},
      ...(lines ? series.map(line) : [...series].reverse().map((one) => bar(one, backgroundColor))),
    ],
    hooks: { setCursor: [({ cursor }) => onDay(cursor.left !== undefined && cursor.left >= 0 ? (cursor.idx ?? null) : null)] },
  } as uPlot.Options;
}

function bar({ colour, striped }: Drawn, around: string): uPlot.Series {
  return {
    fill: striped ? stripes(colour) : colour,
    stroke: striped ? colour : around,
    width: 1,
    points: { show: false },
    paths: uPlot.paths.bars?.({ size: [0.74, 44], radius: 0.06 }),
  } as uPlot.Series;
}

/** A pattern that is told from plain colours without colours. */
function stripes(colour: string): CanvasPattern | string {
  const size = 6 * devicePixelRatio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (pen === null) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = size / 2.6;
  for (const at of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(at - size / 2, size * 1.5);
    pen.lineTo(at + size * 1.5, -size / 2);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat") ?? colour;
}
