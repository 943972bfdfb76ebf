/**
 * Joins nodes that no call could tell apart: the same tool under the same rules.
 * Pure. Never leaves two nodes of which a call with the agent's own text would fit both.
 */
import { canonicalJson } from "../json/canonical.ts";
import { roleOf } from "../catalogue/catalogue.ts";
import type { Json } from "../json/value.ts";
import { linksIn } from "../lang/host.ts";
import type { ArgRule, WriteSpec } from "../plan/plan.ts";
import { writeCharsMin } from "./argument.ts";
import type { Draft, LearnedRule, NodeDraft } from "./draft.ts";

/** Joins nodes whose rules differ in free text at most. */
export function mergeTwins(draft: Draft): void {
  const kept = new Map<string, NodeDraft>();
  const merged: NodeDraft[] = [];
  for (const node of draft.nodes) {
    const key = keyOf(node);
    const twin = kept.get(key);
    if (twin === undefined || node.each !== undefined || !canJoin(twin, node)) {
      if (twin === undefined) kept.set(key, node);
      merged.push(node);
      continue;
    }
    const joined = join(twin, node);
    merged[merged.indexOf(twin)] = joined;
    kept.set(key, joined);
    rename(draft, node.name, twin.name);
  }
  draft.nodes.splice(0, draft.nodes.length, ...merged);
}

/** The tool and the rules of the arguments that steer it. */
function keyOf(node: NodeDraft): string {
  const rules = [...node.args].map(([arg, { rule }]) => [arg, isText(node, arg) ? "text" : (rule as Json)] as const);
  return `${node.tool.name} ${canonicalJson(Object.fromEntries(rules))}`;
}

function isText(node: NodeDraft, arg: string): boolean {
  return roleOf(node.tool, arg) === "content";
}

/** Texts that are all constants tell the nodes apart; one free text among them does not. */
function canJoin(a: NodeDraft, b: NodeDraft): boolean {
  const texts = [...a.args].filter(([arg]) => isText(a, arg));
  const areConstants = texts.every(([arg, rule]) => rule.learned === "const" && b.args.get(arg)?.learned === "const");
  const areEqual = texts.every(
    ([arg, rule]) => canonicalJson(rule.rule as Json) === canonicalJson((b.args.get(arg)?.rule ?? null) as Json),
  );
  return areEqual || !areConstants;
}

function join(a: NodeDraft, b: NodeDraft): NodeDraft {
  const args = new Map<string, LearnedRule>(a.args);
  for (const [arg, rule] of b.args) {
    const own = args.get(arg);
    if (!isText(a, arg) || own === undefined) continue;
    args.set(arg, { ...own, learned: "write", rule: joinTexts(own.rule, rule.rule) });
  }
  return { ...a, args, steps: [...a.steps, ...b.steps], repeats: a.repeats + b.repeats };
}

/** A rule for free text that both texts keep; equal constants stay one. */
function joinTexts(a: ArgRule, b: ArgRule): ArgRule {
  if (canonicalJson(a as Json) === canonicalJson(b as Json)) return a;
  const specs = [a, b].map(specOf);
  const links = [...new Set(specs.flatMap((spec) => (Array.isArray(spec.links) ? spec.links : [])))];
  const maxLength = Math.max(...specs.map((spec) => spec.maxLength ?? 0));
  return { write: { maxLength, ...(links.length > 0 ? { links } : {}) } };
}

/** A constant text as free text of its length, with its links. */
function specOf(rule: ArgRule): WriteSpec {
  if (typeof rule === "object" && rule !== null && "write" in rule) return rule.write;
  const text = typeof rule === "string" ? rule : "";
  return { maxLength: Math.max(writeCharsMin, text.length * 2), links: linksIn(text).map((link) => link.host) };
}

/** Findings at the node that is gone point at the one that stayed. */
function rename(draft: Draft, from: string, to: string): void {
  const prefix = `/nodes/${from}/`;
  for (const [index, finding] of draft.findings.entries()) {
    if (finding.pointer.startsWith(prefix))
      draft.findings[index] = { ...finding, pointer: `/nodes/${to}/${finding.pointer.slice(prefix.length)}` };
  }
}
