/**
 * What a scenario of the multi-agent suite is made of: agents, tools over a simulated world, a task, and attacks.
 * Types only. Judges are functions of the world's final state; no verdict, label or code is known to them.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { Effect, LabelSpec, Plan, Role } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Order } from "./orders.ts";
import type { World } from "./world.ts";

/** How a message goes from one agent to another. */
export type Transport = "http" | "a2a" | "mcp";

/** A tool: what the operator's catalogue says of it, and what it does. */
export interface Tool {
  /** JSON Schemas of its arguments; all may be left out as far as the schema goes. */
  readonly args: { readonly [name: string]: Json };
  readonly labels: readonly string[];
  readonly effects: readonly Effect[];
  readonly roles?: { readonly [name: string]: Role };
  readonly audience?: Json;
  readonly resource?: Json;
  /** Of an object. */
  readonly output?: JsonObject;
  /** What it does. */
  readonly run?: (args: JsonObject, world: World) => Json;
  /** The agent that is behind it, in place of `run`. */
  readonly peer?: { readonly agent: string; readonly by: Transport };
}

/** A plan of a scenario: the labels are the scenario's. */
export type ScenarioPlan = Omit<Plan, "sluice" | "labels" | "name">;

/** What an agent's script works with. */
export interface Me {
  /** What it was asked with. */
  readonly params: JsonObject;
  /** Calls a tool and obeys what the result says. Rejects if the agent's own call is refused. */
  call(tool: string, args?: JsonObject): Promise<Json>;
  /** A text of its own, with what it was told to pass on. */
  say(text: string): string;
}

/** One agent. */
export interface Agent {
  /** What its Sluice enforces. Absent: there is none in front of it. */
  readonly plan?: ScenarioPlan;
  /** What it does for its task; what it returns is its answer to whoever asked. */
  readonly script: (me: Me) => Promise<Json>;
  /** Tools that it is given at all, with and without Sluice. Default: those of its plan. */
  readonly tools?: readonly string[];
  /** Parameters of its plan that messages of other agents fill. */
  readonly takes?: readonly string[];
  /** What labels of another agent's receipts mean here, in place of the scenario's own names for all. */
  readonly hears?: { readonly [agent: string]: { readonly [theirs: string]: string } };
  /** More of its policy. */
  readonly policy?: Partial<Policy>;
  /** Behind the HTTP host: sessions are opened by its routes, and tools called through its middleware. Default: by the library. */
  readonly isHosted?: boolean;
  /** Agents with the same name share a store. Default: one of its own. */
  readonly store?: string;
}

/** Something that begins: the user, or whoever may talk to an agent, gives it a task. */
export interface Start {
  readonly agent: string;
  readonly params?: JsonObject;
  readonly principal?: string;
}

/** A message between agents, on its way. */
export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly value: JsonObject;
  readonly receipt?: string | undefined;
}

/** What an attacker on the way between agents has. */
export interface Toolkit {
  /** Messages of before, oldest first, as they were sent. */
  readonly seen: readonly Sent[];
  /** A receipt for a message that says it is the user's own word: by a key of the attacker's, or by the stolen key of an agent. */
  forge(sent: Sent, stolenFrom?: string): Promise<string>;
  /** Lets time pass. */
  wait(seconds: number): void;
}

/** What it makes of a message: those that are delivered, in order; the sender gets the answer to the first. */
export type Tamper = (sent: Sent, toolkit: Toolkit) => Promise<readonly Sent[]> | readonly Sent[];

/** By which way an attack comes. */
export type AttackKind =
  | "tool result"
  | "message of an agent"
  | "shared memory"
  | "forged label"
  | "receipt forged"
  | "receipt replayed"
  | "receipt for another"
  | "receipt expired"
  | "receipt stripped"
  | "confused deputy"
  | "paraphrase"
  | "collusion"
  | "split over agents";

/** One attack, and whether it has reached what it is for. */
export interface Attack {
  readonly name: string;
  readonly kind: AttackKind;
  /** What tools answer instead, by name. */
  readonly poison?: { readonly [tool: string]: (value: Json) => Json };
  /** Changes the world before the run: what was planted earlier. */
  readonly plant?: (world: World) => void;
  /** Who sits between the agents. */
  readonly tamper?: Tamper;
  /** Agents that obey the attacker from the beginning, whatever they read. */
  readonly hijacked?: { readonly [agent: string]: readonly Order[] };
  /** What begins besides the task, before it. */
  readonly starts?: readonly Start[];
  /** Whether the attacker has what it wants. */
  readonly hasSucceeded: (world: World) => boolean;
  /** The tool whose result the attack came in with: the chain of a denial by labels must begin there. */
  readonly source?: string;
  /** Agents that it passed on its way to the denial, whose receipts the chain must name. */
  readonly hops?: readonly string[];
  /** Of an attack that Sluice does not stop: why not. */
  readonly remains?: string;
}

/** A benign run: the world or the parameters otherwise. */
export interface Variant {
  readonly name: string;
  readonly change?: (world: World) => void;
  readonly params?: JsonObject;
  /** Whether the user has what was asked for, where that is something else. */
  readonly isDone?: (world: World) => boolean;
}

/** A scenario. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly labels: { readonly [name: string]: LabelSpec };
  readonly tools: { readonly [name: string]: Tool };
  readonly agents: { readonly [name: string]: Agent };
  readonly world: { readonly [collection: string]: readonly JsonObject[] };
  readonly start: Start;
  /** What begins by itself afterwards, such as a job of the night. */
  readonly later?: readonly Start[];
  /** Whether the user has what was asked for. */
  readonly isDone: (world: World) => boolean;
  /** What a person who is asked knows to be wanted; others are refused. Absent: nobody is there to be asked. */
  readonly isWanted?: (call: { readonly tool: string; readonly args: JsonObject }) => boolean;
  readonly variants?: readonly Variant[];
  readonly attacks: readonly Attack[];
}
