/**
 * `sluice/infer`: a task in words and a catalogue of tools → a draft plan, by the memory of approved plans, a small local model or an
 * endpoint. It only proposes: a draft is linted, approved and frozen like any other plan, and nothing that decides a call imports this.
 * Never freezes what it made, and loads a model only when one is asked.
 */
export { type DraftError, draftPlan, type DraftPlanOptions, type PlanDraft } from "./draft.ts";
export { createEndpointPlanner } from "./endpoint/planner.ts";
export { type InferCode, inferCodes, InferError } from "./infer-error.ts";
export { type Approved, createMemory, type LeftOut, type Memory, type MemoryOptions } from "./memory/memory.ts";
export { createMemoryPlanner, type MemoryPlannerOptions } from "./memory/planner.ts";
export { createModelPlanner, type ModelPlanner, type ModelPlannerOptions } from "./planner/planner.ts";
export type {
  Abstention,
  AbstentionCode,
  Evidence,
  Planner,
  Proposal,
  ProposedArgument,
  ProposedCall,
  ProposedSource,
} from "./proposal.ts";
export { type Remark, type Review, type ReviewOptions, reviewPlan } from "./review/review.ts";
export type { Choice, DraftDecision, TaskWords } from "./to-plan/decisions.ts";
