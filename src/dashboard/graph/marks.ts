/**
 * Signs and lines of the drawings, as SVG: each state has a shape of its own, so that no colour is needed to tell them apart.
 * Pure. Never a text of others, and never a style: colours are classes, so that dark, light and forced colours are the style sheet's.
 */
import { html } from "hono/html";
import type { Html } from "../shell/text.ts";
import type { Point } from "./layout.ts";

/** What became of a node in a run. */
export type NodeState = "settled" | "flight" | "held" | "denied" | "failed" | "ready" | "waiting" | "skipped";

/** The states as words, in the order in which a legend has them. */
export const stateWords: { readonly [S in NodeState]: string } = {
  settled: "settled",
  flight: "in flight",
  held: "waits for a person",
  denied: "denied",
  failed: "failed",
  ready: "pending",
  waiting: "not reached",
  skipped: "skipped",
};

/** Outline of the sign, and what stands in it; in a square of 16. */
const signs: { readonly [S in NodeState]: { readonly outline: string; readonly inside: string } } = {
  settled: { outline: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z", inside: "M4.6 8.4l2.3 2.3l4.5-5" },
  flight: { outline: "M2 2.5h12v11h-12z", inside: "M6 5.2l4.6 2.8l-4.6 2.8z" },
  held: { outline: "M8 .8l7.2 7.2l-7.2 7.2l-7.2-7.2z", inside: "M6.3 5.6v4.8M9.7 5.6v4.8" },
  denied: { outline: "M5.1 1h5.8l4.1 4.1v5.8l-4.1 4.1h-5.8l-4.1-4.1v-5.8z", inside: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" },
  failed: { outline: "M8 1.2l7.2 13h-14.4z", inside: "M8 6v4M8 11.8v.4" },
  ready: { outline: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z", inside: "M8 6.6v2.8M6.6 8h2.8" },
  waiting: { outline: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z", inside: "" },
  skipped: { outline: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z", inside: "M4 12l8-8" },
};

/** The sign of a state, at a place within a drawing. */
export function signAt(state: NodeState, { x, y }: Point): Html {
  const { outline, inside } = signs[state];
  return html`<g class="g-sign g-is-${state}" transform="translate(${x} ${y})" aria-hidden="true"><path class="g-outline" d="${outline}"/><path class="g-inside" d="${inside}"/></g>`;
}

/** The sign of a state in a line of text. */
export function sign(state: NodeState): Html {
  return html`<svg class="g-mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${signAt(state, { x: 0, y: 0 })}</svg>`;
}

/** A smooth line through points, and the head of its arrow. */
export function arrow(points: readonly Point[], className: string): Html {
  return html`<path class="${className}" d="${curve(points)}"/><path class="g-head" d="${head(points)}"/>`;
}

/** Curves from middle to middle, with the points between as handles (quadratic B-spline): never outside their hull. */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  const parts = [`M${at(first)}`];
  rest.slice(0, -1).forEach((point, i) => {
    const next = rest[i + 1] as Point;
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    parts.push(`Q${at(point)} ${at(end)}`);
  });
  if (rest.length === 1) parts.push(`L${at(last)}`);
  return parts.join("");
}

function at({ x, y }: Point): string {
  return `${tenth(x)} ${tenth(y)}`;
}

/** The triangle at the end of a line, in the direction in which the line comes. */
function head(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return "";
  const length = Math.sqrt((tip.x - before.x) ** 2 + (tip.y - before.y) ** 2) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const corner = (side: number): string => at({ x: tip.x - 7 * dx + side * 3.5 * dy, y: tip.y - 7 * dy - side * 3.5 * dx });
  return `M${at(tip)}L${corner(1)}L${corner(-1)}z`;
}

/** With one digit after the point: square roots and divisions are exact to far more on every runtime. */
function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
