import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, type JsonObject, member } from "../../src/json/value.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { createDigester, standInsOf } from "../../src/observe/digest.ts";
import { readRecorded } from "../../src/observe/recorded.ts";
import { undigestPlan } from "../../src/observe/undigest.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { replayTrace } from "../../src/replay.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { createGuard } from "../../src/guard.ts";
import { readTrace, type Trace, type TraceEvent } from "../../src/trace.ts";
import { createMemoryTraceSink } from "../../src/surfaces/hono.ts";
import { createObserver } from "../../src/surfaces/observe.ts";
import type { RecordPolicy } from "../../src/observe/record-policy.ts";

const digester = createDigester(new Uint8Array(32).fill(1));
const [text, other, whole, real, flag] = ["a text", "another", 5, 1.5, true].map((value) => digester.digest(value)) as [
  string,
  string,
  string,
  string,
  string,
];

function plan(nodes: Json, params?: Json): Plan {
  return { sluice: 1, name: "p", ...(params === undefined ? {} : { params }), nodes } as unknown as Plan;
}

describe("a draft with digests", () => {
  it("has parameters of the right type in their places, one for equal digests", () => {
    const { plan: real1, findings } = undigestPlan({
      plan: plan({
        one: { tool: "a/b", args: { who: text, count: { const: whole }, deep: { object: { rate: real } }, list: ["x", flag] } },
        two: { tool: "a/c", args: { again: text, mixed: `to ${other}!`, kept: "x", n: 3 } },
      }),
      findings: [],
    });
    expect(real1.params).toEqual({
      who: { type: "string" },
      count: { type: "integer" },
      rate: { type: "number" },
      list: { type: "boolean" },
      mixed: { type: "string" },
    });
    expect(real1.nodes).toEqual({
      one: {
        tool: "a/b",
        args: {
          who: { param: "who" },
          count: { param: "count" },
          deep: { object: { rate: { param: "rate" } } },
          list: ["x", { param: "list" }],
        },
      },
      two: { tool: "a/c", args: { again: { param: "who" }, mixed: { param: "mixed" }, kept: "x", n: 3 } },
    });
    expect(findings.map(({ code, pointer }) => [code, pointer])).toEqual(
      ["who", "count", "rate", "list", "mixed"].map((name) => ["OBSERVE_DIGEST", `/params/${name}`]),
    );
  });

  it("has parameters in expressions, for choices and in constant objects; and no constraint that only digests satisfy", () => {
    const { plan: draft, findings } = undigestPlan({
      plan: plan({
        row: {
          tool: "a/b",
          args: { id: { from: "list$.rows[*].id", where: `item.name == "${text}" && item.n > 2` } },
          when: `x == '${other}'`,
        },
        pick: {
          tool: "a/c",
          args: { to: { choose: { enum: [text, other] }, match: { enum: [text] } }, body: { const: { a: [text, 1], b: null } } },
        },
        filter: { tool: "a/d", args: { id: { from: `list$.rows[?@.name == "${text}"].id` } } },
      }),
      findings: [],
    });
    expect(draft.nodes).toMatchObject({
      row: { args: { id: { where: "item.name == params.id && item.n > 2" } }, when: "x == params.row" },
      pick: { args: { to: { param: "id" }, body: { object: { a: [{ param: "id" }, { const: 1 }], b: { const: null } } } } },
    });
    expect(findings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "OBSERVE_DIGEST /params/id",
      "OBSERVE_DIGEST /params/row",
      "OBSERVE_DIGEST_LEFT /nodes/filter",
    ]);
  });

  it("says of what type a parameter is whose values were digested, and drops what only digests satisfy", () => {
    const one = digester.digest(7);
    const params = {
      amount: { type: "string", minLength: 42, default: whole },
      name: { type: "string", maxLength: 80 },
      kept: { type: "number", maximum: 5 },
    };
    const { plan: draft } = undigestPlan({ plan: plan({}, params), findings: [] }, [
      { amount: one, name: text, kept: 1 },
      { name: other, kept: 2 },
    ]);
    expect(draft.params).toEqual({ amount: { type: "integer" }, name: { type: "string" }, kept: { type: "number", maximum: 5 } });
  });

  it("without digests stays what it is", () => {
    const draft = { plan: plan({ a: { tool: "a/b", args: { x: "sluice:d:not-one" } } }), findings: [] };
    expect(undigestPlan(draft).plan).toBe(draft.plan);
  });
});

/** A run as an observer records it. */
async function record(trace: Trace, policy: RecordPolicy): Promise<string> {
  const sink = createMemoryTraceSink();
  const period = { reason: "a test", until: "2026-12-01T00:00:00Z" };
  const observer = createObserver({
    mode: { observe: { ...period, sink, record: policy } },
    clock: () => Date.UTC(2026, 10, 20),
  });
  const run = observer.run(trace.task === undefined ? {} : { task: trace.task });
  const calls = new Map<string, ReturnType<typeof run.call>>();
  for (const event of trace.events) {
    if (event.type === "call") calls.set(event.id, run.call(event));
    else calls.get(event.id)?.result(event.value);
  }
  await observer.close();
  return (sink.traces.get(run.trace) ?? []).map((line) => `${line}\n`).join("");
}

