/**
 * Cases of labels.json: operations on labels, chosen by hand and drawn by chance over the same spaces.
 * Data and nothing else: what comes of them is computed.
 */
import type { FlowRule, LabelSpec } from "../../../src/plan/plan.ts";
import type { LabelValue } from "../../../src/taint/label.ts";
import type { LabelVector } from "../outcomes.ts";
import { seeded } from "./seeded.ts";

interface Space {
  readonly labels: { readonly [name: string]: LabelSpec };
  readonly flows: readonly FlowRule[];
}

/** With readers and without, and rules of every kind. */
const office: Space = {
  labels: {
    safe: { integrity: "trusted" },
    desk: { integrity: "trusted", readers: ["bob", "ana"] },
    ward: { integrity: "trusted", readers: ["cy", "bob"] },
    web: { integrity: "untrusted" },
    spy: { integrity: "untrusted", readers: ["dan"] },
    void: { integrity: "trusted", readers: [] },
    database_record: { integrity: "trusted" },
  },
  flows: [
    { id: "web", deny: ["web"], to: "*" },
    { id: "untrusted", deny: ["untrusted"], to: "*" },
    { id: "desk-or-ward", deny: ["desk", "ward"], to: "*" },
    { id: "nobody", deny: [], to: "*" },
  ],
};

/** A policy closed the readers: what nobody declared may be read by nobody. */
const closed: Space = {
  labels: { safe: { integrity: "trusted", readers: ["ana"] }, unknown: { integrity: "trusted", readers: [] } },
  flows: [{ id: "untrusted", deny: ["untrusted"], to: "*" }],
};

/** Nothing is declared. */
const bare: Space = { labels: {}, flows: [{ id: "no-api", deny: ["external_api"], to: "*" }] };

const people = ["ana", "bob", "cy", "dan"];
const all = [...Object.keys(office.labels), "user_input", "external_api", "unknown", "nobody-declared"];
const value = (
  sources: readonly string[],
  readers: readonly string[] | null = null,
  untrusted?: readonly string[],
): LabelValue => ({
  sources,
  readers,
  ...(untrusted === undefined ? {} : { untrusted }),
});
const top = value(["*"], [], ["*"]);

type Case = Omit<LabelVector, "version" | "labels" | "flows"> & { readonly space?: Space };

