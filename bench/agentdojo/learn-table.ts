/**
 * What `learn` makes of each argument that steers a tool, over the user tasks of a suite: from where its value may come, and why.
 * Pure over its inputs. Counts a value that anything is left open for as the loosest of its parts.
 */
import { roleOf } from "../../src/catalogue/catalogue.ts";
import type { Finding } from "../../src/plan/finding.ts";
import type { ArgRule, Plan, Role } from "../../src/plan/plan.ts";
import { classify, partsOf } from "../../src/plan/walk.ts";
import type { Suite } from "./data.ts";
import { type Exception, learnTask } from "./measure.ts";

/** From where the value of an argument may come, the tightest first. */
export const classNames = ["constant", "parameter", "reference", "computed", "choice", "free"] as const;

/** One of {@link classNames}. */
export type ClassName = (typeof classNames)[number];

/** One argument of one node of one task. */
export interface ArgumentRow {
  readonly task: string;
  readonly node: string;
  readonly argument: string;
  readonly role: Role;
  readonly kind: ClassName;
  /** What a person is told about it; nothing, where the user's words or the tool give the value. */
  readonly findings: readonly string[];
  readonly why: string;
}

const steering: ReadonlySet<Role> = new Set(["target", "command", "credential"]);

/** Every argument of the roles target, command and credential in the plans of a suite. An exception says which task has no plan. */
export function argumentTable(suite: Suite): {
  readonly rows: readonly ArgumentRow[];
  readonly exceptions: readonly Exception[];
} {
  const rows: ArgumentRow[] = [];
  const exceptions: Exception[] = [];
  for (const task of suite.tasks) {
    const learned = learnTask(suite, task);
    if (!("frozen" in learned)) {
      exceptions.push(learned);
      continue;
    }
    for (const [name, node] of Object.entries(learned.plan.nodes)) {
      const tool = node.tool === undefined ? undefined : learned.frozen.tools[node.tool];
      if (tool === undefined) continue;
      for (const [argument, rule] of Object.entries(node.args ?? {})) {
        const role = roleOf(tool, argument);
        if (!steering.has(role)) continue;
        const said = learned.findings.filter(({ pointer }) => isAt(pointer, name, argument));
        const kind = kindOf(learned.plan, rule);
        rows.push({
          task: task.id,
          node: name,
          argument,
          role,
          kind,
          findings: said.map(({ code }) => code),
          why: reasonOf(kind, said),
        });
      }
    }
  }
  return { rows, exceptions };
}

function isAt(pointer: string, node: string, argument: string): boolean {
  const [, , name, part, arg] = pointer.split("/");
  return name === node && part === "args" && arg === argument;
}

/** The loosest class of the rule and of the rules in it. */
function kindOf(plan: Plan, rule: ArgRule): ClassName {
  const inner = partsOf(rule).map((part) => kindOf(plan, part.rule));
  return [ownKind(plan, rule), ...inner].reduce((worst, kind) => (rankOf(kind) > rankOf(worst) ? kind : worst));
}

function rankOf(kind: ClassName): number {
  return classNames.indexOf(kind);
}

function ownKind(plan: Plan, rule: ArgRule): ClassName {
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
    case "object":
    case "list":
      return "constant";
    case "param":
      return "parameter";
    case "from":
    case "item":
      if (classed.rule.pick === "agent") return "choice";
      return classed.kind === "from" && isLet(plan, classed.rule.from) ? "computed" : "reference";
    case "choose":
      return "choice";
    case "write":
      return "free";
    default:
      return "computed";
  }
}

/** Whether a reference is to a computed node. */
function isLet(plan: Plan, reference: string): boolean {
  return plan.nodes[reference.slice(0, reference.indexOf("$"))]?.let !== undefined;
}

function reasonOf(kind: ClassName, findings: readonly Finding[]): string {
  const codes = findings.map(({ code }) => code);
  if (codes.includes("LEARN_UNEXPLAINED")) return "as seen, nothing explains it: a person confirms it";
  if (codes.includes("LEARN_CHOICE"))
    return "the user's wording says it otherwise: the agent chooses before it has read anything";
  if (codes.includes("LEARN_PICK")) return "the agent picks among values of a trusted result";
  if (codes.includes("LEARN_COMPUTED")) return "computed from results as the task says: a person confirms it";
  if (codes.includes("LEARN_POSITION")) return "the first or last element of a result's list: a person confirms it";
  if (codes.includes("LEARN_DATA_IN_TARGET")) return "from an earlier result: a person agrees that data chooses it";
  return kind === "parameter" ? "the task says it; its default is what was seen" : "the task or the tool's default says it";
}
