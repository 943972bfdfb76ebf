/**
 * Which variables an expression reads, and how far into each it is known to reach, for labels and for a plan's edges.
 * Never too little: what cannot be told from the text counts as reading all. Pure. No I/O, no clock.
 */
import type { Node } from "./syntax.ts";

/** A variable and the static chain of members read below it. The value there, and everything under it, may be read. */
export interface Read {
  readonly variable: string;
  readonly path: readonly string[];
}

/** All reads of an expression, each once, in the order of the text. */
export function readsOf(node: Node): readonly Read[] {
  const found = new Map<string, Read>();
  collect(node, [], found);
  return [...found.values()];
}

/** `path` holds the members that are read of `node` itself, outermost last. */
function collect(node: Node, path: readonly string[], found: Map<string, Read>): void {
  switch (node.kind) {
    case "literal":
    case "local":
      return;
    case "variable": {
      const read: Read = { variable: node.name, path };
      const key = JSON.stringify([node.name, ...path]);
      if (!found.has(key)) found.set(key, read);
      return;
    }
    case "member":
    case "has":
      collect(node.of, [node.name, ...path], found);
      return;
    case "index": {
      const { index } = node;
      // `nodes["a"]` is as static as `nodes.a`; any other index may reach every member.
      const name = index.kind === "literal" && typeof index.value === "string" ? index.value : undefined;
      collect(node.of, name === undefined ? [] : [name, ...path], found);
      collect(index, [], found);
      return;
    }
    default:
      for (const child of childrenOf(node)) collect(child, [], found);
  }
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "list":
      return node.elements;
    case "object":
      return node.members.flat();
    case "if":
      return [node.test, node.yes, node.no];
    case "and":
    case "or":
    case "binary":
      return [node.left, node.right];
    case "not":
    case "negate":
      return [node.of];
    case "macro":
      return [node.list, node.test, node.step].filter((child) => child !== undefined);
    case "call":
      return node.args;
    default:
      return [];
  }
}
