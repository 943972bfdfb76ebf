/**
 * Prototype pollution and nesting bombs (threats 6, 11), as one table: every reader of outside text × every hostile text. The rows are the fuzzer's
 * targets, which enter every reader of src/ but those that a row of test/fuzz/readers.ts names; those that can be called alone are below.
 * A reader answers or refuses as its target says, which throws if not; a prototype stays as it was, and no stack overflows.
 */
import { describe, expect, it } from "vitest";
import { targets } from "../fuzz/targets.ts";
import type { Target } from "../fuzz/target.ts";
import { bombDepth, hostileForms, hostileTexts } from "./hostile-texts.ts";
import { readersAlone } from "./hostile-readers.ts";

const prototypes = [
  ...[
    Object,
    Array,
    Function,
    String,
    Number,
    Boolean,
    Map,
    Set,
    Promise,
    RegExp,
    Error,
    Date,
    Uint8Array,
    URL,
    Headers,
    Request,
  ],
].map((made) => [made.name, made.prototype as object] as const);

/** Every own member of the prototypes of the language, with what it is. */
function members(): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, prototype] of prototypes)
    for (const key of Reflect.ownKeys(prototype)) {
      const { value, get } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      found.set(`${name}.${String(key)}`, value ?? get);
    }
  return found;
}

const before = members();

function changed(): readonly string[] {
  const after = members();
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}

/** What a row must not do, as one line for each text that makes it do so. */
async function faults(run: Target["run"], texts: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    try {
      await run(text);
    } catch (error) {
      found.push(`${name}: ${String(error).slice(0, 200)}`);
    }
    for (const key of changed()) found.push(`${name}: ${key} is another`);
  }
  return found;
}

/** At most three seeds, the longest of those that are short: they hold the most. */
function seedsOf({ seeds }: Target): readonly string[] {
  return seeds
    .filter((seed) => seed.length < 8_000)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 3);
}

describe("the check itself", () => {
  it("sees a prototype that was changed, and a stack that is too small", async () => {
    const pollute = (text: string): void => {
      if (text === "p") Object.assign(Object.prototype, { polluted: true });
      if (text === "t") (Object.prototype as { valueOf: unknown }).valueOf = 1;
    };
    const own = Object.prototype.valueOf;
    expect(await faults(pollute, { p: "p" })).toEqual(["p: Object.polluted is another"]);
    delete (Object.prototype as { polluted?: unknown }).polluted;
    const taken = await faults(pollute, { t: "t" });
    Object.defineProperty(Object.prototype, "valueOf", { value: own, enumerable: false });
    expect(taken).toEqual(["t: Object.valueOf is another"]);
    const recursive = (text: string, at = 0): number => (at < text.length ? recursive(text, at + 1) + 1 : 0);
    const run = (text: string): void => void recursive(text);
    expect(await faults(run, { deep: "[".repeat(bombDepth) })).toEqual([expect.stringContaining("RangeError")]);
    expect(changed()).toEqual([]);
  });
});

describe.each([...targets, ...readersAlone].map((target) => [target.name, target] as const))("%s", (_, target) => {
  it("threats 6, 11: answers every hostile text, and changes no prototype", { timeout: 120_000 }, async () => {
    expect(await faults(target.run, hostileTexts)).toEqual([]);
  });

  it("threats 6, 11: answers hostile parts in honest texts, and changes no prototype", { timeout: 120_000 }, async () => {
    for (const seed of seedsOf(target)) expect(await faults(target.run, hostileForms(seed))).toEqual([]);
  });
});
