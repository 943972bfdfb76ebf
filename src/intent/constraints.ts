/**
 * The constraints that an imported call gets by default: what its tool's effects suggest, exactly as wide as its own constants.
 * Pure. Never adds a constraint that the intended values would not satisfy, and none where a value is not known yet.
 */
import { roleOf } from "../catalogue/catalogue.ts";
import { wordsOf } from "../catalogue/words.ts";
import { compileHostList } from "../constraints/domain.ts";
import { compileMailList, looksLikeEmail } from "../constraints/email.ts";
import { isUnder, readPrefix } from "../constraints/path.ts";
import { leadsTo, looksLikeUrl } from "../constraints/url.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import { readHost } from "../lang/host/read.ts";
import { amountsOf } from "../plan/lint/effects/money.ts";
import type { ArgRule, Constraints, Effect, FrozenTool } from "../plan/plan.ts";
import { classify, partsOf } from "../plan/walk.ts";

/** A node as far as its constraints depend on it. */
export interface ConstrainedNode {
  readonly tool: FrozenTool;
  readonly args: { readonly [name: string]: ArgRule };
  /** The most runs in one session; `undefined` if it loops over the runs of another node. */
  readonly runs: number | undefined;
  /** Whether a catalogue describes the tool. Where none does nothing pins the roles of arguments, and the engine takes each for a target. */
  readonly isDescribed: boolean;
}

/** Effects of tools that change something. */
export const changing: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);
/** Last words of the names of arguments that are paths. */
const pathWords: ReadonlySet<string> = new Set(
  "path paths file files filename filepath directory dir folder source destination".split(" "),
);

/** The constraints of a node, or nothing if its tool suggests none: `readOnly`, then one of `hosts`, `emails` and `paths`, then `budget`. */
export function constraintsOf(node: ConstrainedNode): Constraints | undefined {
  const { effects } = node.tool.facts;
  const isReader = effects.length > 0 && !effects.some((effect) => changing.has(effect));
  const places = placesOf(node);
  const constraints: Constraints = {
    ...(isReader ? { readOnly: true } : {}),
    ...(places === undefined ? {} : (hostsOf(node, places) ?? emailsOf(node, places) ?? pathsOf(node, places))),
    ...budgetOf(node),
  };
  return Object.keys(constraints).length === 0 ? undefined : constraints;
}

/** Texts of the arguments of one node: those that say where it acts, and the others. */
interface Places {
  readonly names: readonly string[];
  readonly steering: readonly string[];
  readonly others: readonly string[];
}

/** `undefined` if nothing steers, or what steers is not all known: then no list can be said to hold it. */
function placesOf({ tool, args, isDescribed }: ConstrainedNode): Places | undefined {
  const names: string[] = [];
  const steering: string[] = [];
  const others: string[] = [];
  for (const [arg, rule] of Object.entries(args)) {
    if (!isDescribed || steers(tool, arg, rule)) {
      const texts = textsOf(rule);
      if (texts === undefined) return undefined;
      if (texts.length > 0) names.push(arg);
      steering.push(...texts);
    } else others.push(...(textsOf(rule) ?? []));
  }
  return steering.length === 0 ? undefined : { names, steering, others };
}

/** Whether the argument, or a part of it, says where the tool acts. A command is held by rules of its own, which no constant needs. */
function steers(tool: FrozenTool, place: string, rule: ArgRule): boolean {
  const role = roleOf(tool, place);
  if (role === "target" || role === "command") return true;
  const { roles } = tool.facts;
  if (Object.keys(roles).some((name) => name.startsWith(`${place}.`) && (roles[name] === "target" || roles[name] === "command")))
    return true;
  return partsOf(rule).some((part) => part.path[0] === "object" && steers(tool, `${place}.${part.name}`, part.rule));
}

/** The texts of a rule that is a constant in all its parts, names of members that look like addresses too; else `undefined`. */
function textsOf(rule: ArgRule): readonly string[] | undefined {
  const classed = classify(rule);
  if (classed.kind === "const") return textsIn(classed.rule.const);
  if (classed.kind !== "list" && classed.kind !== "object") return undefined;
  const parts = partsOf(rule).map((part) => textsOf(part.rule));
  return parts.every((texts) => texts !== undefined) ? parts.flat() : undefined;
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(looksLikeEmail(key) || looksLikeUrl(key) ? [key] : []),
    ...textsIn(inner),
  ]);
}

/** The hosts of the URLs that a tool of the network is given, if all that steers it are URLs. */
function hostsOf({ tool }: ConstrainedNode, { steering, others }: Places): Constraints | undefined {
  if (!tool.facts.effects.includes("network") || !steering.every(looksLikeUrl)) return undefined;
  const texts = [...steering, ...others.filter(looksLikeUrl)];
  const hosts = [...new Set(texts.map(hostOf))];
  const list = compileHostList(hosts);
  return "bad" in list || !texts.every((text) => leadsTo(text, list)) ? undefined : { hosts };
}

function hostOf(url: string): string {
  const read = readHost(url, { punycode: true });
  if (!read.ok) return "";
  const { host, port } = read.value;
  return port === undefined || host.includes(":") ? host : `${host}:${port}`;
}

/** The addresses that a message goes to, if all that steers it are addresses. */
function emailsOf({ tool }: ConstrainedNode, { steering, others }: Places): Constraints | undefined {
  if (!tool.facts.effects.includes("message") || !steering.every(looksLikeEmail)) return undefined;
  const emails = [...new Set([...steering, ...others.filter(looksLikeEmail)])];
  const list = compileMailList(emails, []);
  return "bad" in list || !emails.every((email) => list.accepts(email)) ? undefined : { emails };
}

/** The paths of a tool that works on files, if all that steers it are paths by the names of its arguments. */
function pathsOf(_node: ConstrainedNode, { names, steering }: Places): Constraints | undefined {
  if (!names.every((name) => pathWords.has(wordsOf(name).at(-1) ?? ""))) return undefined;
  const paths = [...new Set(steering)];
  const prefixes = paths.map(readPrefix).filter((prefix) => prefix !== undefined);
  return prefixes.length === paths.length && paths.every((path) => isUnder(path, prefixes)) ? { paths } : undefined;
}

/** What the node's one constant amount of money comes to over all its runs. */
function budgetOf({ tool, args, runs }: ConstrainedNode): Constraints {
  if (!tool.facts.effects.includes("money") || runs === undefined) return {};
  const [sum, second] = amountsOf({ node: { args }, tool });
  if (sum === undefined || second !== undefined) return {};
  const classed = classify(args[sum] as ArgRule);
  const amount = classed.kind === "const" ? classed.rule.const : undefined;
  return typeof amount === "number" && amount >= 0 && Number.isFinite(amount * runs)
    ? { budget: { sum, max: amount * runs } }
    : {};
}
