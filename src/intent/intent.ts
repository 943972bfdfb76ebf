/**
 * What an agent says that it will do, in one form for every format that says it: steps in order, each with the rules of its arguments.
 * Pure. Types only. A front end makes an `Intent` out of a text; `draft.ts` makes a draft plan out of an `Intent`.
 */
import type { ReadCode } from "../json/read-error.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, EachRule, ParamSpec, Plan } from "../plan/plan.ts";
import type { ImportCode } from "./codes.ts";

/** Where something stands in what was imported: a line and column (from 1) of a text, or a JSON pointer (RFC 6901) of a document. */
export interface Place {
  readonly line?: number;
  /** In UTF-16 code units, from 1. */
  readonly column?: number;
  readonly pointer?: string;
}

/** Why something cannot be imported: one error, the first in the order of the text. */
export interface ImportError {
  /** Stable: a code of `codes.ts`, or of the strict readers. */
  readonly code: ImportCode | ReadCode;
  readonly place: Place;
  /** One line, lower case, no full stop; says what would be right. Never a library's text. */
  readonly message: string;
}

/** One intended operation: a call of a tool (`tool`), or a computation (`let`). */
export interface IntentStep {
  /** The node's name: unique, an identifier (`plan/names.ts`); other steps refer to it by this name. */
  readonly name: string;
  /** As the format writes it: qualified (`server/tool`), bare, or a name that `draft.ts` finds in the catalogue. */
  readonly tool?: string;
  /** CEL. */
  readonly let?: string;
  readonly args?: { readonly [name: string]: ArgRule };
  /** Arguments by place (code plans): named by the order of the properties of the tool's input schema. */
  readonly positional?: readonly ArgRule[];
  readonly each?: string | EachRule;
  /** CEL. */
  readonly when?: string;
  readonly times?: number | { readonly min?: number; readonly max: number };
  readonly optional?: boolean;
  /** Names of steps that come before, beyond those that the rules refer to. */
  readonly after?: readonly string[];
  /** CEL over `args`, parameters and results. */
  readonly require?: readonly string[];
  readonly description?: string;
  readonly place: Place;
}

/** What one text or document intends. */
export interface Intent {
  /** The user's words, where the format has them. */
  readonly task?: string;
  readonly params?: { readonly [name: string]: ParamSpec };
  readonly steps: readonly IntentStep[];
  /** `IMPORT_…`: what a person must know of it; pointers lead into the plan that is made (`/nodes/NAME/…`). */
  readonly findings: readonly Finding[];
}

/** A draft plan that was imported. A human reads its findings, and only a frozen plan is enforced. */
export interface Imported {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}
