/**
 * A plan as a picture: the nodes with their tools, what comes before what, and, where there is one, a run drawn on it.
 * Never decides what a state is, and never shows a value. Beside the picture stands the same as a table, for whoever does not see it.
 */
import { html } from "hono/html";
import type { FrozenPlan, Plan } from "../../plan/plan.ts";
import { brief, grouped, type Html, plainText } from "../shell/text.ts";
import { type Drawing, drawingOf, type PlanStep, type StepGroup } from "./drawing.ts";
import { type Direction, type Layout, layOut, type PlacedBox } from "./layout.ts";
import { arrow, type NodeState, sign, signAt, stateWords } from "./marks.ts";

/** What a run did with one node. */
export interface NodeRun {
  readonly state: NodeState;
  /** Runs that gave a result, that failed, and that have no result yet. */
  readonly ok: number;
  readonly failed: number;
  readonly flight: number;
  /** Calls that came closest to this node and were denied. */
  readonly denied: number;
  /** Where more is said of it: an address of ours. */
  readonly href?: string;
}

/** A run on a plan, by the names of nodes. A node that is not there was not reached. */
export interface RunOnPlan {
  readonly nodes: ReadonlyMap<string, NodeRun>;
}

/** A frozen plan, or a draft, which has no digest. */
export type DrawnPlan = Pick<FrozenPlan, "digest" | "plan"> | { readonly plan: Plan };

/** Drawings of the plans that were looked at last: laying one out takes many milliseconds, which other work of the process would wait for. */
const drawingsKept = 48;
const drawings = new Map<string, Placed>();

interface Placed {
  readonly drawing: Drawing;
  readonly wide: Layout;
  readonly tall: Layout;
}

/** Pixels of a character of the monospace face at the sizes of the style sheet, a little more than any common one has. */
const nameWidth = 7.9;
const toolWidth = 6.7;
/** Characters of a name in a box. The whole name is in its title and in the table. */
const charsMax = 30;
const boxHeight = 62;

/** Draws a plan, with a run if there is one: for wide windows from left to right, for narrow ones from top to bottom, and as a table. */
export function planGraph(plan: DrawnPlan, run?: RunOnPlan): Html {
  const { drawing, wide, tall } = placedOf(plan);
  const { steps, groups, isCollapsed, isReduced } = drawing;
  const name = plainText(plan.plan.name);
  const counted = `${grouped(steps.length)} ${steps.length === 1 ? "node" : "nodes"}`;
  const notes = [
    ...(isCollapsed ? [`${grouped(groups.length)} boxes stand for ${counted}`] : []),
    ...(isReduced ? ["lines that follow from others are left out"] : []),
  ];
  return html`<figure class="g-figure">
${svg("wide", { drawing, layout: wide, run, label: `Plan ${name}, ${counted}, from left to right` })}
${svg("tall", { drawing, layout: tall, run, label: `Plan ${name}, ${counted}, from top to bottom` })}
<figcaption>${run === undefined ? lines() : legend(run, steps)}${notes.length === 0 ? "" : html`<span class="hint">${notes.join("; ")}; the table has every node.</span>`}</figcaption>
${table(steps, run)}</figure>`;
}

function placedOf(plan: DrawnPlan): Placed {
  const digest = "digest" in plan ? plan.digest : undefined;
  const known = digest === undefined ? undefined : drawings.get(digest);
  if (known !== undefined) return known;
  const drawing = drawingOf(plan.plan);
  const boxes = drawing.groups.map((group) => ({ id: group.id, width: widthOf(group), height: boxHeight }));
  const placed = {
    drawing,
    wide: layOut(boxes, drawing.edges, { direction: "wide" }),
    tall: layOut(boxes, drawing.edges, { direction: "tall" }),
  };
  if (digest !== undefined) drawings.set(digest, placed);
  const [oldest] = drawings.keys();
  if (drawings.size > drawingsKept && oldest !== undefined) drawings.delete(oldest);
  return placed;
}

function widthOf(group: StepGroup): number {
  const [first, second] = linesOf(group);
  return Math.ceil(44 + Math.max(120, first.length * nameWidth, second.length * toolWidth));
}

/** What is written in a box: its name, and below it the tool. */
function linesOf({ steps, title }: StepGroup): readonly [string, string] {
  const [first] = steps;
  if (first === undefined) return ["", ""];
  if (title === undefined) return [plainText(first.name, charsMax), plainText(first.tool ?? "computed", charsMax)];
  return [plainText(`${steps.length} × ${title}`, charsMax), plainText(`${first.name} … ${steps.at(-1)?.name ?? ""}`, charsMax)];
}

interface Picture {
  readonly drawing: Drawing;
  readonly layout: Layout;
  readonly run: RunOnPlan | undefined;
  readonly label: string;
}

function svg(direction: Direction, { drawing, layout, run, label }: Picture): Html {
  const { width, height } = layout;
  const data = new Map(drawing.edges.map(({ from, to, isData }) => [JSON.stringify([from, to]), isData]));
  const edges = layout.lines.map(({ from, to, points }) =>
    arrow(points, data.get(JSON.stringify([from, to])) === true ? "g-line" : "g-line g-order"),
  );
  const boxes = drawing.groups.map((group) => box(group, { place: layout.boxes.get(group.id), run }));
  return html`<div class="scroller g-${direction}" role="region" aria-label="${label}" tabindex="0"><svg xmlns="http://www.w3.org/2000/svg" class="g-svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}"><g class="g-lines" aria-hidden="true">${edges}</g>${boxes}</svg></div>`;
}

