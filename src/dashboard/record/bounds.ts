/**
 * Bounds of the record's pages, each with its reason.
 * Numbers alone.
 */

/** Records that a page of the dashboard reads in one step: a few milliseconds, so that calls are decided in between. */
export const stepRecordsMax = 128;
/** Records that the search over the audit log shows on one page. */
export const foundMax = 50;
/** Records after a record among which the page of it looks for the next of its session. */
export const nextLookedMax = 256;
/** Background tasks of the dashboard that are remembered. */
export const tasksKeptMax = 20;
/** Milliseconds that opened values stay open for who asked. */
export const openedMs = 300_000;
/** Milliseconds that an erasure is waited for before the page says that it will happen. */
export const eraseWaitMs = 6_000;
/** Characters of one field of a form of the dashboard. */
export const fieldCharsMax = 500;
/** Pages of the audit log that one search looks at before it says how far it came. */
export const scansMax = 24;
/** Disclosures of the dashboard that hold at once. */
export const openedMax = 1_000;
/** Rows of a list of the dashboard that has no pages. */
export const rowsMax = 100;
/** Bytes of a recording that the dashboard reads at once; `sluice observe report` reads any. */
export const recordingBytesMax = 768 * 1024;
/** Recordings that the dashboard reads for one report, the newest first. */
export const recordingsMax = 300;
/** Bytes of them together. */
export const recordingsBytesMax = 16 * 1024 * 1024;
/** Milliseconds that an answer waits for a task to end: most are that quick. */
export const taskWaitMs = 500;
/** Bytes of a mapping for reports, that any viewer may send: reading one takes some ten milliseconds, in which no call is decided. */
export const mappingBytesMax = 128 * 1024;
