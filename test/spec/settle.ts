/**
 * How a run ends, for the reference interpreter: what of its result the agent is told, and the context label then.
 * Never decides whether a call may run.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { handleOf } from "./arguments.ts";
import { bottom, disclose, fromElsewhere, join, type Label, ofSources } from "./labels.ts";
import { bytesOf, prefixOf, readText } from "./lang.ts";
import { broughtTo } from "./resources.ts";
import { nodeOf, type Session, shownOf, type SpecReceived } from "./session.ts";
import { baseLabel, contextOf, labelAt, type Run, runs, type View } from "./view.ts";

/** How a run ended. */
export type SpecResult = {
  readonly run: number;
  readonly at: number;
  readonly received?: SpecReceived;
  /** Labels that the result itself claims. */
  readonly claims?: readonly string[];
  /** Label of what came with it, or was read beyond the arguments, as a store keeps it. */
  readonly kept?: LabelValue;
} & ({ readonly value: Json } | { readonly error: Json });

/** What the agent is told of a result, and the context label once it is told. */
type SpecSettled = { readonly delivered: Json; readonly context: Label } | { readonly code: Code };

/** Settles a run. */
export function settle(session: Session, result: SpecResult): SpecSettled {
  const view: View = { session, now: result.at };
  const run = runs(view)[result.run];
  if (run === undefined) return { code: "RUN_UNKNOWN" };
  if (run.state !== "flight") return { code: "RUN_SETTLED" };
  const answer = "value" in result ? result.value : result.error;
  const limits = [nodeOf(session.frozen, run.node).constraints?.maxBytes, session.frozen.plan.limits?.maxBytes];
  const isTooLarge = limits.some((limit) => limit !== undefined && bytesOf(canonicalJson(answer)) > limit);
  const ok = "value" in result && !isTooLarge;
  const { parse, tool } = nodeOf(session.frozen, run.node);
  const read = ok ? readText(session.frozen.tools[tool ?? ""]?.facts.parse ?? parse, answer) : undefined;
  const value = isTooLarge ? null : read === undefined ? answer : read;
  const show = shownOf(session.frozen, run.node);
  const isParsed = read !== undefined;
  const { received, claims = [], kept } = result;
  const theirs = received?.context === undefined ? bottom : fromElsewhere(session.frozen, received.context);
  const brought = join(
    broughtTo(view, run),
    ofSources(session.frozen, claims),
    kept === undefined ? bottom : fromElsewhere(session.frozen, kept),
    received === undefined ? bottom : fromElsewhere(session.frozen, received.label),
    // Nothing is shown: then how it ended is hidden, and the other agent had a say in it.
    show === "none" ? theirs : bottom,
  );
  const ended: Run = { ...run, state: ok ? "ok" : "error", value, isParsed, brought };
  const regions = show === "all" ? [[]] : show === "none" ? [] : show.map(prefixOf);
  const shown = join(...regions.map((prefix) => labelAt(view, ended, prefix)));
  const own = show === "none" || ok ? shown : baseLabel(view, ended);
  const joins = show === "none" ? own : join(own, theirs);
  session.events.push({ kind: "settle", run: run.number, ok, value, isParsed, brought, at: result.at, joins });
  const handle = (path: readonly (string | number)[]): string => handleOf(session, { node: run.node, run: run.number, path });
  const isWhole = show === "all" || (!ok && show !== "none");
  const delivered = isWhole ? (isTooLarge ? null : answer) : disclose(show, value, handle);
  return { delivered, context: contextOf(view) };
}
