/**
 * `verify` answers every claim about the example plans: each label against each argument, and each node against each argument.
 */
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analyze/analyse.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayLabelled } from "../../src/explain/labelled-replay.ts";
import { verifyNever } from "../../src/verify/verify.ts";
import { exampleNames, must, readExample } from "../plans/example.ts";

const frozenOf = (name: string) => {
  const { plan, catalogue } = readExample(name);
  return must(freezePlan(plan, catalogue), name);
};

describe.each(exampleNames)("verify on the example %s", (name) => {
  const frozen = frozenOf(name);
  const { plan, inner } = must(analyse(frozen), name);
  const tools = plan.nodes.filter((node) => node.tool !== undefined);
  const sinks = tools.flatMap((node) => node.args.map((arg) => ({ node: node.name, argument: arg.name })));

  it("never says unknown of a label and an argument, and each refutation replays with that label", () => {
    const labels = [...inner.table.names.map((label) => label.name), "untrusted"];
    const answers = { proved: 0, refuted: 0 };
    for (const label of labels) {
      for (const { node, argument } of sinks) {
        const answer = must(
          verifyNever(frozen, `label:${label} -> node:${node}.${argument}`.replace("label:untrusted", "untrusted")),
          label,
        );
        expect(answer.answer, JSON.stringify(answer)).not.toBe("unknown");
        if (answer.answer === "unknown") continue;
        answers[answer.answer] += 1;
        if (answer.answer === "proved") {
          expect(answer.outline.length).toBeGreaterThan(0);
          continue;
        }
        const calls = must(replayLabelled(frozen, { events: answer.trace }, { params: answer.params }), label);
        const last = calls.at(-1);
        if (answer.needsApproval) {
          expect(calls.find(({ verdict }) => verdict === "deny")?.code).toBe("CALL_NEEDS_APPROVAL");
          continue;
        }
        expect(calls.map(({ verdict }) => verdict)).toEqual(calls.map(() => "allow"));
        expect(last?.node).toBe(node);
        const carried = last?.labels[argument]?.sources ?? [];
        expect(carried.some((source) => source === label || label === "untrusted")).toBe(true);
      }
    }
    expect(answers.proved).toBeGreaterThan(10);
    expect(answers.refuted).toBeGreaterThan(10);
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
});
