/**
 * Bounds of the dashboard.
 * Constants only.
 */

/** Bytes of one request: a draft plan with its catalogue. */
export const dashboardBytesMax = 8 * 1024 * 1024;
/** Characters of a draft plan that is handed in. */
export const draftCharsMax = 1024 * 1024;
/** Drafts of plans that are listed, the newest. */
export const draftsListedMax = 200;
/** Plans of a store that are listed besides those in force: each is read and checked once. */
export const libraryPlansMax = 300;
