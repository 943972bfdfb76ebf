/**
 * How the facts of a tool, and the labels of a catalogue, changed: which of them bind less than before.
 * Pure. What cannot be compared counts as weaker: a person looks at it.
 */
import { type Json, jsonEqual } from "../json/value.ts";
import type { Effect, LabelSpec, Role, ToolFacts } from "../plan/plan.ts";

/** A change of what Sluice holds true of a tool. */
export interface FactChange {
  /** `effects`, `roles.to`, `labels`, `audience`, `resource`, `parse`, `inferred`. */
  readonly fact: string;
  /** `weaker`: fewer calls are denied, or data is trusted more. `stricter`: the reverse. `note`: neither. */
  readonly direction: "weaker" | "stricter" | "note";
  /** One line, lower case: what that means. Holds names of effects, roles and labels only. */
  readonly meaning: string;
  readonly before: Json;
  readonly after: Json;
}

/** Every change from one tool's facts to another's, in the order of the members. */
export function factChanges(before: ToolFacts, after: ToolFacts): readonly FactChange[] {
  return [
    ...effectChanges(before, after),
    ...roleChanges(before, after),
    ...labelChanges(before, after),
    ...audienceChanges(before, after),
    ...resourceChanges(before, after),
    ...otherChanges(before, after),
  ];
}

function effectChanges(before: ToolFacts, after: ToolFacts): readonly FactChange[] {
  if (jsonEqual(before.effects as Json, after.effects as Json)) return [];
  const lost = before.effects.filter((effect) => !after.effects.includes(effect));
  const won = after.effects.filter((effect) => !before.effects.includes(effect));
  const values = { before: before.effects as Json, after: after.effects as Json };
  // That a tool reads costs nobody anything; every other effect is a reason to deny.
  const isWeaker = lost.some((effect) => effect !== "read");
  const said = [...(lost.length > 0 ? [`no longer ${list(lost)}`] : []), ...(won.length > 0 ? [`now ${list(won)}`] : [])].join(
    ", ",
  );
  return [{ fact: "effects", direction: isWeaker ? "weaker" : "stricter", meaning: `the tool is ${said}`, ...values }];
}

function list(effects: readonly Effect[]): string {
  return effects.map((effect) => `\`${effect}\``).join(", ");
}

function roleChanges(before: ToolFacts, after: ToolFacts): readonly FactChange[] {
  const args = [...new Set([...Object.keys(before.roles), ...Object.keys(after.roles)])];
  return args.flatMap((arg): readonly FactChange[] => {
    const [old, now] = [before, after].map(({ roles }) => roleAt(roles, arg));
    // An argument that comes or goes is told as a change of the input schema.
    if (old === now || old === undefined || now === undefined) return [];
    const isWeaker = !isWithin(old, now) || hidesOthers(before, after, now);
    const meaning = isWeaker ? `\`${old}\` became \`${now}\`, which leaves less to constraints` : `\`${old}\` became \`${now}\``;
    return [{ fact: `roles.${arg}`, direction: isWeaker ? "weaker" : "stricter", meaning, before: old, after: now }];
  });
}

/** The role of an argument or a part of one: its own, else that of what it is a part of. */
function roleAt(roles: ToolFacts["roles"], path: string): Role | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const prefix = path.slice(0, end);
    if (Object.hasOwn(roles, prefix)) return roles[prefix];
  }
  return undefined;
}

/** Roles under which no fewer calls are denied: which constraints judge a target, a command, a credential and a selector differs. */
const stricterThan: { readonly [R in Role]: readonly Role[] } = {
  content: ["control", "selector", "credential", "target", "command"],
  control: ["selector", "credential", "target", "command"],
  selector: ["target", "command"],
  credential: [],
  target: [],
  command: [],
};

function isWithin(old: Role, now: Role): boolean {
  return stricterThan[old].includes(now);
}

/** Whether the first argument that steers takes selectors out of the constraints' sight, which judge them only where nothing else steers. */
function hidesOthers(before: ToolFacts, after: ToolFacts, now: Role): boolean {
  const steers = (role: Role): boolean => role === "target" || role === "command";
  if (!steers(now) || Object.values(before.roles).some(steers)) return false;
  return Object.entries(after.roles).some(([arg, role]) => role === "selector" && before.roles[arg] === "selector");
}

