/**
 * The public API of Sluice: named re-exports only, each from the file that documents it.
 * Never holds logic, and never exports what is not meant to stay.
 */
export { diffPlans, isWithin, type NodeDiff, type PlanChange, type PlanDiff, type Relation } from "./amend/diff.ts";
export { analyse, type Analysis, type AnalysisOptions, type Arrival, type MayCarry } from "./analyze/analyse.ts";
export {
  type ApprovalFailure,
  type ApprovalMoment,
  approvePlan,
  type ApproveOptions,
  type PlanApproval,
  verifyApprovals,
} from "./approval/plan.ts";
export { type Catalogue, type CatalogueOptions, readCatalogue } from "./catalogue/catalogue.ts";
export { CODES, type Code, type CodeInfo } from "./codes.ts";
export type { ChainLink } from "./decide/chain.ts";
export type { Observation, ToolResult } from "./decide/observe.ts";
export type { SessionEvent } from "./decide/state.ts";
export type { Remedy, Verdict } from "./decide/verdict.ts";
export type { AttemptedCall, SessionError } from "./engine.ts";
export { type FindingCode, findingCodes, type FindingInfo } from "./finding-codes.ts";
export { createGuard, type Guard, type GuardOptions, type Session, type SessionOptions } from "./guard.ts";
export { canonicalJson } from "./json/canonical.ts";
export { type ReadError, type ReadOptions, readJson } from "./json/read.ts";
export type { Json, JsonObject } from "./json/value.ts";
export { readYaml } from "./json/yaml.ts";
export {
  type Learned,
  learnPlan,
  type LearnOptions,
  readTrace,
  type Trace,
  type TraceCall,
  type TraceError,
  type TraceEvent,
  type TraceResult,
} from "./learn/learn.ts";
export {
  createObserver,
  type ObservedCall,
  type ObservedRun,
  type ObserveMode,
  type Observer,
  type ObserverOptions,
} from "./surfaces/observe.ts";
export { createMemoryTraceSink, type TraceSink } from "./surfaces/observe/sink.ts";
export type { RecordPolicy, RecordRule } from "./observe/record-policy.ts";
export { undigestPlan } from "./observe/undigest.ts";
export { definePlan } from "./plan/define.ts";
export type { Finding } from "./plan/finding.ts";
export { type FreezeOptions, freezePlan, thawPlan, writeFrozen } from "./plan/freeze.ts";
export { lintUnderPolicy } from "./plan/freeze-policy.ts";
export { lintPlan, type LintOptions, type WorstCaseFlow, worstCaseFlows } from "./plan/lint.ts";
export { approvalSummary } from "./plan/lint/approver/summary.ts";
export type {
  ArgRule,
  Budget,
  Constraints,
  EachRule,
  Effect,
  FlowRule,
  FrozenPlan,
  FrozenTool,
  LabelSpec,
  Limits,
  ParamSpec,
  Plan,
  PlanNode,
  Role,
  ToolFacts,
} from "./plan/plan.ts";
export { parsePlan } from "./plan/schema.ts";
export { type KeySet, type Signer, type SigningKey, signPlan, verifyPlan } from "./plan/sign.ts";
export { composePolicies } from "./policy/compose.ts";
export { definePolicy } from "./policy/define.ts";
export { policyOf } from "./policy/frozen.ts";
export { lintPolicy } from "./policy/lint.ts";
export type { Policy } from "./policy/policy.ts";
export { parsePolicy } from "./policy/schema.ts";
export type { Clock, Digest, Logger, Random } from "./ports.ts";
export { type ReplayedCall, type ReplayOptions, replayTrace } from "./replay.ts";
export { ConfigError, AssertionError, type Result } from "./result.ts";
export { createMemoryStore } from "./stores/memory.ts";
export type { Store, StoreFailure } from "./stores/store.ts";
export type { LabelValue } from "./taint/label.ts";
export { type Verification, type VerifyError, verifyNever } from "./verify/verify.ts";
export { attackPlan, type AttackOptions, type AttackReport } from "./attack/attack.ts";
export { type Drive, type DriveGoal, type DriveOptions, driveTo, playThrough } from "./simulate/drive.ts";
