/**
 * The policy language as types: an organisation's standing rules, which every plan must satisfy (`src/README.md`, "Policies").
 * Pure. Types only; a policy never allows what a plan does not.
 */
import type { Json, JsonObject } from "../json/value.ts";
import type { Constraints, Effect, FlowRule, LabelSpec, Role } from "../plan/plan.ts";
import type { RuleClass } from "../plan/walk.ts";

/** A policy (version 1). Members that are left out say nothing; an empty allow-list allows nothing. */
export interface Policy {
  readonly sluicePolicy: 1;
  /** Of a composed policy: the names of its parts, sorted and joined by `+`. */
  readonly name: string;
  readonly description?: string;
  readonly labels?: { readonly [name: string]: PolicyLabel };
  /** `closed`: a label that does not say who may read may be read by nobody. Default `open`: by everyone. */
  readonly readers?: "open" | "closed";
  readonly flows?: readonly PolicyFlow[];
  readonly sanitizers?: readonly Sanitizer[];
  /**
   * Tool glob → argument (a part dotted) → what it steers. Makes an argument that the catalogue calls `content` steer; a catalogue, or
   * another policy, that gives it another role is a dispute, which refuses the plan. A list is such a dispute between policies.
   */
  readonly roles?: { readonly [tools: string]: { readonly [arg: string]: ArgumentRole | readonly ArgumentRole[] } };
  /** Tool glob → effects that its tools have besides what the catalogue says. */
  readonly effects?: { readonly [tools: string]: readonly Effect[] };
  /** Tool glob → who reads what is sent, besides what the catalogue says. */
  readonly audience?: { readonly [tools: string]: readonly string[] | "public" };
  readonly approve?: ApproveCalls;
  readonly limits?: PolicyLimits;
  readonly forbid?: readonly Forbidden[];
  readonly constraints?: readonly PolicyConstraint[];
  readonly approvers?: { readonly [name: string]: Approver };
  readonly approval?: { readonly plans?: Quorum; readonly calls?: Quorum };
  /** Other agents whose receipts count, by the names that they have here. Nobody else's does. */
  readonly issuers?: { readonly [name: string]: Issuer };
  /** Tool glob → the issuer that is behind these tools: they are sent receipts, and what comes back without one may be anything. */
  readonly peers?: { readonly [tools: string]: string | readonly string[] };
  /** What the policy must allow and deny; for `sluice policy test`. No part of a composed policy. */
  readonly examples?: readonly Example[];
}

/** What a label means. The stricter of all declarations holds: untrusted wins, readers intersect. */
export interface PolicyLabel extends Omit<LabelSpec, "readers"> {
  /** `public`: everyone, also where readers are closed. Absent: as `Policy.readers` says. */
  readonly readers?: readonly string[] | "public";
}

/** A flow rule of a plan that no plan can endorse away, but to one of the labels in `accepts`. */
export interface PolicyFlow extends FlowRule {
  readonly accepts?: readonly string[];
}

/** Data of `labels` reaches `to` only through a node of a tool in `through` that `removes` them, on every path. */
export interface Sanitizer {
  readonly id: string;
  readonly labels: readonly string[];
  readonly to: string | readonly string[];
  readonly through: string | readonly string[];
  readonly args?: readonly string[];
  readonly roles?: readonly Role[];
  readonly description?: string;
}

/** What an argument can be: `control` is what makes a call happen, which no argument is. */
export type ArgumentRole = Exclude<Role, "control">;

/** Calls that always need a human: those of `tools`, those with one of `effects`, those where untrusted data fills an argument of a role. */
export interface ApproveCalls {
  readonly tools?: readonly string[];
  readonly effects?: readonly Effect[];
  readonly untrusted?: readonly ArgumentRole[];
}

/** Upper bounds of every session, and of what a plan may hold. */
export interface PolicyLimits {
  readonly calls?: number;
  readonly seconds?: number;
  readonly maxBytes?: number;
  /** Bits that endorsements may let through in one session. */
  readonly endorsedBits?: number;
  readonly nodes?: number;
  readonly text?: {
    /** Code points of one free text. */
    readonly maxLength?: number;
    /** Bits of all free texts in one session: log2 of the number of code points, times the longest text, times the runs. */
    readonly bits?: number;
  };
}

/** Which tools a rule speaks about: the globs and the effects must both fit; left out, either fits. */
export interface ToolSelector {
  readonly tools?: string | readonly string[];
  readonly effects?: readonly Effect[];
}

/** What no plan may have: tools or, with `classes` or `roles`, arguments of these classes in these roles on those tools. */
export interface Forbidden extends ToolSelector {
  readonly id: string;
  readonly classes?: readonly RuleClass[];
  readonly roles?: readonly ArgumentRole[];
  readonly why?: string;
}

/** Constraints that hold on every node of the tools, besides its own. */
export interface PolicyConstraint extends ToolSelector {
  readonly id: string;
  readonly hold: Constraints;
  readonly why?: string;
}

/** Who may approve: a person with a key. `revoked`: not any more, whatever another policy says. */
export type Approver = { readonly key: PublicKey } | { readonly revoked: true };

/** A public Ed25519 key (RFC 8037 §2) as JSON Web Key. */
export interface PublicKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  /** 32 bytes, base64url. */
  readonly x: string;
  readonly kid?: string;
}

/** An agent behind a Sluice of its own: its key, and what it may speak about. `revoked`: not any more, whatever another policy says. */
export type Issuer =
  | {
      readonly key: PublicKey;
      /** Label of theirs → labels of ours. What is not listed is `unknown` here. Default: nothing is listed. */
      readonly labels?: { readonly [theirs: string]: string | readonly string[] };
      /** Labels of what has no label there: the constants of their plans. Default: `unknown`. */
      readonly constants?: string | readonly string[];
      /** Reader of theirs → reader of ours. Who is not listed reads nothing here. Default: nobody is listed. */
      readonly readers?: { readonly [theirs: string]: string };
    }
  | { readonly revoked: true };

/** Who must approve: `people` different ones (default 1) of `by`. An empty list is nobody, so that nothing can be approved. */
export interface Quorum {
  readonly by: readonly string[];
  readonly people?: number;
}

/** One example: a plan with its tools and perhaps a run, and what must come of it under the policy. */
export interface Example {
  readonly name: string;
  /** A file beside the policy, or the plan itself. */
  readonly plan: string | JsonObject;
  readonly catalogue?: string | JsonObject;
  readonly trace?: string | readonly Json[];
  readonly params?: string | JsonObject;
  /** `allow`: the plan can be frozen and, with a trace, every call (or the call `call`) is allowed. */
  readonly expect: "allow" | "deny";
  /** With `deny`: the code of the denial, or of the finding that refuses the plan. */
  readonly code?: string;
  /** With a trace: the number of the call that is meant, from 0. */
  readonly call?: number;
}
