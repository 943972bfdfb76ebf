/**
 * The table of pages: what there is, in the order of the menu; and of acts and downloads.
 * Never a route that is not in it.
 */
import type { Act, Download, Page } from "./dashboard.ts";
import { eventStream } from "./live/stream.ts";
import { accessPage, tokenMakeAct, tokenRevokeAct } from "./pages/access.ts";
import { amendmentAct, amendmentPage } from "./pages/amendment.ts";
import { approvalAct, approvalPage } from "./pages/approval.ts";
import { approvalsPage } from "./pages/approvals.ts";
import { chartsPage } from "./pages/charts.ts";
import { comparePage } from "./pages/compare.ts";
import { draftAct, draftPage } from "./pages/draft.ts";
import { draftAddAct, draftsPage } from "./pages/drafts.ts";
import { livePage } from "./pages/live.ts";
import { planDownload, planPage } from "./pages/plan.ts";
import { plansPage } from "./pages/plans.ts";
import { auditExport, auditPage } from "./pages/audit.ts";
import { closeValues, openValues, recordPage, recordProof } from "./pages/record.ts";
import { observeDraft, observePage } from "./pages/observe.ts";
import { policyPage } from "./pages/policy.ts";
import { sessionPage } from "./pages/session.ts";
import { makeReport, reportDownloads, reportPage, reportsPage } from "./pages/reports.ts";
import { signalsPage } from "./pages/signals.ts";
import { eraseSubject, findSubject, subjectPage, subjectsPage } from "./pages/subjects.ts";
import { themeAct } from "./pages/theme.ts";
import { stopVerification, verificationPage, verifyNow } from "./pages/verification.ts";

/** Pages under one heading of the menu. */
export interface PageGroup {
  readonly title: string;
  readonly pages: readonly Page<unknown>[];
}

/** The pages. Those with `nav` are in the menu, in this order. */
export const pageGroups: readonly PageGroup[] = [
  { title: "Now", pages: [livePage, sessionPage, approvalsPage, approvalPage, amendmentPage] },
  { title: "Plans", pages: [plansPage, planPage, comparePage, draftsPage, draftPage, policyPage] },
  { title: "Record", pages: [auditPage, verificationPage, recordPage, reportsPage, reportPage, subjectsPage, subjectPage] },
  { title: "Insight", pages: [chartsPage, signalsPage, observePage] },
  { title: "Manage", pages: [accessPage] },
];

/** What changes something. */
export const acts: readonly Act[] = [
  themeAct,
  approvalAct,
  amendmentAct,
  draftAddAct,
  draftAct,
  tokenMakeAct,
  tokenRevokeAct,
  verifyNow,
  stopVerification,
  openValues,
  closeValues,
  findSubject,
  eraseSubject,
  observeDraft,
  makeReport,
];

/** Files and streams. */
export const downloads: readonly Download[] = [eventStream, planDownload, auditExport, recordProof, ...reportDownloads];

/** The letters after `g` that go to pages, by path. */
export const pageKeys: { readonly [path: string]: string } = {
  "/": "l",
  "/approvals": "a",
  "/plans": "p",
  "/audit": "u",
  "/reports": "r",
  "/subjects": "e",
  "/charts": "c",
  "/signals": "s",
  "/observe": "o",
  "/policy": "y",
  "/access": "t",
};
