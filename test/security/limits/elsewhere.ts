/**
 * Limits that a test elsewhere reaches, with the words of its title, and limits that no test reaches.
 */

/** Limit → file and title. */
export const elsewhere: Readonly<Record<string, readonly [file: string, title: string]>> = {
  planLabelsMax: ["test/taint/label.test.ts", "sends what is too much to `unknown`, and forgets none of the declared labels"],
  catalogueSchemaNodesMax: ["test/catalogue/from/openapi.test.ts", "too large end by admitting anything, and a finding says so"],
  catalogueServersMax: ["test/catalogue/from/openapi-facts.test.ts", "too many for a person to check are refused"],
  expressionStepsMax: ["test/lang/expression.test.ts", "%s ends at the limit"],
  patternProgramMax: ["test/lang/pattern.test.ts", "pattern number %# is refused with a place"],
  endorsedBitsMax: ["test/attacks/downgrades.test.ts", "of more than eight bits a session is refused"],
  importStepsMax: ["test/intent/draft.test.ts", "is too many steps"],
  codeDepthMax: [
    "test/intent/code/refusals.test.ts",
    "is refused where it nests deeper than the bound, whatever the runtime's stack",
  ],
  pythonTreeDepthMax: ["test/intent/python/refusals.test.ts", "text that is too long, or nested too deep, at once"],
  commitAttemptsMax: ["test/surfaces/enforce.test.ts", "is asked a bounded number of times, and the call is denied"],
  denialsPerSessionMax: ["test/surfaces/enforce.test.ts", "records no more denials than a bound, and denies all the same"],
  breakerDenials: [
    "test/surfaces/breaker.test.ts",
    "stops looking at a tool after its denials in a row, and keeps no more events",
  ],
  breakerSeconds: ["test/surfaces/breaker.test.ts", "denies the right call too while it is open, and looks again after its time"],
  openHoldsMax: ["test/approval/holds.test.ts", "waits only so often at once, and so often in all"],
  holdsPerSessionMax: ["test/approval/holds.test.ts", "waits only so often at once, and so often in all"],
  openAmendmentsMax: ["test/amend/enforcer.test.ts", "asks no more than a bound"],
  scrubbedMax: ["test/observe/scrub.test.ts", "is gone however many there were: beyond the bound nothing is kept"],
  scrubbedCharsMax: ["test/observe/scrub.test.ts", "is gone however many there were: beyond the bound nothing is kept"],
  observeBacklogBytesMax: ["test/observe/hold.test.ts", "is bounded in size, not only in number"],
  retentionBatchMax: ["test/stores/retention.test.ts", "does so much at a time, and goes on where it was"],
  mcpEndedClientsMax: [
    "test/surfaces/mcp-transport/processes.test.ts",
    "of a session that has said goodbye too often to remember says hello again",
  ],
  receiptSecondsMax: [
    "test/receipts/receipt.test.ts",
    "a receipt that says to hold for longer than its number is remembered does not hold",
  ],
  receiptSkewSecondsDefault: [
    "test/receipts/receipt.test.ts",
    "a receipt holds from a minute before it was issued until a minute after it expires, and no longer",
  ],
  accessTokenCharsMax: ["test/access/oidc.test.ts", "a longer token than there can be"],
  receiptCharsMax: ["test/receipts/receipt.test.ts", "it is larger than any receipt (threat 11)"],
  auditStreamBatch: ["test/audit/sink.test.ts", "hands on what there is, in order and batches, and then what comes"],
  mentionCharsMax: ["test/infer/values/mentions.test.ts", "finds nothing behind what it reads"],
  mentionsMax: ["test/infer/values/mentions.test.ts", "within a second and a half"],
  settleWaitsMs: ["test/exactness/mends.test.ts", "that the store does not take is refused after a while, and its call is spent"],
  workLimitsDefault: ["test/security/limits/work.test.ts", "takes on no more checks than it can decide"],
  mcpGatherMs: [
    "test/surfaces/mcp-transport/http.test.ts",
    "a client whose connection is gone for good cancels what it asked for",
  ],
  auditLeaseMs: ["test/audit/sink.test.ts", "goes on in another process where the one before ended, and lets nobody else in"],
  auditFindScanMax: ["test/audit/log-contract.ts", "looks at a bounded number of records for a page, and says where it ended"],
};

/**
 * Limits at which nothing is refused or told, so that no test stands at the value and one beyond, each with why. It may only shrink: whoever tests
 * one takes it out, and a new limit comes with its test.
 */
export const open: Readonly<Record<string, string>> = {
  draftActingRowsDefault: "stands in a draft whose loop acts; `loopRowsDefault` is looked at in the same way",
  auditCheckpointRecords: "how often it is signed; what is not covered yet is found by the next checkpoint",
  auditBatchMax: "how much is read and written at once; a log is the same whatever the batches were",
  auditFileBytes: "a default of an option: logs of many small files are held to the same contract",
  auditFaultsMax: "how many of the faults are told; all of them are counted",
  patternTableStepsMax: "a larger pattern is run as a program, with the same answers: test/lang/pattern holds both to each other",
  learnFormsMax: "how many forms are compared; what is learned is tried on its traces in any case",
  learnRoundsMax: "how often a draft is mended; one that denies its traces says so",
  shownCallsMax: "a result that is forgotten is shown as JSON, and not as the tool shows it",
  listedSessionsMax: "how many sessions a command lists; the answer says that it is the newest of them",
};
