/**
 * Who may use which of the host's routes: the one table that `hostRoutes` is held to.
 * Pure data. No row lets an agent in: its token is no credential here.
 */
import type { RouteRow } from "../../access/table.ts";

const forProbes = "a supervisor or a load balancer has no credential, and is told one word";

/** Browsers ask for name and secret on the pages of approvers; cookies are the dashboard's. */
const pages = ["bearer", "basic"] as const;

/** Every route under `/sluice`. */
export const hostTable: readonly RouteRow[] = [
  { method: "GET", path: "/live", needs: "public", why: forProbes },
  { method: "GET", path: "/ready", needs: "public", why: forProbes },
  { method: "GET", path: "/metrics", needs: "viewer" },
  { method: "GET", path: "/mode", needs: "viewer" },
  { method: "GET", path: "/plans", needs: "viewer" },
  { method: "GET", path: "/sessions", needs: "viewer" },
  { method: "GET", path: "/sessions/:id", needs: "viewer", noted: { act: "session-read", isLook: true, isRoutine: true } },
  // Sessions of the host are told by their own events.
  { method: "POST", path: "/sessions", needs: "administrator", noted: { act: "session-opened", isRoutine: true } },
  { method: "POST", path: "/sessions/:id/close", needs: "administrator", noted: { act: "session-closed", isRoutine: true } },
  // Decisions are told by events of their sessions, which say who.
  { method: "GET", path: "/approvals", needs: "approver", takes: pages },
  {
    method: "GET",
    path: "/approvals/:id",
    needs: "approver",
    takes: pages,
    noted: { act: "approval-read", isLook: true, isRoutine: true },
  },
  { method: "POST", path: "/approvals/:id", needs: "approver", takes: pages },
  { method: "GET", path: "/amendments", needs: "approver", takes: pages },
  {
    method: "GET",
    path: "/amendments/:id",
    needs: "approver",
    takes: pages,
    noted: { act: "amendment-read", isLook: true, isRoutine: true },
  },
  { method: "POST", path: "/amendments/:id", needs: "approver", takes: pages },
  { method: "GET", path: "/sessions/:id/amendments", needs: "approver" },
  { method: "POST", path: "/sessions/:id/amendments/:number", needs: "approver" },
  { method: "GET", path: "/revocations", needs: "viewer" },
  { method: "POST", path: "/revocations", needs: "administrator" },
  { method: "GET", path: "/grants", needs: "viewer" },
  { method: "POST", path: "/grants", needs: "administrator" },
  { method: "GET", path: "/tokens", needs: "administrator" },
  { method: "POST", path: "/tokens", needs: "administrator" },
  { method: "POST", path: "/tokens/:id/revoke", needs: "administrator" },
  { method: "POST", path: "/draft", needs: "administrator", noted: { act: "draft" } },
  { method: "POST", path: "/reload", needs: "administrator", noted: { act: "reload" } },
];
