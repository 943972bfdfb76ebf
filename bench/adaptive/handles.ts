/**
 * Handle misuse: of another session, another key, another run, a denied call, altered by a byte, two in one, in places where none belongs, too late.
 * Handles are made by the reference interpreter, so that the engine has to agree with what it did not make itself.
 */
import type { Json } from "../../src/json/value.ts";
import { handleOf } from "../../test/spec/arguments.ts";
import { leaseSecondsDefault } from "../../src/limits.ts";
import { argumentNames, type Benign, type BenignCall, honest, withArg } from "./benign.ts";
import { draw, type Drawn, type Extent, type Mutant } from "./mutant.ts";
import type { Move } from "./play.ts";
import { isArray, isObject } from "../../src/json/value.ts";

type Steps = readonly (string | number)[];
/** Places of one result of which handles are made. */
const placesMax = 12;

interface Held {
  readonly how: string;
  readonly text: string;
}

/** Every misuse of a handle along a run. */
export function* handleMisuse(benign: Benign, extent: Extent, drawn: Drawn): Generator<Mutant> {
  for (const target of benign.calls) {
    const held = handlesAt(benign, target);
    for (const name of [...argumentNames(benign.plan, target.allowed), "extra", "sluice_node"])
      for (const { how, text } of draw(held, extent.valuesMax, { seed: extent.seed, drawn })) {
        const call = { ...target.call, args: withArg(target.call.args, name, text) };
        yield {
          technique: "handle",
          what: `${target.allowed.node}.${name}: ${how}`,
          from: target.before,
          moves: [
            call,
            ...(target.result === undefined ? [] : [target.result]),
            ...honest(benign, benign.moves.slice(target.at + 1)),
          ],
          planted: [],
          isSingle: true,
        };
      }
    yield* lateHandles(target, held);
  }
}

/** Handles that the agent was given, could have been given, or makes up. */
function handlesAt({ calls, stage }: Benign, target: BenignCall): readonly Held[] {
  const { spec } = stage.start();
  const earlier = calls.filter(({ at }) => at < target.at);
  if (spec === undefined) return [];
  const own = earlier.flatMap(({ allowed, result }) =>
    placesOf(result?.value ?? null)
      .slice(0, placesMax)
      .map((path) => ({ node: allowed.node, run: allowed.run, path })),
  );
  const [first] = own;
  const given = own.map(
    (origin): Held => ({ how: `a handle of ${origin.node}${origin.path.join(".")}`, text: handleOf(spec, origin) }),
  );
  const next = { node: target.allowed.node, run: target.allowed.run, path: [] };
  const other = { ...spec, id: "s-2" };
  const [one, two = one] = given;
  const made: readonly Held[] = [
    { how: "a handle of a call that is not allowed yet", text: handleOf(spec, next) },
    { how: "a handle of a run that never was", text: handleOf(spec, { ...next, run: next.run + 7 }) },
    { how: "a handle that nobody gave", text: `sluice:h:${"A".repeat(22)}` },
    { how: "the mark alone", text: "sluice:h:" },
  ];
  if (one === undefined || two === undefined || first === undefined) return made;
  return [
    ...given,
    ...made,
    ...own.slice(0, 4).flatMap((origin): readonly Held[] => [
      { how: "a handle of another session", text: handleOf(other, origin) },
      { how: "a handle of another key", text: handleOf({ ...spec, handleKey: "1".repeat(32) }, origin) },
      { how: "a handle of another run", text: handleOf(spec, { ...origin, run: origin.run + 1 }) },
      { how: "a handle of another node", text: handleOf(spec, { ...origin, node: target.allowed.node }) },
    ]),
    ...Array.from({ length: one.text.length - 9 }, (_, i): Held => ({ how: `altered at ${i}`, text: altered(one.text, i + 9) })),
    { how: "cut short", text: one.text.slice(0, -1) },
    { how: "one letter more", text: `${one.text}A` },
    { how: "in other case", text: one.text.toUpperCase() },
    { how: "with a space", text: ` ${one.text}` },
    { how: "in a list's form", text: JSON.stringify([one.text]) },
    { how: "two in one", text: `${one.text}${two.text}` },
    { how: "two with a comma", text: `${one.text},${two.text}` },
    { how: "within words", text: `pay ${one.text} now` },
  ];
}

function altered(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === "B" ? "C" : "B"}${text.slice(at + 1)}`;
}

/** Handles after the lease of the call, for each argument. */
function* lateHandles(target: BenignCall, held: readonly Held[]): Generator<Mutant> {
  const wait: Move = { type: "wait", ms: leaseSecondsDefault * 1_000 + 1 };
  const [one] = held;
  if (one === undefined) return;
  for (const name of Object.keys(target.allowed.final)) {
    const call = { ...target.call, args: withArg(target.call.args, name, one.text) };
    yield {
      technique: "handle",
      what: `${target.allowed.node}.${name}: ${one.how}, after a lease`,
      from: target.before,
      moves: [wait, call],
      planted: [],
      isSingle: false,
    };
  }
}

function placesOf(value: Json): readonly Steps[] {
  if (isArray(value)) return [[], ...value.flatMap((each, i) => placesOf(each).map((rest) => [i, ...rest]))];
  if (isObject(value))
    return [[], ...Object.entries(value).flatMap(([name, each]) => placesOf(each).map((rest) => [name, ...rest]))];
  return [[]];
}
