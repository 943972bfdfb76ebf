/**
 * A taint chain as a picture from the sources to the sink, a frame for each agent, and as a list in the same order.
 * Never shows a value; names that other agents told are shown as texts of others.
 */
import { html } from "hono/html";
import { href } from "../shell/href.ts";
import { brief, type Html, plainText } from "../shell/text.ts";
import { type Direction, layOut, type Layout, type Line, type PlacedBox } from "./layout.ts";
import { arrow } from "./marks.ts";
import type { TaintAgent, TaintGraph, TaintNode } from "./taint.ts";

/** Pixels of a character at the sizes of the style sheet. */
const titleWidth = 7.9;
const detailWidth = 6.7;
const labelWidth = 6.4;
const charsMax = 34;
const boxHeight = 46;
/** A picture that is wider is drawn from top to bottom. */
const widestMax = 900;
/** Names of labels that are written at one edge, and in one box. */
const namesMax = 2;

/** A chain of one denial, as a picture and as a list. `label`: what it is a chain of, in words of ours. */
export function taintView(graph: TaintGraph, label: string): Html {
  const wide = placed(graph, "wide");
  const tall = placed(graph, "tall");
  // What would have to be scrolled sideways to its end, where the denied call stands, is drawn from top to bottom everywhere.
  const pictures =
    wide.width > widestMax
      ? picture(graph, tall, { className: "g-both", label: `${label}, from top to bottom` })
      : html`${picture(graph, wide, { className: "g-wide", label: `${label}, from left to right` })}${picture(graph, tall, { className: "g-tall", label: `${label}, from top to bottom` })}`;
  return html`<figure class="g-figure">${pictures}</figure>
<ol class="g-chain" aria-label="${label}, as a list">${inOrder(graph).map((node) => item(graph, node))}</ol>`;
}

/** The nodes so that each comes after what goes into it. */
export function inOrder({ nodes, edges }: TaintGraph): readonly TaintNode[] {
  const open = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { to } of edges) open.set(to, (open.get(to) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  // Deepest first, as they were found from the sink on.
  const ready = nodes.filter(({ id }) => open.get(id) === 0).toReversed();
  const order: TaintNode[] = [];
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at] as TaintNode;
    order.push(node);
    for (const { from, to } of edges) {
      if (from !== node.id) continue;
      const left = (open.get(to) ?? 0) - 1;
      open.set(to, left);
      const next = byId.get(to);
      if (left === 0 && next !== undefined) ready.push(next);
    }
  }
  // What stands in a circle, which a session never has, comes last.
  return [...order, ...nodes.filter((node) => !order.includes(node))];
}

function placed(graph: TaintGraph, direction: Direction): Layout {
  const boxes = graph.nodes.map((node) => ({
    id: node.id,
    width: widthOf(node, graph),
    height: boxHeight,
    ...(graph.agents.length > 1 ? { frame: node.agent } : {}),
  }));
  const first = namesFirst(graph);
  const lines: readonly Line[] = graph.edges.map(({ from, to, labels }) => {
    const text = namesText(labels, first);
    return { from, to, ...(text === "" ? {} : { label: { width: Math.ceil(text.length * labelWidth) + 8, height: 16 } }) };
  });
  return layOut(boxes, lines, { direction });
}

function picture(
  graph: TaintGraph,
  layout: Layout,
  { className, label }: { readonly className: string; readonly label: string },
): Html {
  const { width, height } = layout;
  const first = namesFirst(graph);
  const names = new Map(graph.edges.map(({ from, to, labels }) => [JSON.stringify([from, to]), namesText(labels, first)]));
  const edges = layout.lines.map(({ from, to, points, middle }) => {
    const text = names.get(JSON.stringify([from, to])) ?? "";
    const ground = Math.ceil(text.length * labelWidth) + 6;
    const written =
      middle === undefined || text === ""
        ? ""
        : html`<rect class="g-label-ground" x="${middle.x - ground / 2}" y="${middle.y - 8}" width="${ground}" height="16"/><text class="g-label" x="${middle.x}" y="${middle.y + 4}">${text}</text>`;
    return html`${arrow(points, "g-line")}${written}`;
  });
  return html`<div class="scroller ${className}" role="region" aria-label="${label}" tabindex="0"><svg xmlns="http://www.w3.org/2000/svg" class="g-svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}">${frames(graph, layout)}<g class="g-lines" aria-hidden="true">${edges}</g>${graph.nodes.map((node) => box(node, graph, layout.boxes.get(node.id)))}</svg></div>`;
}

