/**
 * The plot of all benchmarks: how many times `JSON.parse` of the same bytes each contender takes, on a logarithmic axis, as SVG.
 * Pure: the same figures make the same bytes. Draws what it is given; legible on light and on dark ground, and without colours.
 */
import type { Figure } from "./figures.ts";
import { digits, grouped } from "./figures-text.ts";

const frame = { left: 268, top: 64, width: 480, row: 22, right: 92, heading: 26 };
const sections: { readonly [K in Figure["kind"]]: string } = {
  floor: "Floors",
  sluice: "Sluice",
  peer: "Others, on the same calls",
  claim: "Claimed by others",
};
const order = ["floor", "sluice", "peer", "claim"] as const;
const nameCharacters = 40;

const style = `
svg { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0; --floor: #59636e; --sluice: #0072b2; --peer: #b54800; --claim: #7b4b94 }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #9aa4ae; --line: #3d444d; --floor: #9aa4ae; --sluice: #56b4e9; --peer: #f0883e; --claim: #cda4e0 } }
text { fill: var(--ink); font: 12px sans-serif } .title { font-size: 15px; font-weight: 600 } .head { font-weight: 600 } .soft { fill: var(--soft) }
.grid { stroke: var(--line) } .span { stroke-width: 2 }
${order.map((kind) => `.${kind} { fill: var(--${kind}); stroke: var(--${kind}) }`).join(" ")} .open { fill: none; stroke-width: 1.5 }`;

/** A contender of the plot. */
interface Point {
  readonly name: string;
  readonly kind: Figure["kind"];
  readonly ratio: number;
  readonly ratioP99: number | undefined;
}

/** The plot as an SVG document: what is marked for it, dearest last within a section. */
export function overviewSvg(figures: readonly Figure[]): string {
  const points = pointsOf(figures);
  const ratios = points.flatMap(({ ratio, ratioP99 = ratio }) => [ratio, ratioP99]);
  const [from, to] = [Math.floor(Math.log10(Math.min(1, ...ratios))), Math.max(1, Math.ceil(Math.log10(Math.max(1, ...ratios))))];
  const x = (ratio: number): string => tenth(frame.left + ((Math.log10(ratio) - from) / (to - from)) * frame.width);
  const body: string[] = [];
  let y = frame.top;
  for (const kind of order) {
    const own = points.filter((point) => point.kind === kind);
    if (own.length === 0) continue;
    y += frame.heading;
    body.push(`<text class="head" x="12" y="${y - 7}">${escaped(sections[kind])}</text>`);
    for (const point of own) {
      body.push(...drawn(point, { x, y: y + frame.row / 2 }));
      y += frame.row;
    }
  }
  const height = y + 60;
  const width = frame.left + frame.width + frame.right;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${title}</title>`,
    `<desc id="desc">${escaped(description(points))}</desc>`,
    `<style>${style}</style>`,
    `<text class="title" x="12" y="26">${title}</text>`,
    `<text class="soft" x="12" y="45">From the bytes of a call to the verdict. Filled: median. Open: p99, to the p99 of JSON.parse. Further left is faster.</text>`,
    ...axis({ from, to, x, bottom: y + 6 }),
    ...body,
    "</svg>",
  ].join("\n")}\n`;
}

const title = "One check, in multiples of JSON.parse of the same bytes";

function pointsOf(figures: readonly Figure[]): readonly Point[] {
  const points = figures.flatMap(({ isPlotted, name, kind, ratio, ratioP99 }): readonly Point[] => {
    if (isPlotted !== true || ratio === undefined || !(ratio > 0) || !Number.isFinite(ratio)) return [];
    const isMeasured = ratioP99 !== undefined && ratioP99 > 0 && Number.isFinite(ratioP99);
    return [{ name, kind, ratio, ratioP99: isMeasured ? ratioP99 : undefined }];
  });
  return points.sort((a, b) => a.ratio - b.ratio || (a.name < b.name ? -1 : 1));
}

function axis({
  from,
  to,
  x,
  bottom,
}: {
  readonly from: number;
  readonly to: number;
  readonly x: (ratio: number) => string;
  readonly bottom: number;
}): readonly string[] {
  const decades = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return [
    ...decades.flatMap((ratio) => [
      `<path class="grid" d="M${x(ratio)} ${frame.top}V${bottom}"/>`,
      `<text class="soft" x="${x(ratio)}" y="${bottom + 18}" text-anchor="middle">${ratio >= 1 ? grouped(ratio) : ratio}×</text>`,
    ]),
    `<text class="soft" x="${frame.left + frame.width / 2}" y="${bottom + 40}" text-anchor="middle">times JSON.parse (logarithmic)</text>`,
  ];
}

function drawn(
  { name, kind, ratio, ratioP99 }: Point,
  { x, y }: { readonly x: (ratio: number) => string; readonly y: number },
): readonly string[] {
  const short = [...name].length > nameCharacters ? `${[...name].slice(0, nameCharacters - 1).join("")}…` : name;
  const last = Math.max(ratio, ratioP99 ?? ratio);
  return [
    `<text x="${frame.left - 12}" y="${y + 4}" text-anchor="end">${escaped(short)}</text>`,
    ...(ratioP99 === undefined
      ? []
      : [
          `<path class="span ${kind}" d="M${x(ratio)} ${y}H${x(ratioP99)}"/>`,
          `<circle class="${kind} open" cx="${x(ratioP99)}" cy="${y}" r="4"/>`,
        ]),
    `<circle class="${kind}" cx="${x(ratio)}" cy="${y}" r="4"/>`,
    `<text class="soft" x="${tenth(Number(x(last)) + 10)}" y="${y + 4}">${digits(ratio)}×</text>`,
  ];
}

/** What the plot shows, for who cannot see it. */
function description(points: readonly Point[]): string {
  const sentences = order.flatMap((kind) => {
    const own = points.filter((point) => point.kind === kind);
    const list = own.map(
      ({ name, ratio, ratioP99 }) => `${name} ${digits(ratio)}×${ratioP99 === undefined ? "" : `, p99 ${digits(ratioP99)}×`}`,
    );
    return own.length === 0 ? [] : [`${sections[kind]}: ${list.join("; ")}.`];
  });
  return `Medians, and p99 where it was measured. ${sentences.join(" ")}`;
}

function tenth(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
