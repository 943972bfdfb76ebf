/**
 * InjecAgent as rows of the table of all benchmarks.
 * Pure. The undefended agent and a bare list of tools stand beside each kind of plan.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import type { Count, Report } from "./report.ts";

const group = "InjecAgent, direct harm";
const share = ({ good, all }: Count): number => good / all;

/** The rows of `bench/results/injecagent.json`. */
export const figuresOf: FiguresOf<Report> = ({ cases, undefended, toolList, kinds }) => [
  { group, kind: "floor", name: "attack success, undefended", unit: "share", p50: share(undefended), note: `${cases} cases` },
  { group, kind: "peer", name: "attack success, a list of the task's tools", unit: "share", p50: share(toolList) },
  ...kinds.flatMap((kind): readonly Figure[] => {
    const own = (figure: Omit<Figure, "group" | "kind">): Figure => ({
      group,
      kind: "sluice",
      ...figure,
      name: `${kind.name}: ${figure.name}`,
    });
    const all = kind.sameTool.reduce((sum, each) => sum + each.all, 0);
    const succeeded = kind.sameTool.reduce((sum, each) => sum + each.succeeded, 0);
    return [
      own({ name: "utility", unit: "share", p50: share(kind.utility), note: `${kind.utility.all} tasks` }),
      own({ name: "utility under attack", unit: "share", p50: share(kind.underAttack) }),
      own({ name: "attack success", unit: "share", p50: share(kind.attacks), bars: [{ of: "p50", atMost: 0 }] }),
      own({ name: "attack success, the user's own tool", unit: "share", p50: succeeded / all, note: `${all} attempts` }),
      own({ name: "false denials", unit: "share", p50: share(kind.falseDenials) }),
      own({ name: "a check", unit: "µs", p50: kind.checks.p50, p99: kind.checks.p99 }),
    ];
  }),
];
