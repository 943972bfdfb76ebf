/**
 * Changes to when and how often a node may run: order, guard, runs, rows, conditions across arguments, the limits of the session.
 * Pure. Only proposes; each is frozen and replayed before anybody sees it.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import type { PlanNode } from "../../plan/plan.ts";
import { readsOf } from "../../plan/walk-reads.ts";
import type { LabelledCall } from "../labelled-replay.ts";
import type { Steps } from "../patch.ts";
import { type Edit, nodeOf, type Situation } from "../situation.ts";

/** A node with its name. */
interface Named {
  readonly name: string;
  readonly node: PlanNode;
}

/** Changes to the node that came closest, apart from its arguments. */
export function nodeEdits(situation: Situation): readonly Edit[] {
  const found = nodeOf(situation);
  const session = sessionEdits(situation);
  if (found === undefined) return session;
  return [
    ...orderEdits(situation, found),
    ...guardEdits(found),
    ...runEdits(situation, found),
    ...requireEdits(found),
    ...session,
  ];
}

function at({ name }: Named, ...steps: Steps): Steps {
  return ["nodes", name, ...steps];
}

/** The nodes whose runs a node waits for, through `let` nodes too. */
export function predecessorsOf({ plan }: Situation, { name, node }: Named): readonly string[] {
  const names = { nodes: new Set(Object.keys(plan.nodes)), params: new Set(Object.keys(plan.params ?? {})) };
  const found = new Set<string>();
  const seen = new Set<string>([name]);
  const visit = (from: Named): void => {
    for (const read of readsOf(from.name, from.node, names)) {
      const other = plan.nodes[read.node];
      if (other === undefined || seen.has(read.node)) continue;
      seen.add(read.node);
      if (other.tool === undefined) visit({ name: read.node, node: other });
      else found.add(read.node);
    }
  };
  visit({ name, node });
  return [...found].sort();
}

/** Allowed calls of a node before the one in question. */
export function runsOf({ calls, call }: Situation, node: string): readonly LabelledCall[] {
  return calls.filter((each) => each !== call && each.verdict === "allow" && each.node === node);
}

function orderEdits(situation: Situation, found: Named): readonly Edit[] {
  const { name, node } = found;
  const after = node.after ?? [];
  const edits: Edit[] = after.map((other, i) => ({
    patch: [{ op: "remove", path: at(found, "after", i) }],
    opens: `\`${name}\` may run before \`${other}\` has succeeded`,
    rank: 4,
  }));
  if (after.length > 1)
    edits.push({
      patch: [{ op: "remove", path: at(found, "after") }],
      opens: `\`${name}\` may run before any of ${after.map((other) => `\`${other}\``).join(", ")}`,
      rank: 5,
    });
  for (const other of predecessorsOf(situation, found)) {
    const before = situation.plan.nodes[other] as PlanNode;
    if (minOf(before) > 0)
      edits.push({
        patch: [timesPatch(other, before, { min: 0, max: maxOf(before) })],
        opens: `\`${name}\` may run without \`${other}\``,
        rank: 4,
      });
  }
  // An optional node closes when a successor starts; one that may have no run does not.
  if (node.optional === true) {
    const patch = [{ op: "remove", path: at(found, "optional") }, timesPatch(name, node, { min: 0, max: maxOf(node) })] as const;
    edits.push({ patch, opens: `\`${name}\` may run also after what reads it has started`, rank: 3 });
  }
  return edits;
}

function minOf({ times, optional }: PlanNode): number {
  if (optional === true) return 0;
  return typeof times === "number" ? times : times === undefined ? 1 : (times.min ?? 1);
}

function maxOf({ times }: PlanNode): number {
  return typeof times === "number" ? times : (times?.max ?? 1);
}