function box(
  group: StepGroup,
  { place, run }: { readonly place: PlacedBox | undefined; readonly run: RunOnPlan | undefined },
): Html {
  if (place === undefined) return html``;
  const { x, y, width, height } = place;
  const [name, tool] = linesOf(group);
  const said = run === undefined ? undefined : groupRun(group.steps, run);
  const state = said === undefined ? "" : ` g-box-${said.state}`;
  const whole =
    group.steps.length === 1 ? `${group.steps[0]?.name ?? ""}: ${group.steps[0]?.tool ?? "computed"}` : `${name}, ${tool}`;
  const words = said === undefined ? "" : wordsOf(said);
  const inside = html`<title>${plainText(whole, 400)}${words === "" ? "" : `: ${words}`}</title>${group.steps.length > 1 ? html`<rect class="g-behind" x="${x + 4}" y="${y + 4}" width="${width - 4}" height="${height - 4}" rx="6"/>` : ""}<rect class="g-box" x="${x}" y="${y}" width="${group.steps.length > 1 ? width - 4 : width}" height="${group.steps.length > 1 ? height - 4 : height}" rx="6"/>${said === undefined ? "" : signAt(said.state, { x: x + 10, y: y + 11 })}<text class="g-name" x="${x + (said === undefined ? 12 : 32)}" y="${y + (said === undefined ? 27 : 23)}">${name}</text><text class="g-tool" x="${x + 12}" y="${y + (said === undefined ? 45 : 40)}">${tool}</text>${said === undefined ? "" : html`<text class="g-words" x="${x + 12}" y="${y + 54}">${words}</text>`}`;
  const node = html`<g class="g-node${state}">${inside}</g>`;
  return said?.href === undefined ? node : html`<a href="${said.href}">${node}</a>`;
}

/** The states of several nodes as one: what asks for a look comes first. */
const worstFirst: readonly NodeState[] = ["denied", "held", "failed", "flight", "ready", "waiting", "settled", "skipped"];

/** What a run did with the nodes of a box, added up. */
export function groupRun(steps: readonly PlanStep[], { nodes }: RunOnPlan): NodeRun {
  const runs = steps.map(({ name }) => nodes.get(name) ?? notReached);
  const sum = (of: (run: NodeRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const state = worstFirst.find((one) => runs.some((run) => run.state === one)) ?? "waiting";
  const href = runs.find((run) => run.state === state && run.href !== undefined)?.href;
  return {
    state,
    ok: sum(({ ok }) => ok),
    failed: sum(({ failed }) => failed),
    flight: sum(({ flight }) => flight),
    denied: sum(({ denied }) => denied),
    ...(href === undefined ? {} : { href }),
  };
}

const notReached: NodeRun = { state: "waiting", ok: 0, failed: 0, flight: 0, denied: 0 };

/** A state with its counts, in words: `settled 2 ×, denied 1 ×`. */
export function wordsOf({ state, ok, failed, flight, denied }: NodeRun): string {
  const counts: readonly (readonly [NodeState, number])[] = [
    ["settled", ok],
    ["flight", flight],
    ["failed", failed],
    ["denied", denied],
  ];
  const times = (count: number): string => (count > 1 ? ` ${grouped(count)} ×` : "");
  const own = counts.find(([each]) => each === state)?.[1] ?? 0;
  const others = counts
    .filter(([each, count]) => each !== state && count > 0)
    .map(([each, count]) => `${stateWords[each]}${times(count)}`);
  return [`${stateWords[state]}${times(own)}`, ...others].join(", ");
}

/** What the two kinds of lines mean. */
function lines(): Html {
  return html`<ul class="g-legend"><li><svg class="g-mark" viewBox="0 0 32 16" width="32" height="16" aria-hidden="true" focusable="false"><path class="g-line" d="M2 8L30 8"/></svg>a result goes along</li><li><svg class="g-mark" viewBox="0 0 32 16" width="32" height="16" aria-hidden="true" focusable="false"><path class="g-line g-order" d="M2 8L30 8"/></svg>only has to be settled before</li></ul>`;
}

function legend({ nodes }: RunOnPlan, steps: readonly PlanStep[]): Html {
  const counts = new Map<NodeState, number>();
  for (const { name } of steps) {
    const { state } = nodes.get(name) ?? notReached;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const found = (Object.keys(stateWords) as readonly NodeState[]).filter((state) => counts.has(state));
  return html`<ul class="g-legend">${found.map((state) => html`<li>${sign(state)}${stateWords[state]} <span class="g-count">${grouped(counts.get(state) ?? 0)}</span></li>`)}</ul>`;
}

function table(steps: readonly PlanStep[], run: RunOnPlan | undefined): Html {
  const rows = steps.map(({ name, tool, before }) => {
    const said = run === undefined ? undefined : (run.nodes.get(name) ?? notReached);
    const words =
      said === undefined
        ? ""
        : html`<td>${sign(said.state)} ${said.href === undefined ? wordsOf(said) : html`<a href="${said.href}">${wordsOf(said)}</a>`}</td>`;
    return html`<tr><th scope="row"><code>${brief(name)}</code></th><td>${tool === undefined ? "computed" : html`<code>${brief(tool)}</code>`}</td><td>${before.length === 0 ? "–" : brief(before.join(", "), 160)}</td>${words}</tr>`;
  });
  return html`<details class="g-table"><summary>The same as a table</summary><div class="scroll" role="region" aria-label="Nodes of the plan" tabindex="0"><table><thead><tr><th scope="col">Node</th><th scope="col">Tool</th><th scope="col">After</th>${run === undefined ? "" : html`<th scope="col">In this run</th>`}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}