function labelChanges({ labels: before }: ToolFacts, { labels: after }: ToolFacts): readonly FactChange[] {
  const values = { before: (before ?? null) as Json, after: (after ?? null) as Json };
  if (jsonEqual(values.before, values.after)) return [];
  if (after === undefined) return [{ fact: "labels", direction: "stricter", meaning: "results are `unknown` again", ...values }];
  if (before === undefined)
    return [{ fact: "labels", direction: "weaker", meaning: "results are no longer `unknown`", ...values }];
  const lost = before.filter((label) => !after.includes(label));
  const isOrder = lost.length === 0 && after.length === before.length;
  if (isOrder) return [{ fact: "labels", direction: "note", meaning: "the same labels in another order", ...values }];
  const meaning =
    lost.length > 0 ? `results no longer carry ${lost.map((label) => `\`${label}\``).join(", ")}` : "results carry more labels";
  return [{ fact: "labels", direction: lost.length > 0 ? "weaker" : "stricter", meaning, ...values }];
}

/** Who is said to read what is sent: nobody checks < some < everyone. */
function audienceChanges(before: ToolFacts, after: ToolFacts): readonly FactChange[] {
  const [old, now] = [before, after].map(audienceOf);
  const values = { before: old ?? null, after: now ?? null };
  if (jsonEqual(values.before, values.after)) return [];
  const change = (direction: FactChange["direction"], meaning: string): readonly FactChange[] => [
    { fact: "audience", direction, meaning, ...values },
  ];
  if (now === undefined) return change("weaker", "nobody outside is said to read what is sent");
  if (old === undefined) return change("stricter", "somebody is said to read what is sent");
  if (now === "public") return change("stricter", "everyone is said to read what is sent");
  if (old === "public") return change("weaker", "no longer everyone is said to read what is sent");
  const isMore = Array.isArray(old) && Array.isArray(now) && old.every((name) => now.includes(name));
  return isMore
    ? change("stricter", "more are said to read what is sent")
    : change("weaker", "others are said to read what is sent");
}

/** The audience in effect: a tool that reaches the network or sends messages and says nothing is read by everyone. */
function audienceOf({ audience, effects }: ToolFacts): Json | undefined {
  if (audience !== undefined) return audience as Json;
  return effects.includes("network") || effects.includes("message") ? "public" : undefined;
}

function resourceChanges({ resource: before }: ToolFacts, { resource: after }: ToolFacts): readonly FactChange[] {
  const values = { before: (before ?? null) as Json, after: (after ?? null) as Json };
  if (jsonEqual(values.before, values.after)) return [];
  if (before === undefined)
    return [{ fact: "resource", direction: "stricter", meaning: "labels are kept with a resource", ...values }];
  const meaning = after === undefined ? "labels are no longer kept with a resource" : "labels are kept with another resource";
  return [{ fact: "resource", direction: "weaker", meaning, ...values }];
}

function otherChanges(before: ToolFacts, after: ToolFacts): readonly FactChange[] {
  const changes: FactChange[] = [];
  if (before.parse !== after.parse)
    changes.push({
      fact: "parse",
      // A result that is no data any more has no parts to refer to; another reading of it may find other parts.
      direction: after.parse === undefined ? "stricter" : "weaker",
      meaning: "results are read in another form",
      before: before.parse ?? null,
      after: after.parse ?? null,
    });
  if (!jsonEqual(before.inferred as Json, after.inferred as Json)) {
    const isConfirmed = after.inferred.every((name) => before.inferred.includes(name));
    const meaning = isConfirmed ? "a person confirmed what was inferred" : "facts that were declared are only inferred now";
    changes.push({
      fact: "inferred",
      direction: "note",
      meaning,
      before: before.inferred as Json,
      after: after.inferred as Json,
    });
  }
  return changes;
}

/** How the declaration of one label changed. `undefined`: not declared. */
export function labelChange(name: string, before: LabelSpec | undefined, after: LabelSpec | undefined): FactChange | undefined {
  const values = { before: (before ?? null) as unknown as Json, after: (after ?? null) as unknown as Json };
  if (jsonEqual(values.before, values.after)) return undefined;
  const change = (direction: FactChange["direction"], meaning: string): FactChange => ({
    fact: `labels.${name}`,
    direction,
    meaning,
    ...values,
  });
  const [wasTrusted, isTrusted] = [before?.integrity === "trusted", after?.integrity === "trusted"];
  if (isTrusted && !wasTrusted) return change("weaker", "data with this label is trusted now");
  const lostReaders = before?.readers !== undefined && !before.readers.every((reader) => after?.readers?.includes(reader));
  const [old, now] = [before?.readers, after?.readers];
  if (old !== undefined && (now === undefined || now.some((reader) => !old.includes(reader))))
    return change("weaker", "more may read data with this label");
  if (wasTrusted && !isTrusted) return change("stricter", "data with this label is untrusted now");
  if (lostReaders || (old === undefined && now !== undefined)) return change("stricter", "fewer may read data with this label");
  return change("note", "the label is described in other words");
}
