/**
 * What a test file gets for `vitest` in a mutation run: the real `expect`, and a `describe` and `it` that only note down the tests, so
 * that one process can run any of them again and again. Knows only the part of vitest that the test files listed in areas.ts use;
 * whatever else is asked for is missing, and so fails the dry run. Never runs a test by itself.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect as vitestExpect } from "vitest";

/** Vitest's own; but its `toMatchFileSnapshot` asks vitest for the test that runs: this one compares, and never writes. */
export const expect: typeof vitestExpect = new Proxy(vitestExpect, {
  apply(target, receiver, args: Parameters<typeof vitestExpect>) {
    const made: object = Reflect.apply(target, receiver, args);
    return Object.defineProperty(made, "toMatchFileSnapshot", {
      value: async (path: string) => vitestExpect(args[0]).toBe(readFileSync(resolve(dirname(running), path), "utf8")),
    });
  },
});

type Body = (...args: readonly unknown[]) => unknown;

/** What `beforeAll` and its kin registered in one `describe` (or at the top of a file). */
interface Hooks {
  readonly beforeAll: Body[];
  readonly afterAll: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
}

/** One `describe`, or a whole file. */
export interface Group {
  readonly name: string;
  readonly parent: Group | undefined;
  readonly hooks: Hooks;
  /** Whether `beforeAll` has been run since the file was loaded. */
  isStarted: boolean;
}

/** A test as it was written down. */
export interface CollectedTest {
  /** Names of its groups and its own, joined as vitest does. */
  readonly name: string;
  readonly group: Group;
  readonly body: () => unknown;
  /** The path of its file. */
  readonly file: string;
}

let running = "";
let file = "";
let group: Group = newGroup("", undefined);
let tests: CollectedTest[] = [];

function newGroup(name: string, parent: Group | undefined): Group {
  return { name, parent, hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }, isStarted: false };
}

/** The tests that `load` writes down, in order; `path` is the file that it loads. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  file = path;
  group = newGroup("", undefined);
  tests = [];
  await load();
  return tests;
}

/** Runs a test with the hooks around it; rejects as the test does. `beforeAll` runs once for each loading of the file. */
export async function runTest({ group: own, body, file: path }: CollectedTest): Promise<void> {
  running = path;
  const groups: Group[] = [];
  for (let each: Group | undefined = own; each !== undefined; each = each.parent) groups.unshift(each);
  for (const each of groups) {
    if (each.isStarted) continue;
    for (const hook of each.hooks.beforeAll) await hook();
    each.isStarted = true;
  }
  try {
    for (const each of groups) for (const hook of each.hooks.beforeEach) await hook();
    await body();
  } finally {
    for (const each of groups.reverse()) for (const hook of each.hooks.afterEach) await hook();
  }
}

/** Runs `afterAll` of every group that was started. */
export async function finish(collected: readonly CollectedTest[]): Promise<void> {
  const groups = new Set<Group>();
  for (const { group: own } of collected)
    for (let each: Group | undefined = own; each !== undefined; each = each.parent) groups.add(each);
  for (const each of groups) {
    if (!each.isStarted) continue;
    each.isStarted = false;
    for (const hook of each.hooks.afterAll) await hook();
  }
}

function fullName(name: string): string {
  const names = [name];
  for (let each: Group | undefined = group; each !== undefined && each.name !== ""; each = each.parent) names.unshift(each.name);
  return names.join(" > ");
}

function describeOne(name: string, body: Body, args: readonly unknown[] = []): void {
  const outer = group;
  group = newGroup(name, outer);
  const made = body(...args);
  group = outer;
  if (made instanceof Promise) throw new TypeError("a `describe` that waits is not supported here");
}

function itOne(name: string, body: Body, args: readonly unknown[] = []): void {
  tests.push({ name: fullName(name), group, body: () => body(...args), file });
}

type Register = (name: string, body: Body, args?: readonly unknown[]) => void;

/** `each` with an array of rows: they are spread if all of them are arrays, as vitest does. Titles are numbered, not formatted. */
function eachOf(register: Register) {
  return (rows: readonly unknown[]) =>
    (title: string, body: Body): void => {
      const isSpread = rows.every((row) => Array.isArray(row));
      rows.forEach((row, index) => {
        register(`${title} [${index}]`, body, isSpread ? (row as readonly unknown[]) : [row]);
      });
    };
}

function bodyOf(first: unknown, second: unknown): Body {
  const body = typeof first === "function" ? first : second;
  if (typeof body !== "function") throw new TypeError("a test without a body");
  return (...args) => body(...args);
}

/** Writes down a group of tests. */
export const describe = Object.assign(
  (name: string, first: unknown, second?: unknown): void => describeOne(name, bodyOf(first, second)),
  {
    each: eachOf(describeOne),
    skipIf: (skip: boolean) => (skip ? () => undefined : describe),
    runIf: (run: boolean) => (run ? describe : () => undefined),
  },
);

/** Writes down a test. */
export const it = Object.assign((name: string, first: unknown, second?: unknown): void => itOne(name, bodyOf(first, second)), {
  each: eachOf(itOne),
  skipIf: (skip: boolean) => (skip ? () => undefined : it),
  runIf: (run: boolean) => (run ? it : () => undefined),
});

export { it as test };

/** Registers a hook of the group that is being written down. */
export const beforeAll = (hook: Body): number => group.hooks.beforeAll.push(hook);
/** Likewise. */
export const afterAll = (hook: Body): number => group.hooks.afterAll.push(hook);
/** Likewise. */
export const beforeEach = (hook: Body): number => group.hooks.beforeEach.push(hook);
/** Likewise. */
export const afterEach = (hook: Body): number => group.hooks.afterEach.push(hook);