function frames({ agents }: TaintGraph, layout: Layout): readonly Html[] {
  return agents.flatMap(({ id, name }) => {
    const place = layout.frames.get(id);
    if (place === undefined) return [];
    const { x, y, width, height } = place;
    return [
      html`<g class="g-frame"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/><text x="${x + 10}" y="${y + 14}">${plainText(name, Math.max(6, Math.floor((width - 20) / detailWidth)))}</text></g>`,
    ];
  });
}

function box(node: TaintNode, graph: TaintGraph, place: PlacedBox | undefined): Html {
  if (place === undefined) return html``;
  const { x, y, width, height } = place;
  const [title, detail] = textsOf(node);
  const inside = html`<g class="g-taint g-taint-${node.kind}${isBad(node) ? " g-taint-bad" : ""}"><title>${plainText(sentence(node, graph), 400)}</title>${shape(node, place)}<text class="g-name" x="${x + width / 2}" y="${y + 20}">${title}</text><text class="g-tool" x="${x + width / 2}" y="${y + height - 11}">${detail}</text></g>`;
  const target = hrefOf(node, graph);
  return target === undefined ? inside : html`<a href="${target}">${inside}</a>`;
}

/** Each kind has an outline of its own: results are boxes, contexts round, receipts slanted, the sink an octagon. */
function shape({ kind }: TaintNode, { x, y, width, height }: PlacedBox): Html {
  if (kind === "receipt") {
    const cut = 12;
    return html`<path class="g-box" d="M${x + cut} ${y}H${x + width}L${x + width - cut} ${y + height}H${x}z"/>`;
  }
  if (kind === "sink") {
    const cut = 11;
    return html`<path class="g-box" d="M${x + cut} ${y}H${x + width - cut}L${x + width} ${y + cut}V${y + height - cut}L${x + width - cut} ${y + height}H${x + cut}L${x} ${y + height - cut}V${y + cut}z"/>`;
  }
  return html`<rect class="g-box" x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === "context" ? height / 2 : 5}"/>`;
}

/** Whether it is where a chain begins badly: a receipt that does not hold. */
function isBad({ kind, status }: TaintNode): boolean {
  return kind === "receipt" && status !== undefined && status !== "admitted";
}

function widthOf(node: TaintNode, graph: TaintGraph): number {
  const [title, detail] = textsOf(node);
  const frame = graph.agents.length > 1 ? 24 : 0;
  return Math.ceil(Math.max(110 + frame, title.length * titleWidth, detail.length * detailWidth) + 36);
}

/** What is written in a box. */
function textsOf(node: TaintNode): readonly [string, string] {
  const { kind, tool = "", node: name, run, argument, receipt = "", status } = node;
  const cut = (text: string): string => plainText(text, charsMax);
  switch (kind) {
    case "result":
      return [cut(tool), cut(`result of ${name ?? "a call"}${run === undefined ? "" : `, run ${run}`}`)];
    case "context":
      return ["what it had read", cut(namesText(node.labels) || "no label")];
    case "call":
      return tool === ""
        ? ["its answer", "to the other agent"]
        : [cut(tool), cut(`call of ${name ?? ""}${run === undefined ? "" : `, run ${run}`}`)];
    case "receipt":
      return isBad(node)
        ? ["no receipt that counts", cut(status ?? "")]
        : [`receipt ${cut(receipt.slice(0, 8))}…`, cut(status ?? "admitted")];
    case "sink":
      return [cut(tool), cut(argument === undefined ? "the call, denied" : `argument ${argument}, denied`)];
  }
}

