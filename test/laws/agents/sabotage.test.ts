/**
 * The laws can be broken: an engine from which any one thing is taken that soundness rests on is refuted by the same stories.
 */
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Breach, play, storyOf } from "./interference.ts";
import { current, type Sabotage, sabotages } from "./sabotage.ts";
import { placeOf } from "./sabotaged-places.ts";

vi.mock("../../../src/taint/label.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["taint/label.ts"](original as never),
);
vi.mock("../../../src/decide/regions.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/regions.ts"](original as never),
);
vi.mock("../../../src/decide/made.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/made.ts"](original as never),
);
vi.mock("../../../src/decide/fold.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/fold.ts"](original as never),
);
vi.mock("../../../src/decide/program.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/program.ts"](original as never),
);
vi.mock("../../../src/decide/flow.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/flow.ts"](original as never),
);
vi.mock("../../../src/decide/ready.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/ready.ts"](original as never),
);
vi.mock("../../../src/decide/observe.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/observe.ts"](original as never),
);
vi.mock("../../../src/plan/compile.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["plan/compile.ts"](original as never),
);
vi.mock("../../../src/decide/resources.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["decide/resources.ts"](original as never),
);
vi.mock("../../../src/surfaces/enforce/call/resources.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["surfaces/enforce/call/resources.ts"](original as never),
);
vi.mock("../../../src/surfaces/enforce/call/commit.ts", async (original) =>
  (await import("./sabotage.ts")).wrappers["surfaces/enforce/call/commit.ts"](original as never),
);

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 900, maxLength: 900, size: "max" }));
const mostStories = Number(process.env.SLUICE_SABOTAGE_RUNS ?? 500);

/** The first breach that stories of a fixed seed find, and after how many of them. */
async function firstBreach(
  seed: number,
  most: number,
): Promise<{ readonly breach: Breach | undefined; readonly stories: number }> {
  let stories = 0;
  for (const numbers of fc.sample(entropy, { seed, numRuns: most })) {
    const story = storyOf(numbers);
    if (story === undefined) continue;
    stories += 1;
    const breach = await play(story, [placeOf(story.setting.frozen), placeOf(story.setting.frozen)], new Map());
    if (breach !== undefined) return { breach, stories };
  }
  return { breach: undefined, stories };
}

afterEach(() => {
  current.name = undefined;
});

describe("stories", () => {
  it("are kept by the wrapped engine while nothing is broken", async () => {
    expect((await firstBreach(1, 60)).breach).toBeUndefined();
  }, 120_000);

  it.each(Object.keys(sabotages) as readonly Sabotage[])(
    "refute an engine in which %s",
    async (name) => {
      current.name = name;
      const { breach, stories } = await firstBreach(11_202, mostStories);
      if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(`${name}: ${breach?.law} after ${stories}`);
      expect(breach).toBeDefined();
    },
    300_000,
  );
});
