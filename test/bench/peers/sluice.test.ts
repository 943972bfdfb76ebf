import { describe, expect, it } from "vitest";
import { argsCheck, openHost, parseCall } from "../../../bench/peers/host.ts";
import { judge } from "../../../bench/peers/report.ts";
import { open } from "../../../bench/peers/runners/sluice.ts";
import { freezePolicy, valueLabels } from "../../../bench/peers/sluice-plan.ts";
import { samplePolicy, sampleWorkload } from "./sample.ts";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

describe("the translation of the peers' policy", () => {
  it("answers every call of the sample rightly, in any state that passes before have left", () => {
    for (const seed of seeds) {
      const workload = sampleWorkload(seed);
      const peer = open(workload);
      for (let pass = 0; pass < 3; pass++) {
        const verdicts = workload.calls.map(({ raw }, at) => peer.check(Buffer.from(raw), at) === true);
        peer.settle?.();
        expect(judge(verdicts, workload.calls), `seed ${seed}, pass ${pass}`).toMatchObject({
          right: workload.calls.length,
          wrong: {},
        });
      }
    }
  });

  it("answers what is no call with a denial", () => {
    const peer = open(sampleWorkload(1));
    for (const text of [
      "",
      "[]",
      "{",
      '{"session":"all"}',
      '{"session":"all","session":"all","node":"look","tool":"search","args":{},"prov":{}}',
    ])
      expect(peer.check(Buffer.from(text), 0)).toBe(false);
  });

  it("refuses a policy whose nodes of one tool guard other arguments", () => {
    const { buy, ...others } = samplePolicy.nodes;
    const policy = { ...samplePolicy, nodes: { ...others, buy: { ...(buy as typeof others.look), noTaint: ["sku"] } } };
    expect(() => freezePolicy(policy as typeof samplePolicy)).toThrow("differ in `noTaint`");
  });

  it("labels a value with all that it was made of", () => {
    const labels = valueLabels({
      done: [],
      values: {
        a: { src: "user" },
        b: { src: "fetch" },
        c: { parents: ["a", "d"] },
        d: { parents: ["b"] },
        e: { parents: ["gone"] },
      },
    });
    expect(Object.fromEntries([...labels].map(([handle, { sources }]) => [handle, sources]))).toEqual({
      a: ["user_input"],
      b: ["fetch"],
      c: ["fetch", "user_input"],
      d: ["fetch"],
      e: ["unknown"],
    });
  });
});

describe("the code that a host would write by hand", () => {
  it("answers every call of the sample rightly", () => {
    for (const seed of seeds) {
      const { calls, ...rules } = sampleWorkload(seed);
      const host = openHost(rules);
      const verdicts = calls.map(({ raw }) => {
        const call = parseCall(Buffer.from(raw));
        const node = host.node(call, raw.length);
        return (
          node !== undefined && host.isInOrder(call, node) && host.isClean(call, node) && argsCheck(node, rules.policy)(call.args)
        );
      });
      expect(judge(verdicts, calls), `seed ${seed}`).toMatchObject({ right: calls.length, wrong: {} });
    }
  });
});

describe("judging", () => {
  it("counts what was let through apart from what was held up", () => {
    const calls = [
      { expect: "allow" as const, reason: null },
      { expect: "deny" as const, reason: "host" },
      { expect: "deny" as const, reason: "host" },
    ];
    expect(judge([false, true, false], calls)).toEqual({
      right: 1,
      falseAllows: 1,
      falseDenials: 1,
      wrong: { allow: 1, host: 1 },
    });
  });
});
