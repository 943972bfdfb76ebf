/**
 * Places the boxes and edges of a directed graph, by dagre: the same graph has the same coordinates on every runtime.
 * Pure. Never measures text, knows no font and no screen, and never lays out more than it is meant for: who calls it has collapsed the graph.
 */
import { Graph, layout } from "@dagrejs/dagre";

/** A box, in pixels. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Boxes of one frame are drawn next to each other. */
  readonly frame?: string;
}

/** An edge between two boxes by their ids. */
export interface Line {
  readonly from: string;
  readonly to: string;
  /** Room for what is written at it, in pixels. */
  readonly label?: { readonly width: number; readonly height: number };
}

/** A place in pixels, from the upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with its upper left corner. */
export interface PlacedBox extends Box, Point {}

/** An edge with the points that it goes through. */
export interface PlacedLine extends Line {
  readonly points: readonly Point[];
  /** The middle of what is written at it. */
  readonly middle?: Point;
}

/** A graph as it is drawn. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, PlacedBox>;
  readonly lines: readonly PlacedLine[];
  readonly frames: ReadonlyMap<string, PlacedBox>;
}

/** `wide`: from left to right; `tall`: from top to bottom. */
export type Direction = "wide" | "tall";

/** Pixels around the whole, and above the first frame, whose name stands over what is in it. */
const margin = 8;
const frameMargin = 26;
/** Pixels by which a frame is higher than what is in it. */
const frameHead = 16;

/**
 * Places a graph. Edges to boxes that are not there, to themselves, and second ones between the same boxes are left out; an edge against
 * the order of a circle is drawn all the same.
 */
export function layOut(boxes: readonly Box[], lines: readonly Line[], { direction }: { readonly direction: Direction }): Layout {
  const graph = new Graph({ compound: true });
  graph.setGraph({
    rankdir: direction === "wide" ? "LR" : "TB",
    nodesep: direction === "wide" ? 18 : 14,
    ranksep: direction === "wide" ? 44 : 34,
    edgesep: 10,
    marginx: margin,
    marginy: boxes.some(({ frame }) => frame !== undefined) ? frameMargin : margin,
    // The other rankers of dagre are several times as slow.
    ranker: "network-simplex",
  });
  // Names of frames and of boxes may be the same.
  const ids = new Set(boxes.map(({ id }) => id));
  const frames = new Set(boxes.flatMap(({ frame }) => frame ?? []));
  for (const { id, width, height } of boxes) graph.setNode(`b ${id}`, { width, height });
  for (const frame of frames) graph.setNode(`f ${frame}`, { width: 0, height: 0 });
  for (const { id, frame } of boxes) if (frame !== undefined) graph.setParent(`b ${id}`, `f ${frame}`);
  const drawn = new Map<string, Line>();
  for (const line of lines) {
    const { from, to, label } = line;
    const key = JSON.stringify([from, to]);
    if (from === to || drawn.has(key) || !ids.has(from) || !ids.has(to)) continue;
    drawn.set(key, line);
    graph.setEdge(`b ${from}`, `b ${to}`, label === undefined ? {} : { ...label, labelpos: "c" });
  }
  layout(graph);
  return {
    ...sizeOf(graph.graph()),
    boxes: new Map(boxes.map((box) => [box.id, placed(box, graph.node(`b ${box.id}`))])),
    lines: [...drawn.values()].map((line) => ({ ...line, ...lineOf(graph.edge(`b ${line.from}`, `b ${line.to}`)) })),
    frames: new Map([...frames].map((id) => [id, frameOf(id, graph.node(`f ${id}`))])),
  };
}

/** dagre has given a frame the size of what is in it. */
function frameOf(
  id: string,
  { width, height, ...middle }: { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number },
): PlacedBox {
  const inner = placed({ id, width: whole(width), height: whole(height) }, middle);
  return { ...inner, y: inner.y - frameHead, height: inner.height + frameHead };
}

function lineOf({
  points,
  x,
  y,
}: {
  readonly points?: readonly Point[];
  readonly x?: number;
  readonly y?: number;
}): Pick<PlacedLine, "points" | "middle"> {
  const middle = x === undefined || y === undefined ? {} : { middle: { x: whole(x), y: whole(y) } };
  return { points: pointsOf({ ...(points === undefined ? {} : { points }) }), ...middle };
}

function sizeOf({ width, height }: { readonly width?: number; readonly height?: number }): {
  readonly width: number;
  readonly height: number;
} {
  return { width: whole(width), height: whole(height) };
}

/** dagre gives the middle of a box. */
function placed(box: Box, { x, y }: { readonly x?: number; readonly y?: number }): PlacedBox {
  return { ...box, x: whole((x ?? 0) - box.width / 2), y: whole((y ?? 0) - box.height / 2) };
}

function pointsOf({ points = [] }: { readonly points?: readonly Point[] }): readonly Point[] {
  return points.map(({ x, y }) => ({ x: whole(x), y: whole(y) }));
}

/** Whole pixels: no digits that two runtimes might write differently. An empty graph has no size (dagre says minus infinity). */
function whole(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.round(value) : 0;
}
