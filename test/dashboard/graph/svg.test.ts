/**
 * The drawings as a browser gets them: well-formed by an XML parser, and text of others only ever text.
 */
import { describe, expect, it } from "vitest";
import { countsChart, durationsChart } from "../../../src/dashboard/charts/charts.ts";
import { createHistory } from "../../../src/dashboard/charts/history.ts";
import { type NodeRun, planGraph } from "../../../src/dashboard/graph/plan-graph.ts";
import type { TaintGraph } from "../../../src/dashboard/graph/taint.ts";
import { taintView } from "../../../src/dashboard/graph/taint-graph.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { parseXml, svgsOf } from "../well-formed.ts";

const hostile = [
  `"><script>alert(1)</script>`,
  `' onload='alert(1)`,
  "<img src=x onerror=alert(1)>",
  "\u202eevil\u202c\u0000\u0007\ud800",
  "]]><!-- & &lt; -->",
  "javascript:alert(1)",
  "x".repeat(100_000),
];

const known = new Set(["svg", "g", "path", "rect", "text", "title", "desc", "a"]);

/** Well-formed, of our own elements, with no handler, no style, and links to our pages alone. */
function expectHarmless(page: string, count: number): void {
  const svgs = svgsOf(page);
  expect(svgs).toHaveLength(count);
  for (const svg of svgs) {
    const { elements, text } = parseXml(svg);
    expect(elements.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
    const attributes = elements.flatMap(([, all]) => Object.entries(all));
    expect(attributes.filter(([name]) => /^on|^style$|href$/.test(name) && name !== "href")).toEqual([]);
    expect(attributes.filter(([name, value]) => name === "href" && !/^\/dashboard\/|^#/.test(value))).toEqual([]);
    expect(text).not.toMatch(/[\u0000\u202e\u202c]/);
    expect(svg.length).toBeLessThan(60_000);
  }
  expect(page).not.toMatch(/<script|<img|<iframe/);
}

describe("drawings of hostile names", () => {
  it("of a plan with any run on it are text", () => {
    const nodes = Object.fromEntries(
      hostile.map((name, i) => [name, { tool: hostile[hostile.length - 1 - i] ?? "", after: hostile.slice(0, i) }]),
    );
    const plan: Plan = { sluice: 1, name: hostile.join(" "), nodes };
    const states = ["settled", "flight", "held", "denied", "failed", "ready", "waiting"] as const;
    const run = new Map(
      hostile.map((name, i): [string, NodeRun] => [
        name,
        { state: states[i] ?? "skipped", ok: 1, failed: 2, flight: 0, denied: 3, href: `/dashboard/sessions/s?denial=${i}` },
      ]),
    );
    expectHarmless(String(planGraph({ plan })), 2);
    expectHarmless(String(planGraph({ plan }, { nodes: run })), 2);
  });

  it("of a taint chain that other agents tell of are text", () => {
    const graph: TaintGraph = {
      agents: hostile.map((name, i) => ({ id: name, name, isHere: i % 2 === 0, session: name.slice(0, 40) })),
      nodes: [
        {
          id: "sink",
          kind: "sink",
          agent: hostile[0] ?? "",
          tool: hostile[0] ?? "",
          argument: hostile[1] ?? "",
          labels: hostile,
        },
        ...hostile.map((name, i) => ({
          id: name,
          kind: (["result", "context", "call", "receipt"] as const)[i % 4] ?? "result",
          agent: name,
          tool: name,
          node: name,
          run: i,
          receipt: name,
          status: name,
          labels: hostile,
        })),
      ],
      edges: hostile.map((name) => ({ from: name, to: "sink", labels: hostile })),
    };
    const page = String(taintView(graph, "A chain"));
    expectHarmless(page, svgsOf(page).length);
    expect(svgsOf(page).length).toBeGreaterThan(0);
  });

  it("of charts are well-formed, with nothing, one check and many", () => {
    for (const count of [0, 1, 500]) {
      let now = Date.UTC(2026, 10, 23, 9);
      const history = createHistory(() => now);
      for (let i = 0; i < count; i++) {
        now += 7_000;
        history.telemetry({
          kind: "check",
          verdict: (["allow", "deny", "hold"] as const)[i % 3] ?? "deny",
          labels: () => [],
          seconds: i / 1_000,
        });
      }
      const { spans } = history.read(60, 60);
      expectHarmless(String(countsChart(spans)), 1);
      expectHarmless(String(durationsChart(spans)), 1);
    }
  });
});
