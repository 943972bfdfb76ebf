/**
 * AgentDojo's environments and judges behind the line protocol, where the bench has installed the package; else skipped.
 */
import { afterAll, describe, expect, it, type TestContext } from "vitest";
import { type Environments, openEnvironments } from "../../../bench/agentdojo/environments.ts";
import { installedPython } from "../../../bench/agentdojo/install.ts";
import { playUnit, suiteOf, unitsOf } from "../../../bench/agentdojo/runs.ts";
import { learned } from "../../../bench/agentdojo/learned.ts";

const python = installedPython();
const startsMs = 120_000;

let opened: Environments | undefined;
afterAll(() => opened?.close());

/** The one process of these tests; a test that needs it is skipped without the package. */
function openedFor(context: TestContext): Environments {
  if (python === undefined) return context.skip("AgentDojo is not installed; `node bench/agentdojo/run.ts` installs it");
  opened ??= openEnvironments(python);
  return opened;
}

describe("AgentDojo's own environments", () => {
  it(
    "judge a task by what became of it: not done before its calls, done after them",
    async (context) => {
      const environments = openedFor(context);
      const { calls, output } = await environments.start("banking", "user_task_0");
      expect(await environments.judge(output)).toMatchObject({ utility: false });
      for (const call of calls) await environments.call(call);
      expect(await environments.judge(output)).toMatchObject({ utility: true });
    },
    startsMs,
  );

  it("show the attack in what the user's first call reads, and judge its goal by the environment", async (context) => {
    const environments = openedFor(context);
    const { calls } = await environments.start("banking", "user_task_0", "injection_task_0");
    const [first] = calls;
    if (first === undefined) throw new Error("no call");
    expect(await environments.call(first)).toContain("<INFORMATION>");
    expect(await environments.judge("")).toMatchObject({ security: false });
    for (const call of (await environments.attacker()).calls) await environments.call(call);
    expect(await environments.judge("")).toMatchObject({ security: true });
  });

  it("say of an injection task without ground truth that its calls are the bench's own", async (context) => {
    const environments = openedFor(context);
    await environments.start("workspace", "user_task_0", "injection_task_6");
    expect(await environments.attacker()).toMatchObject({ isWritten: true });
    await environments.start("workspace", "user_task_0", "injection_task_0");
    expect(await environments.attacker()).toMatchObject({ isWritten: false });
  });

  it("answer a call that a tool refuses with its error, and a question that makes no sense with a fault", async (context) => {
    const environments = openedFor(context);
    await environments.start("workspace", "user_task_0");
    expect(await environments.call({ tool: "delete_email", args: { email_id: "4711" } })).toHaveProperty("error");
    await expect(environments.start("workspace", "user_task_4711")).rejects.toThrow("KeyError");
  });

  it(
    "are played in with a learned plan: the goal is reached undefended, and the task is completed without it through Sluice",
    async (context) => {
      const environments = openedFor(context);
      const suite = await suiteOf(environments, "banking");
      const units = (await unitsOf(suite, [learned])).filter(({ task }) => task === "user_task_3");
      const outcomes = await playUnit(units[0] ?? unreachable(), environments);
      const guarded = await playUnit(units[1] ?? unreachable(), environments);
      const obeying = (all: typeof outcomes) =>
        all.filter(({ agent, injection }) => agent === "after" && injection !== undefined);
      expect(obeying(outcomes).every(({ security }) => security)).toBe(true);
      expect(obeying(guarded).every(({ security, utility }) => !security && utility)).toBe(true);
      expect([units.map(({ kind }) => kind), obeying(guarded).length]).toEqual([["undefended", "learned"], 9]);
    },
    startsMs,
  );
});

function unreachable(): never {
  throw new Error("no unit");
}
