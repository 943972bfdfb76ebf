/**
 * Success and failure actions of a step: which later steps are skipped under which condition, and how often a failed call is tried again.
 * Pure. Never lets a plan go back: what repeats or branches elsewhere is refused.
 */
import { type CriterionScope, failureCodes, type Meaning, meaningOf, negated, okCodes } from "./criterion.ts";
import { type DocumentPath, quoted, refuse, unsaid } from "./fault.ts";
import { ownEntry } from "./request.ts";
import type { ArazzoDocument, FailureAction, Reusable, Step, SuccessAction, Workflow } from "./schema.ts";

/** Steps from the one after this up to `to` (exclusive) are skipped if all of `when` is true; an empty list is always true. */
export interface Skip {
  readonly to: number;
  readonly when: readonly string[];
}

/** How often a failed call may be tried again. */
export interface Retry {
  readonly limit: number;
  /** Criteria that say after which failures, and that a plan does not see. */
  readonly isNarrower: boolean;
  readonly path: DocumentPath;
}

/** Where the actions of a step stand. */
export interface ActionContext extends CriterionScope {
  readonly document: ArazzoDocument;
  readonly workflow: Workflow;
  readonly workflowPath: DocumentPath;
  /** The number of the step in its workflow. */
  readonly index: number;
  readonly step: Step;
  readonly stepPath: DocumentPath;
}

interface Placed<Action> {
  readonly action: Action;
  readonly path: DocumentPath;
}

function placed<Action extends { readonly name: string }>(
  lists: readonly { readonly list: readonly (Action | Reusable)[] | undefined; readonly path: DocumentPath }[],
  table: { readonly [name: string]: Action } | undefined,
  kind: "successActions" | "failureActions",
): readonly Placed<Action>[] {
  const names = new Set<string>();
  const found: Placed<Action>[] = [];
  for (const { list, path } of lists)
    for (const [at, entry] of (list ?? []).entries()) {
      const here = [...path, at];
      const next =
        "reference" in entry ? referred(entry as Reusable, { table, kind, path: here }) : { action: entry as Action, path: here };
      // What the step says itself stands for the workflow's action of that name (§4.6.4).
      if (names.has(next.action.name)) continue;
      names.add(next.action.name);
      found.push(next);
    }
  return found;
}

function referred<Action>(
  { reference }: Reusable,
  from: { readonly table: { readonly [name: string]: Action } | undefined; readonly kind: string; readonly path: DocumentPath },
): Placed<Action> {
  const prefix = `$components.${from.kind}.`;
  const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : "";
  const action = ownEntry(from.table, name);
  if (action === undefined)
    return refuse(
      "IMPORT_ARAZZO_FORM",
      [...from.path, "reference"],
      `${quoted(reference)} names none of the ${from.kind} of \`components\``,
    );
  return { action, path: ["components", from.kind, name] };
}

/** What the success criteria of a step say of its result. Throws where they call a failed call a success, or an ok one none. */
export function successOf(context: ActionContext): Meaning {
  const path = [...context.stepPath, "successCriteria"];
  const meaning = meaningOf(context.step.successCriteria, context, path);
  if (!okCodes.some(meaning.accepts))
    unsaid(path, "a step of a plan is done when its call is ok (2xx): these criteria ask for another status code");
  if (
    failureCodes.some(meaning.accepts) &&
    (context.step.successCriteria ?? []).length > 0 &&
    !failureCodes.every(meaning.accepts)
  )
    unsaid(path, "these criteria accept some failures (4xx, 5xx) as success: to a plan a call that failed completes nothing");
  return meaning;
}