/** The names that sources have: of all that a label has gathered on its way, these are what it is about. */
function namesFirst({ nodes, edges }: TaintGraph): ReadonlySet<string> {
  const into = new Set(edges.map(({ to }) => to));
  return new Set(nodes.filter(({ id }) => !into.has(id)).flatMap(({ labels }) => labels));
}

function namesText(labels: readonly string[], first: ReadonlySet<string> = new Set()): string {
  const sorted = [...labels.filter((name) => first.has(name)), ...labels.filter((name) => !first.has(name))];
  const shown = sorted.slice(0, namesMax).map((name) => plainText(name, 24));
  return `${shown.join(", ")}${labels.length > namesMax ? ` +${labels.length - namesMax}` : ""}`;
}

/** What stands in the list, and in the title of a box. */
function sentence(node: TaintNode, { agents, nodes, edges }: TaintGraph): string {
  const agent = agents.find(({ id }) => id === node.agent);
  const by = agents.length > 1 && agent !== undefined ? `${agent.name}: ` : "";
  const labels = node.labels.length === 0 ? "no label" : `labels ${node.labels.join(", ")}`;
  const onward = edges.filter(({ from }) => from === node.id).flatMap(({ to }) => nodes.find(({ id }) => id === to) ?? []);
  const goes = onward.length === 0 ? "" : `, into ${onward.map(shortName).join(" and ")}`;
  return `${by}${longName(node)} (${labels})${goes}`;
}

function shortName({ kind, tool = "", argument, node }: TaintNode): string {
  if (kind === "context") return "what the agent had read";
  if (kind === "receipt") return "the receipt that the next agent was given";
  if (kind === "call") return tool === "" ? "its answer" : `the call of ${tool} to another agent`;
  if (kind === "sink") return `${argument === undefined ? "the call" : argument} of ${tool}`;
  return `the call of ${node ?? tool}`;
}

function longName(one: TaintNode): string {
  const { kind, tool = "", node, run, argument, receipt, status } = one;
  switch (kind) {
    case "result":
      return `result of ${tool}${node === undefined ? "" : `, node ${node}`}${run === undefined ? "" : `, run ${run}`}`;
    case "context":
      return "what the agent had read by then";
    case "call":
      return tool === ""
        ? "its answer to another agent"
        : `call of ${tool} to another agent, node ${node ?? ""}${run === undefined ? "" : `, run ${run}`}`;
    case "receipt":
      return isBad(one)
        ? `data without a receipt that counts: ${status ?? ""}`
        : `receipt ${receipt ?? ""}, ${status ?? "admitted"}`;
    case "sink":
      return `denied: ${argument === undefined ? "the call" : `argument ${argument}`} of ${tool}`;
  }
}

function item(graph: TaintGraph, node: TaintNode): Html {
  const target = hrefOf(node, graph);
  const agent = graph.agents.find(({ id }) => id === node.agent);
  const record =
    node.record === undefined
      ? ""
      : html` <a href="${href("/records/:seq", { seq: String(node.record) })}">record ${node.record}</a>`;
  const session =
    target === undefined
      ? ""
      : html` <a href="${target}">${node.run === undefined ? `session of ${plainText(agent?.name ?? "", 40)}` : `run ${node.run} of ${plainText(agent?.name ?? "", 40)}`}</a>`;
  return html`<li class="g-step g-step-${node.kind}">${brief(sentence(node, graph), 400)}${session}${record}</li>`;
}

/** Where more is to be seen of a node: the run in the session of its agent, where that is here. */
function hrefOf(node: TaintNode, { agents }: TaintGraph): string | undefined {
  const agent: TaintAgent | undefined = agents.find(({ id }) => id === node.agent);
  if (agent?.session === undefined || !agent.isHere || node.kind === "sink") return undefined;
  return `${href("/sessions/:id", { id: agent.session })}${node.run === undefined ? "" : `#run-${node.run}`}`;
}