function readExample(name: string, file: string): Json {
  const read = readJson(readFileSync(new URL(`../../plans/${name}/${file}`, import.meta.url), "utf8"));
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** The benign run of an example as an agent without a firewall makes it: every argument sent, nothing left for the plan to fill in. */
function benignRun(name: string, catalogue: Catalogue): Trace {
  const read = readTrace(readFileSync(new URL(`../../plans/${name}/benign.jsonl`, import.meta.url), "utf8"));
  const source = readYaml(readFileSync(new URL(`../../plans/${name}/plan.yaml`, import.meta.url), "utf8"));
  const parsed = parsePlan(source.ok ? source.value : null);
  const frozen = parsed.ok ? freezePlan(parsed.value, catalogue) : parsed;
  if (!frozen.ok || !read.ok) throw new Error("the example");
  const session = createGuard(frozen.value).session({
    params: (member(readExample(name, "params.json"), "*") ?? {}) as JsonObject,
  });
  const runs = new Map<string, number>();
  const events = read.value.events.map((event): TraceEvent => {
    if (event.type === "result") {
      session.record(runs.get(event.id) ?? -1, event.value);
      return event;
    }
    const verdict = session.check(event);
    if (verdict.decision === "deny") throw new Error(`${event.tool}: ${verdict.code}`);
    runs.set(event.id, verdict.run);
    return { ...event, args: verdict.args };
  });
  return { ...read.value, events };
}

const withoutIds = (trace: Trace): readonly object[] => trace.events.map(({ id: _, ...event }) => event);

describe("recordings of the examples", () => {
  const policies: Readonly<Record<string, RecordPolicy>> = {
    kept: {},
    digested: { default: "digest" },
    mixed: { rules: [{ as: "digest", in: "args" }] },
    redacted: { default: "redact" },
  };
  for (const example of ["trading", "support"]) {
    for (const [name, policy] of Object.entries(policies)) {
      it(`of ${example}, ${name}: read as traces, and learned into a draft that freezes without a digest in it`, async () => {
        const catalogue = readCatalogue(readExample(example, "catalogue.json"));
        if (!catalogue.ok) throw new Error("the catalogue");
        const trace = benignRun(example, catalogue.value);
        const recorded = readRecorded(await record(trace, policy));
        if (!recorded.ok) throw new Error(recorded.error.message);
        expect(recorded.value.trace.events.length).toBe(trace.events.length);
        if (name === "kept") expect(withoutIds(recorded.value.trace)).toEqual(withoutIds(trace));
        const learned = learnPlan([recorded.value.trace], catalogue.value);
        if (!learned.ok) throw new Error(learned.error[0]?.message);
        const draft = undigestPlan(learned.value, learned.value.params);
        const left = standInsOf(canonicalJson(draft.plan as unknown as Json));
        const isSaid = draft.findings.some(({ code }) => code === "OBSERVE_DIGEST_LEFT");
        expect(left.length > 0).toBe(isSaid);
        expect(draft.findings.some(({ code }) => code === "OBSERVE_DIGEST")).toBe(name !== "kept");
        const parsed = parsePlan(draft.plan as unknown as Json);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
        const frozen = freezePlan(parsed.value, catalogue.value);
        if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
        if (name !== "kept") return;
        const replayed = replayTrace(frozen.value, trace);
        expect(replayed.ok && replayed.value.filter(({ verdict }) => verdict === "deny")).toEqual([]);
      });
    }
  }
});

describe("a recording that a crash cut off", () => {
  it("is read wherever it was cut, as a beginning of the whole", async () => {
    const catalogue = readCatalogue(readExample("support", "catalogue.json"));
    if (!catalogue.ok) throw new Error("the catalogue");
    const trace = benignRun("support", catalogue.value);
    for (const task of [trace.task, undefined]) {
      const text = await record({ events: trace.events.slice(0, 6), ...(task === undefined ? {} : { task }) }, {});
      const whole = readRecorded(text);
      if (!whole.ok) throw new Error(whole.error.message);
      for (let end = 0; end <= text.length; end++) {
        const cut = readRecorded(text.slice(0, end));
        if (!cut.ok) throw new Error(`${end}: ${cut.error.message}`);
        const { events } = cut.value.trace;
        expect(events).toEqual(whole.value.trace.events.slice(0, events.length));
        expect(cut.value.isTorn).toBe(end > 0 && text[end - 1] !== "\n" && text[end] !== "\n");
      }
    }
  });

  it("is refused where anything else is wrong, and so is any other trace without its end", () => {
    const call = '{"args":{},"id":"0","observed":{"mode":"observe"},"tool":"a/b","type":"call"}\n';
    expect(readRecorded(`${call}{"id":"0","type":"res`).ok).toBe(true);
    expect(readRecorded(`{"type":"call",\n${call}`).ok).toBe(false);
    expect(readRecorded(`${call}{"type":"res\n`).ok).toBe(false);
    expect(readRecorded(`${call.replace('"observed":{"mode":"observe"},', "")}{"id":"0","type":"res`).ok).toBe(false);
    expect(readRecorded('{"tool":"a/b","ar').ok).toBe(false);
  });
});
