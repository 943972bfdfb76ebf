/**
 * The state of a session: the fold of its events.
 * Pure. No I/O, no clock. Only `fold.ts` changes a state.
 */
import type { Json } from "../json/value.ts";
import type { Label, LabelValue } from "../taint/label.ts";
import type { Code } from "../codes.ts";
import type { ChainLink } from "./chain.ts";
import type { Hold, HoldState } from "./hold.ts";
import type { Ledger } from "./ledger.ts";
import type { Inbound, Received, ReceivedParams } from "./received.ts";

/** Which run a value of an argument came from. */
export interface Origin {
  readonly arg: string;
  readonly run: number;
}

/** Everything that can happen to a session, versioned by its shape; plain JSON. */
export type SessionEvent =
  | {
      readonly type: "open";
      readonly at: number;
      readonly session: string;
      readonly plan: string;
      readonly principal: string;
      readonly conversation: string;
      readonly params: { readonly [name: string]: Json };
      /** Parameters that the agent filled in. */
      readonly agentParams: readonly string[];
      /** Parameters that came from other agents, and with what labels. */
      readonly received?: readonly ReceivedParams[];
      readonly context: LabelValue;
      /** Secret of the session's handles, hexadecimal. */
      readonly key: string;
    }
  | {
      readonly type: "allow";
      readonly at: number;
      readonly run: number;
      readonly node: string;
      readonly row?: string;
      /** Milliseconds since the epoch after which the run counts as failed. */
      readonly lease: number;
      /** Whether the agent named the node, so that no other was looked at. */
      readonly isNamed?: true;
      /** Amount reserved on each budget of the node, in the plan's order. */
      readonly amounts?: readonly number[];
      /**
       * What those budgets are known by (`budgetName`), where a failure gives back what sessions share: by then the plan may be amended, or the
       * policy another one.
       */
      readonly budgets?: readonly string[];
      /** Keys of the resources that the call reads and writes, each sorted. */
      readonly reads?: readonly string[];
      readonly writes?: readonly string[];
      /** What the caller said that the arguments carry, endorsements applied. */
      readonly raised?: LabelValue;
      /** The approved hold that it releases. */
      readonly hold?: string;
      /** Id of the receipt that was signed for the arguments, for another agent. */
      readonly receipt?: string;
    }
  | {
      readonly type: "deny";
      readonly at: number;
      readonly code: Code;
      readonly tool: string;
      /** The node that came closest. */
      readonly node?: string;
      /** The node that the agent named. */
      readonly named?: string;
      /** Whether the call got as far as the nodes, so that their verdict reads count. */
      readonly isTried?: true;
      /** The call as it waits for a human, if this denial is what holds it. */
      readonly hold?: Hold;
      /** The hold that is void from now on, since its call has come out with other bytes. */
      readonly voids?: string;
    }
  | {
      readonly type: "settle";
      readonly at: number;
      readonly run: number;
      readonly ok: boolean;
      /** The result as read, if a rule may refer to it. */
      readonly value?: Json;
      /** Whether the value is valid under the tool's output schema, so that `removes` applies. */
      readonly valid: boolean;
      /** Labels that the result itself claims: they only raise. */
      readonly claims?: readonly string[];
      /** What the resources that the call read brought back, as other plans would be told. */
      readonly brought?: LabelValue;
      /** What the receipt of another agent, or the lack of one, makes of the result. */
      readonly received?: Received;
    }
  | { readonly type: "context"; readonly at: number; readonly label: LabelValue }
  /** The agent asks for an amendment that a human must approve. */
  | { readonly type: "ask-amend"; readonly at: number; readonly ask: Ask }
  /** The session goes on under another plan; see `continue.ts`. */
  | {
      readonly type: "amend";
      readonly at: number;
      /** Digest of the plan that the session goes on under, and of the one that it leaves. */
      readonly plan: string;
      readonly parent: string;
      /** `agent`, or the name of who approved it. */
      readonly by: string;
      /** The ask that was approved. */
      readonly ask?: number;
      /** Entries of the parent's envelope that it spends, and how many runs of each. */
      readonly spent?: readonly { readonly entry: number; readonly runs: number }[];
    }
  /** What a human says of an amendment that waits: no, or yes where more people must say so. */
  | {
      readonly type: "judge-amend";
      readonly at: number;
      readonly ask: number;
      readonly by: string;
      readonly decision: "approve" | "deny";
    }
  | {
      /** What a human says of a held call. */
      readonly type: "approve";
      readonly at: number;
      readonly hold: string;
      readonly by: string;
      readonly decision: "approve" | "deny";
    }
  | { readonly type: "close"; readonly at: number };

