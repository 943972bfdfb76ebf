/**
 * Short attacks that chance alone would seldom put together: nodes of a plan and the acts of an agent that belong to each other, to be mixed
 * with generated ones. Each is one way from the data to the sink that something in the engine has to close.
 */
import type { ArgRule, PlanNode } from "../../../src/plan/plan.ts";
import type { Dice } from "../../spec/dice.ts";
import { type Instruction, generateSource, type ProgramCall, type Source } from "./program.ts";
import { secretTool, sinkTool } from "./world.ts";

/** What is added to a plan and to the programs of its conversations. */
export interface Theme {
  readonly nodes: { readonly [name: string]: PlanNode };
  /** By the conversation of the chapter. */
  readonly acts: { readonly x: readonly Instruction[]; readonly y: readonly Instruction[] };
  /** A second session of the first conversation, and what its agent fills in when it is opened. */
  readonly again?: { readonly acts: readonly Instruction[]; readonly param?: Source };
}

const call = (tool: string, node: string, args: ProgramCall["args"] = {}): Instruction => ({
  kind: "call",
  call: { tool, node, args },
});
const written: ArgRule = { write: { maxLength: 2_000, links: "none" } };
const said = (dice: Dice): Source => ({ kind: "join", parts: [generateSource(dice, 4)] });
const hidden = (dice: Dice): Pick<PlanNode, "show"> => (dice.chance(70) ? { show: "none" } : {});

/** The attacks by name. */
export const themes: { readonly [name: string]: (dice: Dice) => Theme } = {
  /** Nothing but what chance makes. */
  free: () => ({ nodes: {}, acts: { x: [], y: [] } }),

  /** Data goes through a tool that is trusted, and comes out in another form. */
  laundering: (dice) => ({
    nodes: {
      s1: { tool: secretTool, args: {}, ...hidden(dice) },
      s2: { tool: "calc/run", args: { body: dice.chance(70) ? { from: "s1$.text" } : written }, ...hidden(dice) },
      s3: { tool: sinkTool, args: { to: "/a", body: { from: dice.pick(["s2$.base64", "s2$.id", "s2$.hash"]) } } },
    },
    acts: { x: [call(secretTool, "s1"), call("calc/run", "s2", { body: said(dice) }), call(sinkTool, "s3")], y: [] },
  }),

  /** Data is written to a resource, and read back: by the same agent, or by another that has seen nothing. */
  disk: (dice) => {
    const back = [call("disk/get", "s3"), call(sinkTool, "s4")];
    const isOthers = dice.chance(60);
    return {
      nodes: {
        s1: { tool: secretTool, args: {}, times: { min: 0, max: 1 }, ...hidden(dice) },
        s2: {
          tool: "disk/put",
          args: { to: "/a", body: dice.chance(50) ? { from: "s1$.text" } : written },
          times: { min: 0, max: 2 },
        },
        s3: { tool: "disk/get", args: { to: "/a" }, ...hidden(dice) },
        s4: { tool: sinkTool, args: { to: "/b", body: { from: "s3$.found" } } },
      },
      acts: {
        x: [call(secretTool, "s1"), call("disk/put", "s2", { body: said(dice) }), ...(isOthers ? [] : back)],
        y: isOthers ? back : [],
      },
    };
  },

  /** The agent asks for a node of its own making, with what it has read for a constant, and calls it. */
  amendment: (dice) => ({
    nodes: { s1: { tool: secretTool, args: {} } },
    acts: {
      x: [
        call(secretTool, "s1"),
        {
          kind: "amend",
          name: "x1",
          node: { tool: sinkTool, args: { to: { kind: "literal", value: "/a" }, body: said(dice) } },
          isDrop: false,
        },
        call(sinkTool, "x1"),
      ],
      y: [],
    },
  }),

  /** Whether a trusted tool was asked is the agent's choice, and what refers to it says so. */
  "choice of runs": (dice) => ({
    nodes: {
      s1: { tool: secretTool, args: {} },
      s2: { tool: "in/open", args: {}, times: { min: 0, max: 2 } },
      s3: {
        tool: sinkTool,
        args: {
          to: "/a",
          body: dice.pick<ArgRule>([
            { from: "s2$.text", otherwise: "none" },
            { from: "s2$.text", optional: true },
          ]),
        },
      },
    },
    acts: {
      x: [
        call(secretTool, "s1"),
        { kind: "if", bit: generateSource(dice, 2), yes: [call("in/open", "s2")], no: [] },
        call(sinkTool, "s3"),
      ],
      y: [],
    },
  }),

  /** What was read in one session is told to the next: by memory, or as a parameter that the agent fills in. */
  "next session": (dice) => {
    const isParam = dice.chance(50);
    return {
      nodes: {
        s1: { tool: secretTool, args: {}, times: { min: 0, max: 1 } },
        s2: { tool: sinkTool, args: { to: "/a", body: isParam ? { param: "p" } : written } },
      },
      acts: { x: [call(secretTool, "s1")], y: [] },
      again: {
        acts: [call(sinkTool, "s2", isParam ? {} : { body: said(dice) })],
        ...(isParam ? { param: { kind: "copy", step: 0, leaf: "all" } } : {}),
      },
    };
  },

  /** The agent sends words of its own where the plan has a value. */
  literal: (dice) => ({
    nodes: {
      s1: { tool: secretTool, args: {} },
      s2: { tool: sinkTool, args: { to: "/a", body: dice.pick<ArgRule>(["/b", { param: "p" }]) } },
    },
    acts: { x: [call(secretTool, "s1"), call(sinkTool, "s2", { body: said(dice) })], y: [] },
  }),
};

/** A theme. */
export function generateTheme(dice: Dice): Theme {
  const { free = () => ({ nodes: {}, acts: { x: [], y: [] } }), ...others } = themes;
  return dice.pick([free, free, ...Object.values(others)])(dice);
}
