/**
 * `verify` answers every claim about the example plans: each label, node and tool against each argument, role and call.
 */
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analyze/analyse.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayLabelled } from "../../src/explain/labelled-replay.ts";
import type { TraceEvent } from "../../src/trace.ts";
import { openVerifier, type Verification, verifyNever } from "../../src/verify/verify.ts";
import { exampleNames, must, readExample } from "../plans/example.ts";

const frozenOf = (name: string) => {
  const { plan, catalogue } = readExample(name);
  return must(freezePlan(plan, catalogue), name);
};

describe.each(exampleNames)("verify on the example %s", (name) => {
  const frozen = frozenOf(name);
  const { plan, inner } = must(analyse(frozen), name);
  const verifier = must(openVerifier(frozen), name);
  const tools = plan.nodes.flatMap(({ tool }) => (tool === undefined ? [] : [tool.name]));
  const nodes = plan.nodes.filter((node) => node.tool !== undefined);
  const labels = [...inner.table.names.map((label) => `label:${label.name}`), "untrusted"];
  const sources = [...labels, ...nodes.map((node) => `node:${node.name}`), ...new Set(tools), "*"];
  const roles = ["target", "command", "credential", "selector", "content", "control"];
  const sinks = [
    ...nodes.flatMap((node) => [...node.args.map((arg) => `node:${node.name}.${arg.name}`), `node:${node.name}:control`]),
    ...[...new Set(tools), "*"].flatMap((tool) => [tool, ...roles.map((role) => `${tool}:${role}`)]),
    ...nodes.flatMap((node) => node.args.map((arg) => `${node.tool?.name}.${arg.name}`)),
  ];
  const confirmed = new Set<readonly TraceEvent[]>();

  /** A refutation is a run that the engine allows, up to a call that carries the label. */
  const replays = (answer: Verification & { readonly answer: "refuted" }, label: string | undefined): void => {
    // Claims about tools are answered by the runs of their nodes.
    if (confirmed.has(answer.trace)) return;
    confirmed.add(answer.trace);
    const calls = must(replayLabelled(frozen, { events: answer.trace }, { params: answer.params }), answer.never);
    const last = calls.at(-1);
    if (answer.needsApproval) {
      expect(calls.find(({ verdict }) => verdict === "deny")?.code).toBe("CALL_NEEDS_APPROVAL");
      return;
    }
    expect(calls.map(({ verdict }) => verdict)).toEqual(calls.map(() => "allow"));
    expect(last?.node).toBe(answer.node);
    if (answer.argument === undefined || label === undefined) return;
    const carried = last?.labels[answer.argument]?.sources ?? [];
    expect(carried.some((source) => source === label || label === "untrusted")).toBe(true);
  };

  it("never says unknown, whatever the source and the sink, and each refutation replays", () => {
    const answers = { proved: 0, refuted: 0 };
    for (const source of sources) {
      const label = labels.includes(source) ? source.replace("label:", "") : undefined;
      for (const sink of sinks) {
        const claim = `${source} -> ${sink}`;
        const answer = must(verifier.verify(claim), claim);
        if (answer.answer === "unknown") {
          expect.fail(`${claim}: ${answer.why}`);
        } else if (answer.answer === "proved") {
          expect(answer.outline.length, claim).toBeGreaterThan(0);
        } else replays(answer, label);
        answers[answer.answer] += 1;
      }
    }
    expect(answers.proved).toBeGreaterThan(100);
    expect(answers.refuted).toBeGreaterThan(100);
  }, 120_000);
});

describe("verify", () => {
  const trading = frozenOf("trading");
  const support = frozenOf("support");

  it("proves that market data reaches the broker only through the risk engine, and names the flow rule", () => {
    const answer = must(verifyNever(trading, "external_api -> broker/*"), "a claim");
    expect(answer.answer).toBe("proved");
    expect(answer.answer === "proved" && answer.outline.join("\n")).toContain("unsanitized-market-data");
  });

  it("refutes the same claim about the node, whose data comes through the risk engine", () => {
    const answer = must(verifyNever(trading, "quotes -> broker/order"), "a claim");
    expect(answer.answer).toBe("refuted");
  });

  it("refutes the claim once the flow rule is gone, with a result that does not fit its schema", () => {
    const { flows: _, ...plan } = trading.plan;
    const answer = must(verifyNever({ ...trading, plan }, "external_api -> broker/order.quantity"), "a claim");
    expect(answer.answer).toBe("refuted");
  });

  it("says of a call that a human must approve that nothing else stands in its way", () => {
    const answer = must(verifyNever(support, "database_record -> shop/refund.amount"), "a claim");
    expect(answer).toMatchObject({ answer: "refuted", needsApproval: true });
  });

  it("names the endorsement that takes a label away", () => {
    const answer = must(verifyNever(support, "external_api -> tickets/update.priority"), "a claim");
    expect(answer.answer === "proved" && answer.outline.join("\n")).toContain("endorses");
  });

  it("shows how a node that may try again is called because of its own failure", () => {
    const answer = must(verifyNever(trading, "quotes -> quotes:control"), "a claim");
    expect(answer.answer).toBe("refuted");
    const results = answer.answer === "refuted" ? answer.trace.filter(({ type }) => type === "result") : [];
    expect(results).toContainEqual(expect.objectContaining({ value: { error: "failed" } }));
  });

  it("shows how the status of one order may decide whether the next one is placed", () => {
    const answer = must(verifyNever(trading, "status -> order:control"), "a claim");
    const tools = answer.answer === "refuted" ? answer.trace.flatMap((event) => (event.type === "call" ? [event.tool] : [])) : [];
    expect(tools.slice(-3)).toEqual(["broker/order", "broker/status", "broker/order"]);
  });

  it("proves that the only call of a node comes before its own result", () => {
    const answer = must(verifyNever(frozenOf("research"), "archive -> archive:control"), "a claim");
    expect(answer).toMatchObject({ answer: "proved", outline: [expect.stringContaining("before `archive` has run")] });
  });
});