/** The skips that the success actions of a step come to. */
export function skipsOf(context: ActionContext, success: Meaning): readonly Skip[] {
  const { workflow, workflowPath, step, stepPath, index, document } = context;
  const actions = placed<SuccessAction>(
    [
      { list: step.onSuccess, path: [...stepPath, "onSuccess"] },
      { list: workflow.successActions, path: [...workflowPath, "successActions"] },
    ],
    document.components?.successActions,
    "successActions",
  );
  const accepted = okCodes.filter(success.accepts);
  const skips: Skip[] = [];
  const before: { readonly to: number; readonly not: string }[] = [];
  for (const { action, path } of actions) {
    const to = targetOf(action, path, { workflow, index });
    const meaning = meaningOf(action.criteria, context, [...path, "criteria"]);
    const count = accepted.filter(meaning.accepts).length;
    if (count === 0) continue;
    if (count < accepted.length)
      unsaid([...path, "criteria"], "a plan does not tell one 2xx status from another: make it a success criterion of the step");
    // Only the first action that fits is taken. An earlier one that skips as much guards the same steps already.
    const open = before.filter((earlier) => earlier.to < to || earlier.to === index + 1).map(({ not }) => not);
    if (to > index + 1) skips.push({ to, when: [...open, ...meaning.cel] });
    if (meaning.cel.length === 0) break;
    before.push({ to, not: negated(meaning.cel.join(" && ")) });
  }
  return skips;
}

/** The number of the step that comes next, one past the last for the end. */
function targetOf(
  action: SuccessAction,
  path: DocumentPath,
  { workflow, index }: { readonly workflow: Workflow; readonly index: number },
): number {
  if (action.type === "end") return workflow.steps.length;
  if (action.workflowId !== undefined)
    return unsaid([...path, "workflowId"], "a plan does not leave for another workflow: make it a step with that `workflowId`");
  const to = workflow.steps.findIndex(({ stepId }) => stepId === action.stepId);
  if (action.stepId === undefined || to === -1)
    return refuse("IMPORT_ARAZZO_FORM", path, "`goto` names a step of this workflow: `stepId`");
  if (to <= index) return unsaid([...path, "stepId"], "a plan does not go back: steps that repeat have no place in it");
  return to;
}

/** The retry that the failure actions of a step come to; `undefined` if a failure ends the workflow. */
export function retryOf(
  context: ActionContext,
  success: Meaning,
  lost: (path: DocumentPath, what: string) => void,
): Retry | undefined {
  const { workflow, workflowPath, step, stepPath, document } = context;
  const actions = placed<FailureAction>(
    [
      { list: step.onFailure, path: [...stepPath, "onFailure"] },
      { list: workflow.failureActions, path: [...workflowPath, "failureActions"] },
    ],
    document.components?.failureActions,
    "failureActions",
  );
  let retry: Retry | undefined;
  for (const { action, path } of actions) {
    if (action.type === "goto")
      unsaid(path, "after a failed call a plan goes nowhere else: a call that failed completes nothing");
    if (action.type !== "retry") continue;
    if (action.stepId !== undefined || action.workflowId !== undefined)
      unsaid(path, "before a call is tried again a plan does nothing else: leave out `stepId` and `workflowId`");
    if (step.workflowId !== undefined) unsaid(path, "a plan tries one call again, not a whole workflow");
    if (success.cel.length > 0)
      unsaid(
        path,
        "a plan tries a call again that failed, not one that was ok and whose result does not meet the success criteria",
      );
    if (action.retryAfter !== undefined) lost([...path, "retryAfter"], "the time between two tries");
    const isAll =
      action.criteria === undefined ||
      (meaningOf(action.criteria, context, [...path, "criteria"]).cel.length === 0 && everyFailure(action, context, path));
    retry = {
      limit: (retry?.limit ?? 0) + (action.retryLimit ?? 1),
      isNarrower: retry?.isNarrower === true || !isAll || actions.length > 1,
      path,
    };
  }
  return retry;
}

function everyFailure(action: FailureAction, context: ActionContext, path: DocumentPath): boolean {
  const { accepts } = meaningOf(action.criteria, context, [...path, "criteria"]);
  return failureCodes.every(accepts);
}
