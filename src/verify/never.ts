/**
 * Reads a claim of `sluice verify --never`: `SOURCE -> SINK`, resolved against one plan.
 * Pure. Never takes a name that the plan does not know for one that it knows; a glob that matches nothing is a claim that holds.
 *
 *   SOURCE   a label, `untrusted`, a tool (`web/fetch`, `web/*`), or a node; `label:NAME` and `node:NAME` where a name is both
 *   SINK     a tool (`broker/order`, `broker/*`, `*`) or a node; then `.argument`, or `:role`, or nothing: every argument
 */
import { globMatches } from "../plan/compile.ts";
import type { CompiledNode, CompiledPlan } from "../plan/compile/compiled.ts";
import { builtInLabels } from "../plan/built-in-labels.ts";
import { oneLine } from "../plan/finding.ts";
import type { Role } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";

/** Where data ends: an argument of a node, or with role `control` the fact that a call of the node happens. */
export interface Sink {
  readonly node: string;
  /** Absent for `control`. */
  readonly argument?: string;
}

/** A claim about one plan. */
export interface Never {
  /** As it was written. */
  readonly text: string;
  /** Label names, `untrusted`, or `node:NAME` for everything that a node's result leads to. */
  readonly sources: readonly string[];
  readonly sinks: readonly Sink[];
}

/** Why a text is no claim: one line, lower case. */
export interface NeverError {
  readonly code: "VERIFY_CLAIM";
  readonly message: string;
}

/** Characters of one claim. Longer than any pair of names. */
const claimCharsMax = 1_000;

const roles: readonly Role[] = ["target", "command", "credential", "selector", "control", "content"];

/** Reads one claim. Errors: `VERIFY_CLAIM` with what would be right. */
export function parseNever(plan: CompiledPlan, text: string): Result<Never, NeverError> {
  const parts = text.slice(0, claimCharsMax).split("->");
  const [left, right] = parts.map((part) => part.trim());
  if (parts.length !== 2 || !left || !right || text.length > claimCharsMax)
    return refuse("expected `SOURCE -> SINK`, such as `external_api -> broker/*` or `untrusted -> mail/send.to`");
  const sources = readSource(plan, left);
  if (!sources.ok) return sources;
  const sinks = readSink(plan, right);
  return sinks.ok ? ok({ text: `${left} -> ${right}`, sources: sources.value, sinks: sinks.value }) : sinks;
}

function refuse(message: string): { readonly ok: false; readonly error: NeverError } {
  return err({ code: "VERIFY_CLAIM", message });
}

function readSource(plan: CompiledPlan, text: string): Result<readonly string[], NeverError> {
  if (text.startsWith("label:")) {
    const name = text.slice(6);
    return isLabel(plan, name) ? ok([name]) : refuse(`${quoted(name)} is not a label of the plan or its catalogue`);
  }
  if (text.startsWith("node:")) {
    const node = plan.byName.get(text.slice(5));
    return node?.tool === undefined
      ? refuse(`${quoted(text.slice(5))} is not a tool node of the plan`)
      : ok([`node:${node.name}`]);
  }
  const node = plan.byName.get(text);
  const isNode = node?.tool !== undefined;
  if (text === "untrusted") return ok([text]);
  if (isLabel(plan, text)) {
    return isNode ? refuse(`${quoted(text)} is a label and a node: write \`label:${text}\` or \`node:${text}\``) : ok([text]);
  }
  if (isNode) return ok([`node:${text}`]);
  if (text.includes("/") || text.includes("*")) return ok(toolNodes(plan, text).map(({ name }) => `node:${name}`));
  return refuse(`${quoted(text)} is neither a label nor a node of the plan; a tool is written \`server/tool\``);
}

function isLabel(plan: CompiledPlan, name: string): boolean {
  const isDeclared = Object.hasOwn(plan.labels, name) || Object.hasOwn(builtInLabels, name);
  return isDeclared || plan.nodes.some((node) => node.labels.includes(name));
}

function toolNodes(plan: CompiledPlan, glob: string): readonly CompiledNode[] {
  return plan.nodes.filter((node) => node.tool !== undefined && globMatches(glob, node.tool.name));
}

function readSink(plan: CompiledPlan, text: string): Result<readonly Sink[], NeverError> {
  const colon = text.lastIndexOf(":");
  const suffix = colon > 0 ? text.slice(colon + 1) : undefined;
  const role = roles.find((name) => name === suffix);
  if (suffix !== undefined && role === undefined && !text.startsWith("node:"))
    return refuse(`${quoted(suffix)} is not a role: use ${roles.map((name) => `\`${name}\``).join(", ")}`);
  const place = role === undefined ? text : text.slice(0, colon);
  const whole = nodesNamed(plan, place);
  if (whole !== undefined) return ok(whole.flatMap((node) => sinksOf(node, role)));
  const dot = place.lastIndexOf(".");
  const outer = dot > 0 ? nodesNamed(plan, place.slice(0, dot)) : undefined;
  if (outer !== undefined) {
    const argument = place.slice(dot + 1);
    const found = outer.filter((node) => node.argNames.has(argument));
    if (found.length > 0 && role === undefined) return ok(found.map(({ name }) => ({ node: name, argument })));
    if (outer.length > 0)
      return refuse(
        role === undefined
          ? `no node of ${quoted(place.slice(0, dot))} has an argument ${quoted(argument)}`
          : "an argument has one role: leave one of them out",
      );
  }
  if (place.includes("/") || place.includes("*")) return ok([]);
  return refuse(`${quoted(place)} is not a node of the plan; a tool is written \`server/tool\``);
}

/** The tool nodes that a place names; `undefined` if it names none that the plan has. */
function nodesNamed(plan: CompiledPlan, place: string): readonly CompiledNode[] | undefined {
  const name = place.startsWith("node:") ? place.slice(5) : place;
  const node = plan.byName.get(name);
  if (node?.tool !== undefined) return [node];
  const matches = toolNodes(plan, place);
  return matches.length > 0 ? matches : undefined;
}

function sinksOf(node: CompiledNode, role: Role | undefined): readonly Sink[] {
  if (role === "control") return [{ node: node.name }];
  const wanted = role === undefined ? node.args : node.args.filter((arg) => arg.roles.includes(role));
  return wanted.map((arg) => ({ node: node.name, argument: arg.name }));
}

/** A name as it is shown: without what would steer a terminal. */
function quoted(name: string): string {
  return `\`${oneLine(name).slice(0, 80)}\``;
}
