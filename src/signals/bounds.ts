/**
 * Every bound of what signals keep and read, with its reason.
 * Numbers alone.
 */

/** Terms of a tail that are added up; the rest is bounded by a geometric series. */
export const signalTailTerms = 10_000;
/** Principals, plans and tools whose calls signals count; the one that was silent longest goes first. */
export const signalEntitiesMax = 2_000;
/** Windows without anything that a count is led through one by one: half a year of ten minutes. */
export const signalWindowsMax = 26_280;
/** Principals, plans and tools of which signals know what was seen there. */
export const signalScopesMax = 4_000;
/** Tools, labels or principals that one of them remembers. */
export const signalValuesMax = 256;
/** Sessions of which signals remember what they have done. */
export const signalSessionsMax = 4_096;
/** Things that one session is remembered to have done. */
export const signalSessionMarksMax = 128;
/** Calls and amendments that wait for a person, as signals remember them. */
export const signalWaitingMax = 4_096;
/** Numbers of records that one signal names. */
export const signalSeqsMax = 100;
/** Labels that one combination of a signal names. */
export const signalLabelsMax = 64;
/** Days of silence after which a series begins anew. */
export const signalIdleDays = 60;
/** Records that a watch for signals reads in one step: some milliseconds, so that calls are decided in between. */
export const signalPageRecords = 128;
/** Milliseconds between two looks of a watch for signals at a log that has nothing new. */
export const signalPollMs = 5_000;
/** Milliseconds between two times that a watch for signals saves what it has learned. */
export const signalSavedMs = 600_000;
/** Signals that a watch keeps. */
export const signalsKeptMax = 200;
/** Arguments of one call of which signals look at the labels. */
export const signalArgumentsMax = 32;