const chosen: readonly Case[] = [
  { name: "no names are the bottom", operation: "of", names: [] },
  { name: "a declared label with readers", operation: "of", names: ["desk"] },
  { name: "readers intersect", operation: "of", names: ["ward", "desk"] },
  { name: "no reader in common", operation: "of", names: ["desk", "spy"] },
  { name: "a name that nobody declared is untrusted and read by everyone", operation: "of", names: ["nobody-declared"] },
  { name: "... by nobody where the readers are closed", operation: "of", names: ["nobody-declared"], space: closed },
  { name: "unknown cannot be declared trusted", operation: "isTrusted", names: ["unknown", "safe", "other"], space: closed },
  {
    name: "built-in labels",
    operation: "isTrusted",
    names: ["user_input", "external_api", "database_record", "unknown"],
    space: bare,
  },
  { name: "a built-in label may be declared anew", operation: "isTrusted", names: ["database_record"] },
  { name: "__proto__ is a name like any other", operation: "isTrusted", names: ["__proto__", "constructor", "toString"] },
  { name: "the top is untrusted and read by nobody", operation: "of", names: ["*", "safe"] },
  { name: "bottom is the unit of the join", operation: "join", a: value([]), b: value(["web"]) },
  { name: "the join with the top", operation: "join", a: top, b: value(["desk"], ["ana", "bob"]) },
  { name: "everything flows to the top", operation: "flowsTo", a: value(["desk", "web"], ["ana"]), b: top },
  { name: "the top flows to nothing else", operation: "flowsTo", a: top, b: value(["web"]) },
  {
    name: "fewer readers do not flow to more",
    operation: "flowsTo",
    a: value(["desk"], ["ana"]),
    b: value(["desk"], ["ana", "bob"]),
  },
  { name: "more readers flow to fewer", operation: "flowsTo", a: value(["desk"], ["ana", "bob"]), b: value(["desk"], ["ana"]) },
  { name: "everyone flows to somebody", operation: "flowsTo", a: value(["web"]), b: value(["web"], ["ana"]) },
  { name: "somebody does not flow to everyone", operation: "flowsTo", a: value(["web"], ["ana"]), b: value(["web"]) },
  { name: "unknown stays", operation: "remove", a: value(["unknown", "web"]), names: ["unknown", "web"] },
  { name: "the top stays", operation: "remove", a: top, names: ["*"] },
  {
    name: "removing a source does not add a reader",
    operation: "remove",
    a: value(["desk", "safe"], ["ana", "bob"]),
    names: ["desk"],
  },
  { name: "removing the untrusted source makes it trusted", operation: "remove", a: value(["safe", "web"]), names: ["web"] },
  { name: "what is not there is not removed", operation: "remove", a: value(["safe"]), names: ["web", "other"] },
  { name: "widened by names", operation: "widen", a: value(["desk"], ["ana", "bob"]), readers: ["dan", "ana"] },
  { name: "widened to everyone", operation: "widen", a: value(["desk"], ["ana"]), readers: "public" },
  { name: "everyone stays everyone", operation: "widen", a: value(["web"]), readers: ["ana"] },
  { name: "the top is denied by every rule that denies something", operation: "denied", a: top },
  { name: "a rule against untrusted", operation: "denied", a: value(["nobody-declared"]) },
  { name: "nothing is denied of the bottom", operation: "denied", a: value([]) },
  {
    name: "only this label restricts",
    operation: "isRestrictionOf",
    a: value(["desk", "safe"], ["ana", "bob"]),
    names: ["desk"],
  },
  { name: "another label restricts as well", operation: "isRestrictionOf", a: value(["desk", "ward"], ["bob"]), names: ["desk"] },
  { name: "nobody restricts the top alone", operation: "isRestrictionOf", a: top, names: ["*"] },
  { name: "leaving says which are untrusted here", operation: "toForeign", a: value(["safe", "spy", "web"], ["dan"]) },
  { name: "a trusted label leaves as it is", operation: "toForeign", a: value(["safe"]) },
  { name: "two plans that disagree do not launder", operation: "fromForeign", a: value(["safe"], null, ["safe"]) },
  { name: "two plans that agree", operation: "fromForeign", a: value(["web"], null, ["web"]) },
  { name: "what was trusted there is not here", operation: "fromForeign", a: value(["web"]) },
  { name: "readers from outside only narrow", operation: "fromForeign", a: value(["desk"], ["ana", "dan"]) },
  { name: "everyone there is somebody here", operation: "fromForeign", a: value(["desk"]) },
  { name: "the top from outside", operation: "fromForeign", a: top },
  {
    name: "plain labels join with what was untrusted",
    operation: "joinValues",
    a: value(["a"], ["y", "x"], ["a"]),
    b: value(["b"], ["x"], ["b"]),
  },
];

const operations = [
  "of",
  "join",
  "joinValues",
  "flowsTo",
  "remove",
  "widen",
  "denied",
  "isRestrictionOf",
  "toForeign",
  "fromForeign",
] as const;
const drawnOfEach = 20;

/** The cases. */
export function labelCases(): readonly LabelVector[] {
  const source = seeded("labels");
  const label = (space: Space): LabelValue => {
    const sources = [...source.some(all)].sort();
    // Mostly what the names say, or somebody: a label that everyone may read although its names do not is none that can be reached.
    const readers = sources.reduce<readonly string[] | null>((left, name) => {
      const own = space.labels[name]?.readers;
      return own === undefined ? left : left === null ? [...own].sort() : left.filter((each) => own.includes(each));
    }, null);
    return { sources, readers: source.below(3) === 0 ? [...source.some(people)].sort() : readers };
  };
  const drawn = operations.flatMap((operation) =>
    Array.from({ length: drawnOfEach }, (_, i): Case => {
      const space = i % 4 === 3 ? closed : office;
      const a = label(space);
      const isPair = ["join", "joinValues", "flowsTo"].includes(operation);
      const b =
        operation === "flowsTo" && i % 2 === 0
          ? { sources: [...new Set([...a.sources, "web"])].sort(), readers: a.readers && a.readers.slice(1) }
          : label(space);
      const untrusted = operation === "fromForeign" ? { untrusted: source.some(a.sources) } : {};
      const names = ["of", "remove", "isRestrictionOf"].includes(operation) ? { names: source.some(all) } : {};
      const readers = operation === "widen" ? { readers: i % 5 === 0 ? ("public" as const) : source.some(people) } : {};
      return {
        name: `${operation} of labels drawn by chance, ${i + 1}`,
        operation,
        space,
        ...(operation === "of" ? {} : { a: { ...a, ...untrusted } }),
        ...(isPair ? { b } : {}),
        ...names,
        ...readers,
      };
    }),
  );
  return [...chosen, ...drawn].map(({ space = office, ...rest }) => ({ version: 1, ...space, ...rest }));
}