function timesPatch(
  name: string,
  node: PlanNode,
  times: { readonly min: number; readonly max: number },
): { readonly op: "add" | "replace"; readonly path: Steps; readonly value: Json } {
  return {
    op: node.times === undefined ? "add" : "replace",
    path: ["nodes", name, "times"],
    value: times.min === times.max ? times.max : { ...times },
  };
}

function guardEdits(found: Named): readonly Edit[] {
  if (found.node.when === undefined) return [];
  return [
    { patch: [{ op: "remove", path: at(found, "when") }], opens: `\`${found.name}\` may run whatever \`when\` says`, rank: 6 },
  ];
}

function runEdits(situation: Situation, found: Named): readonly Edit[] {
  const { name, node } = found;
  const max = maxOf(node) + 1;
  const row = node.each === undefined ? "" : " for each row";
  const edits: Edit[] = [
    {
      patch: [timesPatch(name, node, { min: Math.min(minOf(node), max), max })],
      opens: `\`${name}\` may run ${max} times${row}: one more`,
      rank: 3,
    },
  ];
  if (node.constraints?.idempotent !== true && runsOf(situation, name).length > 0) {
    const add =
      node.constraints === undefined
        ? { path: at(found, "constraints"), value: { idempotent: true } }
        : { path: at(found, "constraints", "idempotent"), value: true };
    edits.push({
      patch: [{ op: "add", ...add }],
      opens: `\`${name}\` may be tried again after a failure, as often as it fails`,
      rank: 4,
    });
  }
  if (typeof node.each === "object") {
    for (const factor of [2, 10, 100]) {
      const rows = node.each.max * factor;
      edits.push({
        patch: [{ op: "replace", path: at(found, "each", "max"), value: rows }],
        opens: `\`${name}\` may run for up to ${rows} rows`,
        rank: 4,
        family: "each",
      });
    }
  }
  return edits;
}

function requireEdits(found: Named): readonly Edit[] {
  const conditions = found.node.require ?? [];
  const one = conditions.map(
    (source, i): Edit => ({
      patch: [{ op: "remove", path: at(found, "require", i) }],
      opens: `\`${found.name}\` runs also where \`${source}\` does not hold`,
      rank: 8,
      family: `require/${i}`,
    }),
  );
  if (conditions.length < 2) return one;
  return [
    ...one,
    { patch: [{ op: "remove", path: at(found, "require") }], opens: `\`${found.name}\` runs whatever \`require\` says`, rank: 9 },
  ];
}

/** Limits of the session: calls and bytes. */
function sessionEdits(situation: Situation): readonly Edit[] {
  const { plan, call, calls } = situation;
  const edits: Edit[] = [];
  if (call.code === "CALL_LIMIT" && plan.limits?.calls !== undefined) {
    const needed = calls.filter(({ verdict }) => verdict === "allow").length + 1;
    edits.push({
      patch: [{ op: "replace", path: ["limits", "calls"], value: needed }],
      opens: `a session may make ${needed} calls`,
      rank: 2,
    });
  }
  if (call.code === "CALL_TOO_LARGE") edits.push(...byteEdits(situation));
  return edits;
}

function byteEdits({ plan, call }: Situation): readonly Edit[] {
  // Two bytes for each unit are enough for what JSON makes of the arguments that were sent; filled ones come on top.
  const sent = canonicalJson(call.sent).length * 2;
  const node = call.node === null ? undefined : plan.nodes[call.node];
  const places: readonly (readonly [Steps, number | undefined])[] = [
    [["limits", "maxBytes"], plan.limits?.maxBytes],
    [["nodes", call.node ?? "", "constraints", "maxBytes"], node?.constraints?.maxBytes],
  ];
  return places.flatMap(([path, now]): readonly Edit[] =>
    now === undefined
      ? []
      : [1, 10].map((factor) => {
          const value = Math.max(sent, now) * factor;
          return {
            patch: [{ op: "replace", path, value }],
            opens: `arguments and results of up to ${value} bytes`,
            rank: 3,
            family: path.join("/"),
          };
        }),
  );
}
