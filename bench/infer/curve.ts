/**
 * Accuracy of what is kept against coverage, one line a set, as SVG.
 * Pure. Draws what it is given and smooths nothing.
 */
import type { CurvePoint } from "./score.ts";

/** Apart also without colour: lines differ in their dashes. After Okabe and Ito 2008. */
const strokes = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const dashes = ["", "7 3", "2 3", "9 3 2 3", "4 4", "1 4", "12 4"];
const frame = { left: 56, top: 20, width: 480, height: 300 };

/** A set's line, and the point at which its threshold stands. */
export interface Line {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  readonly kept?: CurvePoint;
}

/** An SVG document. */
export function curveSvg(title: string, lines: readonly Line[]): string {
  const { left, top, width, height } = frame;
  const [right, bottom] = [left + width, top + height];
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right + 164} ${bottom + 48}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...ticks.flatMap((share) => [
      `<path d="M${x(share)} ${top}V${bottom}M${left} ${y(share)}H${right}" stroke="#ddd" fill="none"/>`,
      `<text x="${x(share)}" y="${bottom + 18}" text-anchor="middle">${Math.round(share * 100)} %</text>`,
      `<text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)} %</text>`,
    ]),
    `<text x="${left + width / 2}" y="${bottom + 38}" text-anchor="middle">share of the tasks that is kept</text>`,
    `<text transform="translate(14 ${top + height / 2}) rotate(-90)" text-anchor="middle">exactly right among the kept</text>`,
    `<path d="M${left} ${y(0.95)}H${right}" stroke="#888" stroke-dasharray="3 3" fill="none"/>`,
    ...lines.flatMap((line, index) => drawn(line, index)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function drawn({ name, points, kept }: Line, index: number): readonly string[] {
  const stroke = strokes[index % strokes.length] ?? "#000";
  const dash = dashes[index % dashes.length] ?? "";
  const style = `stroke="${stroke}" stroke-width="2" fill="none"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;
  const [legendX, legendY] = [frame.left + frame.width + 14, frame.top + 10 + index * 20];
  const path = thinned(points).map(({ coverage, accuracy }, at) => `${at === 0 ? "M" : "L"}${x(coverage)} ${y(accuracy)}`);
  return [
    ...(path.length > 0 ? [`<path d="${path.join("")}" ${style}/>`] : []),
    ...(kept === undefined ? [] : [`<circle cx="${x(kept.coverage)}" cy="${y(kept.accuracy)}" r="4" fill="${stroke}"/>`]),
    `<path d="M${legendX} ${legendY}h24" ${style}/><text x="${legendX + 30}" y="${legendY + 4}">${escaped(name)}</text>`,
  ];
}

/** At most one point for each half of a percent, the last of them: more are not seen. */
function thinned(points: readonly CurvePoint[]): readonly CurvePoint[] {
  return points.filter(({ coverage }, at) => Math.floor(coverage * 200) !== Math.floor((points[at + 1]?.coverage ?? 2) * 200));
}

function x(share: number): string {
  return (frame.left + Math.min(1, share) * frame.width).toFixed(1);
}

function y(share: number): number {
  return Math.round((frame.top + (1 - share) * frame.height) * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
