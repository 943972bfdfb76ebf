/**
 * Laws of learning from several runs: whatever the runs are, more of them never open what one of them closes without saying so, and neither their
 * order nor the names of their calls matter.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Catalogue, roleOf } from "../../src/catalogue/catalogue.ts";
import { isReader } from "../../src/learn/draft.ts";
import { type Learned, learnPlan } from "../../src/learn/learn.ts";
import type { FrozenTool, PlanNode } from "../../src/plan/plan.ts";
import { classOf } from "../../src/plan/walk.ts";
import type { ArgRule } from "../../src/plan/plan.ts";
import type { Trace } from "../../src/trace.ts";
import { catalogues, ordered, runFamily, seeds } from "./families.ts";
import { catalogueOf, type Exchange, traceOf } from "./worlds.ts";

function learn(traces: readonly Trace[], catalogue: Catalogue): Learned | undefined {
  const learned = learnPlan(traces, catalogue);
  if (!learned.ok && learned.error[0]?.code !== "LEARN_TASKS_DIFFER") throw new Error(learned.error[0]?.message);
  return learned.ok ? learned.value : undefined;
}

/** How free a rule leaves an argument: the user's or the plan's value, what data says, one of several, anything. */
function freedomOf(rule: ArgRule): number {
  const kind = classOf(rule);
  if (kind === "const" || kind === "param") return 0;
  if (typeof rule === "object" && rule !== null && "pick" in rule && rule.pick === "agent") return 2;
  if (kind === "from" || kind === "item" || kind === "expr" || kind === "template") return 1;
  if (kind === "choose") return 2;
  if (kind === "write") return 3;
  const parts =
    typeof rule === "object" && rule !== null && "object" in rule ? Object.values(rule.object) : (rule as readonly ArgRule[]);
  return Math.max(0, ...parts.map(freedomOf));
}

function toolOf(catalogue: Catalogue, { tool = "" }: PlanNode): FrozenTool | undefined {
  const found = catalogue.resolve(tool);
  return found.ok ? found.value : undefined;
}

/** The freedom of each argument that steers, by tool and name: the most that any node leaves it. */
function freedoms({ plan }: Learned, catalogue: Catalogue): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const node of Object.values(plan.nodes)) {
    const tool = toolOf(catalogue, node);
    if (tool === undefined) continue;
    for (const [arg, rule] of Object.entries(node.args ?? {})) {
      const key = `${tool.name} ${arg}`;
      if (roleOf(tool, arg) !== "content") found.set(key, Math.max(found.get(key) ?? 0, freedomOf(rule)));
    }
  }
  return found;
}

/** What the plan of several runs opens and no plan of one of them does, without a warning at that place. */
function silentlyOpened(many: Learned, each: readonly Learned[], catalogue: Catalogue): readonly string[] {
  const singles = each.map((one) => freedoms(one, catalogue));
  const isWarned = (pointer: string): boolean =>
    many.findings.some((finding) => finding.severity === "warning" && finding.pointer.startsWith(pointer));
  const opened: string[] = [];
  for (const [name, node] of Object.entries(many.plan.nodes)) {
    const tool = toolOf(catalogue, node);
    if (tool === undefined) continue;
    for (const [arg, rule] of Object.entries(node.args ?? {})) {
      const known = Math.max(0, ...singles.map((one) => one.get(`${tool.name} ${arg}`) ?? 0));
      const isFreer = roleOf(tool, arg) !== "content" && freedomOf(rule) > known;
      if (isFreer && !isWarned(`/nodes/${name}/args/${arg}`)) opened.push(`${name}.${arg}`);
    }
    if (isReader(tool)) continue;
    if (node.optional === true && !isWarned(`/nodes/${name}`)) opened.push(`${name} is optional`);
    const isRange = typeof node.times === "object" && (node.times.min ?? 0) < node.times.max;
    if (isRange && !isWarned(`/nodes/${name}`)) opened.push(`${name} runs as often as the agent likes`);
    const rows = each.flatMap(({ plan }) =>
      Object.values(plan.nodes).flatMap((one) => (one.tool === node.tool && typeof one.each === "object" ? [one.each.max] : [])),
    );
    const isLonger = typeof node.each === "object" && node.each.max > Math.max(...rows, 0);
    if (isLonger && !isWarned(`/nodes/${name}/each`)) opened.push(`${name} runs for more rows`);
  }
  return opened;
}

