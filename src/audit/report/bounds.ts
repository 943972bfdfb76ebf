/**
 * How much a compliance report holds, whatever the log has.
 * Data alone. What is beyond a bound is counted and said, never left out silently.
 */

/** Rows of one section of a compliance report; what is beyond is counted. */
export const reportRowsMax = 2_000;
/** Groups of records that a section of a report is counted by before it is cut to its rows. */
export const reportGroupsMax = 5_000;
/** Numbers of records that a row of a report cites, the last one besides. */
export const reportCitesMax = 4;
/** People that a report tells apart when it counts them. */
export const reportPeopleMax = 200_000;
/** Calls that waited for a human, and sessions, that a report remembers at once. */
export const reportOpenMax = 20_000;
/** Nodes of a plan above which a report does not work out what may flow between them, and says so. */
export const reportPlanNodesMax = 2_000;
/** Plans that a report keeps in mind at once. */
export const reportPlansMax = 1_000;
/** Characters of a text that a page of a report shows; JSON and CSV have all of it. */
export const reportTextMax = 400;