/** An amendment that waits for a human: digests of the plan as it would be and of the plan that it amends. */
export interface Ask {
  readonly plan: string;
  readonly parent: string;
}

/** What became of an ask. `stale`: the plan was amended otherwise meanwhile. */
export interface AskState extends Ask {
  readonly at: number;
  status: "waiting" | "applied" | "denied" | "stale";
  /** Who has approved it so far. */
  readonly approvers: string[];
}

/** One run: an allowed call. */
export interface Run {
  readonly number: number;
  /** Index of the node. */
  readonly node: number;
  readonly row: string | undefined;
  readonly at: number;
  readonly lease: number;
  status: "flight" | "ok" | "error";
  /** Base label: the tool's ⊔ the arguments'. */
  base: Label;
  /** Labels of the regions that `removes` names; everything else is `base`. */
  regions: readonly { readonly prefix: readonly string[]; readonly label: Label }[];
  value: Json | undefined;
  readonly origins: readonly Origin[];
  readonly amounts: readonly number[] | undefined;
  /** Names of the budgets that the amounts were taken from, where they may be given back. */
  readonly budgets: readonly string[] | undefined;
  /** Keys of the resources that it reads and writes. */
  readonly touched: Touched;
  /** Id of the receipt that went along: what an answer must name. */
  readonly receipt: string | undefined;
  /** Where a result of another agent was before. */
  links: readonly ChainLink[] | undefined;
}

/** Keys of what a call reads and writes, each sorted; absent: none. */
export interface Touched {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** A selected value and where it stands. */
export interface Place {
  readonly value: Json;
  /** Absent for the value of a `let`. */
  readonly run: Run | undefined;
  readonly path: readonly (string | number)[];
}

/** One row of a loop. */
export interface Row extends Place {
  /** Unique in the session for its node. */
  readonly key: string;
}

/** Counts of one node, or of one row of it. */
export interface Tally {
  /** Runs in flight, in the order of allowance (some of which may be past their lease). Few, and the first mostly settle first. */
  readonly flight: Run[];
  /** Ok runs in the order of settling. */
  readonly ok: Run[];
  errors: number;
}

/** What a session remembers of one node. */
export interface NodeState extends Tally {
  /** Per row key, under `each`. */
  readonly rows: Map<string, Tally>;
  /** Join of the base labels of all ok runs, and of all failed ones; for hidden data. */
  successes: Label;
  failures: Label;
  /** Whether no run has regions of its own, so that every part of a result has the base label. */
  isUniform: boolean;
  /** What each budget has reserved. */
  readonly spent: Map<string, Ledger>;
  /** Rows of a loop over a computed list, as they were at its first run: later they do not change. */
  pinned: readonly Row[] | undefined;
  /** Each run that started, if the node has a rate. */
  readonly starts: Ledger;
}

/** A session. Mutable; owned by whoever folds its events. */
export interface SessionState {
  /** Number of events folded. */
  version: number;
  session: string;
  plan: string;
  principal: string;
  conversation: string;
  key: string;
  openedAt: number;
  isClosed: boolean;
  params: { readonly [name: string]: Json };
  agentParams: ReadonlySet<string>;
  /** What came in from other agents when the session was opened. */
  inbound: readonly Inbound[];
  /** Labels of the parameters that came from other agents. */
  paramLabels: Map<string, Label>;
  /** Label of the parameters that the agent filled in. */
  openContext: Label;
  context: Label;
  allowed: number;
  denied: number;
  /** Denials in a row since anything last went ahead, by tool; `""` for tools that the plan does not have. */
  readonly streaks: Map<string, { count: number; at: number }>;
  readonly runs: Run[];
  /** Runs in flight, by number. */
  readonly inFlight: Map<number, Run>;
  /** By node index; absent until the node has a run. */
  readonly nodes: Map<number, NodeState>;
  /** Rows of loops, by node index: derived, kept for speed, never a fact of its own. */
  readonly rowCache: Map<number, { readonly stamp: number; readonly rows: readonly Row[] | undefined }>;
  /** Amendments that were asked for, oldest first; the place is the number of the ask. */
  readonly asks: AskState[];
  /** How often the plan was amended. */
  amended: number;
  /** Runs that amendments have spent of envelope entries, by the canonical text of the entry. */
  readonly spentEnvelope: Map<string, number>;
  /** Calls that were held for a human, by id, oldest first. */
  readonly holds: Map<string, HoldState>;
  /** Labels of what this session wrote, by the key of the resource. */
  readonly resources: Map<string, Label>;
  /** Where each source first entered the context: run number, for the taint chain. */
  readonly delivered: { readonly run: number; readonly label: Label }[];
}
