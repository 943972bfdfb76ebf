/**
 * The areas of a mutation run: which files are mutated, and which tests look at them. Data only.
 * Tests that start processes or servers, read the clock or need `vi` are left out: a mutant must be answered in milliseconds.
 */

/** One area of the code. */
export interface Area {
  /** Files that are mutated: globs from the root, `!` leaves out. */
  readonly mutate: readonly string[];
  /** Files of tests, and folders for the files directly in them, from the root. */
  readonly tests: readonly string[];
  /** How many survivors nobody has read yet. A run with more fails; may only shrink, and what is read stands in the area's list. Absent: none. */
  readonly unread?: number;
  /** Test files among them that cannot run here, each with the reason. */
  readonly leftOut?: Readonly<Record<string, string>>;
}

/** Single tests that cannot run here, by their file and name, each with the reason. */
export const testsLeftOut: Readonly<Record<string, string>> = {
  "test/plan/lint.test.ts#lintPlan > stays linear: 10,000 nodes in a chain, with all rules":
    "seconds under instrumentation, and every rule is covered by it; what it looks at is time",
  "test/spec/differential.test.ts#the engine and the reference interpreter > agree on plans of a fixed seed, which hold every class, form and code":
    "counts what 1,200 plans hold; the test beside it compares fewer",
  "test/taint/label.test.ts#any number of labels > keeps 100,000 apart, each of them in the label and denied by its own rule":
    "a second under instrumentation; what it asks of 100,000 labels others ask of 70",
  "test/taint/source-set.test.ts#a source set > keeps 100,000 members apart": "likewise",
  "test/laws/sessions.test.ts#sessions (seed 20261122) > never allow under a stricter plan what the plan denied":
    "counts what 150 runs hold",
  "test/amend/diff.test.ts#never takes a constraint for included that accepts a value which the other refuses":
    "counts what 2,000 runs hold, and looks at no file that is mutated",
  "test/policy/laws.test.ts#a tightened plan > allows nothing that the plan denies": "counts what its runs hold",
  "test/policy/laws.test.ts#a tightened plan > allows no more under two policies than under one of them":
    "counts what its runs hold",
  "test/policy/soundness.test.ts#a plan without findings lets no forbidden data into a covered argument":
    "counts what its runs hold",
};

const engineTests = [
  "test/corpus.test.ts",
  "test/guard.test.ts",
  "test/replay.test.ts",
  "test/decide",
  "test/spec",
  "test/attacks",
  "test/vectors/verdicts.test.ts",
  "test/laws/freeze.test.ts",
  "test/laws/malformed.test.ts",
  "test/laws/sessions.test.ts",
];

const engineLeftOut = {
  "test/amend/sound.test.ts": "compares whole plans, a second a mutant",
  "test/spec/coverage.test.ts": "counts what the generators make, and looks at no answer",
  "test/amend/routes.test.ts": "requests to the host's routes: seconds a test",
  "test/approval/routes.test.ts": "requests to the host's routes: seconds a test",
  "test/approval/delivery.test.ts": "a tool server that is waited for",
};

const planLeftOut = {
  "test/constraints/sqlite-oracle.test.ts": "counts what thousands of runs hold, and looks at the reader of SQL",
  "test/amend/sound.test.ts": engineLeftOut["test/amend/sound.test.ts"],
  "test/amend/routes.test.ts": engineLeftOut["test/amend/routes.test.ts"],
};

const lintFolders = ["approver", "arguments", "effects", "flows", "labels", "runs", "texts"].map(
  (name) => `test/plan/lint/${name}`,
);
const lintTests = ["test/plan", "test/plan/lint", ...lintFolders, "test/mistakes"];

/** Compiled constraints and rules show in what the engine answers, and envelopes in what an amendment may be. */
const planTests = [
  "test/plan",
  "test/plan/lint",
  ...lintFolders,
  "test/vectors/vectors.test.ts",
  "test/vectors/verdicts.test.ts",
  "test/corpus.test.ts",
  "test/catalogue",
  "test/policy",
  "test/constraints",
  "test/decide",
  "test/guard.test.ts",
  "test/attacks",
  "test/amend",
  "test/learn",
  "test/spec/differential.test.ts",
];

const server = "starts a server, and looks at no code that is mutated but through it";
const storesLeftOut = {
  "test/stores/postgres.test.ts": server,
  "test/stores/postgres-faults.test.ts": server,
  "test/stores/postgres-hostile.test.ts": server,
  "test/stores/postgres-open.test.ts": server,
  "test/stores/redis.test.ts": server,
  "test/stores/redis-enforce.test.ts": server,
  "test/stores/redis-faults.test.ts": server,
  "test/stores/redis-model.test.ts": server,
  "test/stores/redis-open.test.ts": server,
  "test/stores/processes.test.ts": "starts processes of its own, whose code is not mutated",
};

/** The areas by name. */
export const areas = {
  taint: {
    mutate: ["src/taint/**/*.ts"],
    tests: ["test/taint", "test/attacks/downgrades.test.ts", "test/spec/differential.test.ts"],
  },
  decide: {
    mutate: ["src/decide/**/*.ts"],
    tests: [...engineTests, "test/amend", "test/approval"],
    leftOut: engineLeftOut,
    unread: 222,
  },
  guard: {
    mutate: ["src/guard.ts", "src/engine.ts"],
    tests: [...engineTests, "test/amend", "test/approval", "test/guard-options.test.ts", "test/labeled/engine.test.ts"],
    leftOut: engineLeftOut,
  },
  plan: {
    mutate: ["src/plan/**/*.ts", "!src/plan/lint.ts", "!src/plan/lint/**/*.ts"],
    tests: planTests,
    leftOut: planLeftOut,
    unread: 309,
  },
  lint: { mutate: ["src/plan/lint.ts", "src/plan/lint/**/*.ts"], tests: lintTests, unread: 1_378 },
  // What runs in this process. The stores over a network are tested against servers, and Cloudflare's in workerd: seconds a mutant.
  stores: {
    mutate: [
      "src/stores/memory.ts",
      "src/stores/memory-journal.ts",
      "src/stores/retention.ts",
      "src/stores/encrypted.ts",
      "src/stores/seal.ts",
      "src/stores/seal-node.ts",
      "src/stores/columns.ts",
      "src/stores/store.ts",
      "src/stores/total.ts",
      "src/stores/sqlite.ts",
      "src/stores/sqlite/**/*.ts",
    ],
    tests: ["test/stores", "test/stores/sqlite"],
    leftOut: storesLeftOut,
    unread: 99,
  },
} as const satisfies Readonly<Record<string, Area>>;

/** The name of an area. */
export type AreaName = keyof typeof areas;