describe("a plan of several runs", () => {
  it.each(["trusted", "untrusted"] as const)(
    "opens nothing that no plan of one of its runs opens, or warns of it (%s)",
    (kind) => {
      const catalogue = catalogues[kind];
      fc.assert(
        fc.property(ordered, seeds(2, 5), (steps, from) => {
          const traces = from.map((seed) => runFamily(steps, seed)).filter(({ events }) => events.length > 0);
          const many = traces.length < 2 ? undefined : learn(traces, catalogue);
          if (many === undefined) return;
          const each = traces.flatMap((trace) => learn([trace], catalogue) ?? []);
          expect(silentlyOpened(many, each, catalogue)).toEqual([]);
        }),
        { numRuns: 40, seed: 5 },
      );
    },
  );

  it("is the same whatever the order of the runs, with the same parameters for each", () => {
    fc.assert(
      fc.property(
        ordered,
        seeds(2, 5).chain((from) => fc.tuple(fc.constant(from), fc.shuffledSubarray([...from], { minLength: from.length }))),
        (steps, [from, other]) => {
          const world = (list: readonly number[]): readonly Trace[] => list.map((seed) => runFamily(steps, seed));
          if (world(from).some(({ events }) => events.length === 0)) return;
          const [a, b] = [learn(world(from), catalogues.untrusted), learn(world(other), catalogues.untrusted)];
          expect(b?.plan).toEqual(a?.plan);
          expect(b?.evidence).toEqual(a?.evidence);
          expect(b?.findings.map(({ code, pointer, message }) => [code, pointer, message.replace(/trace .*/, "")])).toEqual(
            a?.findings.map(({ code, pointer, message }) => [code, pointer, message.replace(/trace .*/, "")]),
          );
          expect(other.map((seed) => b?.params[other.indexOf(seed)])).toEqual(other.map((seed) => a?.params[from.indexOf(seed)]));
        },
      ),
      { numRuns: 40, seed: 6 },
    );
  });

  it("is the same whatever the calls are called", () => {
    fc.assert(
      fc.property(ordered, seeds(2, 4), fc.string({ minLength: 1, maxLength: 8 }), (steps, from, prefix) => {
        const traces = from.map((seed) => runFamily(steps, seed));
        if (traces.some(({ events }) => events.length === 0)) return;
        const renamed = traces.map((trace) => ({
          ...trace,
          events: trace.events.map((event) => ({ ...event, id: `${prefix}${event.id}` })),
        }));
        expect(learn(renamed, catalogues.untrusted)?.plan).toEqual(learn(traces, catalogues.untrusted)?.plan);
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

const office = catalogueOf({
  list_orders: ["Lists orders.", { customer: "string" }],
  get_profile: ["Returns the profile.", {}],
  get_mail: ["Reads a mail.", { id: "string" }],
  transfer: ["Transfers money.", { recipient: "string", amount: "number" }],
  send_mail: ["Sends a message.", { to: "string", subject: "string", body: "string", cc: "string" }],
  delete_file: ["Deletes a file.", { path: "string" }],
  run_query: ["Runs a SQL query.", { sql: "string" }],
});
const iban = "GB29NWBK60161331926819";
const transfer = (amount: number): Exchange => ["transfer", { recipient: iban, amount }, "ok"];
const known = (traces: readonly Trace[]): Learned => {
  const learned = learn(traces, office);
  if (learned === undefined) throw new Error("no plan");
  return learned;
};
const said = ({ findings }: Learned, code: string): readonly string[] =>
  findings.filter((finding) => finding.code === code).map(({ severity, pointer }) => `${severity} ${pointer}`);

describe("what some runs do and others do not", () => {
  it("is warned of where it acts, and only mentioned where it reads", () => {
    const runs = [1, 2, 3].map((n) =>
      traceOf("Look.", [
        ["get_profile", {}, { n }],
        ...(n === 2 ? [transfer(5)] : []),
        ...(n === 1 ? [["get_mail", { id: "m" }, "text"] as Exchange] : []),
      ]),
    );
    expect(said(known(runs), "LEARN_OPTIONAL")).toEqual(["info /nodes/get_mail", "warning /nodes/transfer"]);
  });

  it("is warned of where an act is made again in some", () => {
    const runs = [1, 2, 1].map((count) =>
      traceOf(
        "Pay.",
        Array.from({ length: count }, () => transfer(5)),
      ),
    );
    const learned = known(runs);
    expect(learned.plan.nodes.transfer?.times).toEqual({ min: 1, max: 2 });
    expect(said(learned, "LEARN_REPEATED")).toEqual(["warning /nodes/transfer/times"]);
  });

  it("is the host's to say where it is an argument that steers", () => {
    const runs = [1, 2, 3].map((n) =>
      traceOf(`Write to kim@a.example, case ${n}.`, [
        ["send_mail", { to: "kim@a.example", subject: "Hi", body: `b${n}`, ...(n === 2 ? { cc: "boss@a.example" } : {}) }, "ok"],
      ]),
    );
    const learned = known(runs);
    expect(said(learned, "LEARN_HOST_PARAM")).toEqual(["warning /nodes/send_mail/args/cc"]);
    expect(said(learned, "LEARN_UNEXPLAINED")).toEqual([]);
    expect(learned.evidence["/nodes/send_mail/args/cc"]?.kind).toBe("parameter");
  });

  it("says how many other conditions tell the same runs apart", () => {
    const runs = [1, 2, 3, 4].map((n) =>
      traceOf("Do.", [
        ["get_profile", {}, { vip: n % 2 === 0, rows: n % 2 === 0 ? [n] : [] }],
        ...(n % 2 === 0 ? [transfer(5)] : []),
      ]),
    );
    const learned = known(runs);
    expect(learned.plan.nodes.transfer?.when).toBe("get_profile.vip == true");
    expect(learned.evidence["/nodes/transfer/when"]).toEqual({ kind: "guard", runs: 4, of: 4, alternatives: 1 });
    expect(learned.findings.find(({ code }) => code === "LEARN_GUARD")?.message).toContain("1 other condition");
  });
});

describe("what several explanations fit", () => {
  it("says so at a target that two members of a result give in all runs", () => {
    const runs = [1, 2, 3].map((n) =>
      traceOf("Write.", [
        ["get_profile", {}, { owner: `m${n}@a.example`, payer: `m${n}@a.example` }],
        ["send_mail", { to: `m${n}@a.example`, subject: "S", body: `B${n}` }, "ok"],
      ]),
    );
    const learned = known(runs);
    expect(learned.evidence["/nodes/send_mail/args/to"]?.alternatives).toBe(1);
    expect(learned.findings.find(({ code }) => code === "LEARN_DATA_IN_TARGET")?.message).toContain("1 other rule fits as well");
  });

  it("says so at a parameter of which a task has several", () => {
    const people = [
      ["kim@a.example", "lee@b.example"],
      ["ann@a.example", "bob@b.example"],
    ] as const;
    const runs = people.map(([from, to]) =>
      traceOf(`Forward what ${from} wrote to ${to}.`, [
        ["get_mail", { id: "m" }, { from }],
        ["send_mail", { to, subject: "Fwd", body: "t" }, "ok"],
      ]),
    );
    const learned = known(runs);
    expect(learned.plan.nodes.send_mail?.args?.to).toEqual({ param: "to" });
    expect(said(learned, "LEARN_TASK_WORDS")).toEqual(["warning /nodes/send_mail/args/to"]);
    const plain = people.map(([, to]) => traceOf(`Write to ${to}.`, [["send_mail", { to, subject: "S", body: "t" }, "ok"]]));
    expect(said(known(plain), "LEARN_TASK_WORDS")).toEqual([]);
  });
});

describe("the order of acts", () => {
  it("is kept where several runs agree, and open where one differs", () => {
    const acts: readonly Exchange[] = [transfer(5), ["send_mail", { to: "a@x.example", subject: "s", body: "paid" }, "ok"]];
    const same = known([acts, acts].map((own) => traceOf("Do both.", own)));
    expect(same.plan.nodes.send_mail?.after).toEqual(["transfer"]);
    expect(same.evidence["/nodes/send_mail/after/0"]).toEqual({ kind: "order", runs: 2, of: 2 });
    const mixed = known([acts, [...acts].reverse(), acts].map((own) => traceOf("Do both.", own)));
    expect(Object.values(mixed.plan.nodes).map(({ after }) => after)).toEqual([undefined, undefined]);
  });
});

describe("loops of acts", () => {
  it("may be a little longer than the longest that was seen, and say so", () => {
    const run = (count: number): Trace => {
      const rows = Array.from({ length: count }, (_, at) => ({ path: `/d${count}/f${at}` }));
      return traceOf("Clean up.", [
        ["list_orders", {}, rows],
        ...rows.map(({ path }): Exchange => ["delete_file", { path }, "ok"]),
      ]);
    };
    const learned = known([21, 8, 12, 3].map(run));
    expect(learned.plan.nodes.delete_file?.each).toEqual({ from: "list_orders$[*]", max: 27 });
    expect(said(learned, "LEARN_ROOM")).toEqual(["warning /nodes/delete_file/each/max"]);
  });
});

describe("statements of SQL that vary", () => {
  const queries = (texts: readonly string[]): Learned =>
    known(texts.map((sql) => traceOf("Query.", [["run_query", { sql }, "x"]])));
  const bounds = (texts: readonly string[]): unknown => queries(texts).plan.nodes.run_query?.constraints?.sql;

  it("are bound to their kinds and tables, those behind a comma and in a join among them", () => {
    const texts = ["a, secrets WHERE id = 1", "a JOIN secrets ON a.id = secrets.id WHERE a.id = 2"];
    expect(bounds(texts.map((text) => `SELECT x FROM ${text}`))).toEqual({ statements: ["SELECT"], tables: ["a", "secrets"] });
  });

  it("are bound to the functions that all of them call", () => {
    expect(bounds(["SELECT count(*) FROM a WHERE x = 1", "SELECT count(*) FROM a WHERE x = 2"])).toEqual({
      statements: ["SELECT"],
      tables: ["a"],
      functions: ["count"],
    });
  });

  it("take no table from within a text", () => {
    expect(bounds(["SELECT x FROM a WHERE t = 'from b'", "SELECT x FROM a WHERE t = 'from c'"])).toEqual({
      statements: ["SELECT"],
      tables: ["a"],
    });
  });

  it("list no table that was seen once, and nothing at all where one cannot be read", () => {
    expect(bounds(["SELECT x FROM a", "SELECT x FROM b"])).toEqual({ statements: ["SELECT"] });
    expect(bounds(["SELECT x FROM a -- all", "SELECT x FROM a"])).toBeUndefined();
  });

  it("deny other kinds, other tables and other functions", () => {
    const learned = queries(["SELECT x FROM a WHERE id = 1", "SELECT x FROM a WHERE id = 2"]);
    expect(said(learned, "LEARN_DENIES_RUN")).toEqual([]);
    expect(bounds(["SELECT x FROM a WHERE id = 1", "SELECT x FROM a WHERE id = 2"])).toEqual({
      statements: ["SELECT"],
      tables: ["a"],
    });
  });
});
