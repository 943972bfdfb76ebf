/**
 * The first page: sessions, the open ones first, and what was decided last.
 * Never a value: ids, names, codes and labels.
 */
import { html } from "hono/html";
import type { Plan } from "../../plan/plan.ts";
import { err, ok } from "../../result.ts";
import type { DashboardWorld, Page } from "../dashboard.ts";
import { codeWords, labelNames, none, sessionHref, verdictBadge } from "../live/pieces.ts";
import { planNames } from "../live/plan-names.ts";
import { createSessionsView, type SeenRow, type SeenVerdict, type SessionsView } from "../live/sessions.ts";
import { planLink } from "../plans/pieces.ts";
import { away, badge, brief, grouped, href, type Html, nothing, problemOf, section, table, time } from "../shell.ts";
import { countWaiting } from "../waiting.ts";

/** Which verdicts are listed. */
type Only = "all" | "denials" | "holds";

/** What the page shows. */
export interface LiveModel {
  readonly sessions: readonly (SeenRow & { readonly planName?: string })[];
  readonly verdicts: readonly SeenVerdict[];
  readonly only: Only;
  /** Digest of the only plan that is shown. */
  readonly plan?: string;
  readonly counts: { readonly open: number; readonly waiting: number };
  /** What this process has decided in the last hour. */
  readonly hour: { readonly allowed: number; readonly denied: number; readonly held: number };
  /** Names of the plans by digest. */
  readonly plans: { readonly [digest: string]: string };
  /** Digests of the plans by session. */
  readonly planOf: { readonly [session: string]: string };
  /** Sessions that are not listed here, but where all are asked for. */
  readonly more: number;
  /** Whether the store may have more sessions than these. */
  readonly isCut: boolean;
}

const views = new WeakMap<DashboardWorld, SessionsView>();
/** Sessions that are listed at first, and when all are asked for. */
const sessionsShown = 8;
const sessionsMax = 200;
const verdictsShown = 40;

/** The page. */
export const livePage: Page<LiveModel> = {
  path: "/",
  title: "Live",
  role: "viewer",
  nav: "Live",
  isWide: true,
  refresh: ["verdict", "session", "approval", "amendment", "plan"],
  load: async (world, c) => {
    const view = views.get(world) ?? createSessionsView(world.store);
    views.set(world, view);
    const [seen, waiting] = await Promise.all([view.look(world.clock()), countWaiting(world)]);
    if (!seen.ok) return err(problemOf(seen.error));
    const { rows, verdicts, isCut } = seen.value;
    const plan = c.req.query("plan") ?? "";
    const only = onlyOf(c.req.query("only"));
    const isOfPlan = (digest: string | undefined): boolean => plan === "" || digest === plan;
    const isWhole = c.req.query("sessions") === "all";
    const ofPlan = rows.filter((row) => isOfPlan(row.plan));
    const sessions = ofPlan.slice(0, isWhole ? sessionsMax : sessionsShown);
    const ids = new Set(ofPlan.map(({ session }) => session));
    const planOf = new Map(ofPlan.map((row) => [row.session, row.plan]));
    const names = await planNames(
      world,
      rows.map((row) => row.plan),
    );
    const [hour] = world.events.history.read(60, 1).spans;
    return ok({
      sessions: sessions.map((row) => ({ ...row, ...nameOf(names.get(row.plan)) })),
      verdicts: verdicts
        .filter((one) => ids.has(one.session) && isWanted(one, only))
        .slice(0, verdictsShown)
        .map((one) => withTool(one, world.enforcer.guards.get(planOf.get(one.session) ?? "")?.frozen.plan)),
      only,
      ...(plan === "" ? {} : { plan }),
      counts: {
        open: rows.filter(({ state }) => state === "open").length,
        waiting: waiting ?? 0,
      },
      hour: { allowed: hour?.allowed ?? 0, denied: hour?.denied ?? 0, held: hour?.held ?? 0 },
      plans: Object.fromEntries(names),
      planOf: Object.fromEntries(planOf),
      more: ofPlan.length - sessions.length,
      isCut,
    });
  },
  view: (model, { now }) => {
    const { sessions, verdicts, counts, hour, isCut } = model;
    if (sessions.length === 0 && model.plan === undefined)
      return nothing({
        title: "No session yet",
        text: "As soon as a host opens a session, it is here with everything that is decided for it. The agents' calls show up by themselves.",
        action: html`<p><a href="${href("/plans")}">See the plans in force</a></p>`,
      });
    return html`<div class="tiles">${tile("Open sessions", counts.open)}${tile("Allowed, last hour", hour.allowed)}${tile("Denied, last hour", hour.denied)}${tile("Waiting for a person", counts.waiting, href("/approvals"))}</div>
${planFilter(model)}
${section("Sessions", html`${sessionTable(sessions, now)}${moreSessions(model)}`, { aside: html`<span class="muted small">${isCut ? "the newest ones; " : ""}open first</span>` })}
${section("Verdicts", html`${kindFilter(model)}${verdictTable(verdicts, model)}`, { aside: html`<span class="muted small">newest first</span>` })}`;
  },
};

function nameOf(planName: string | undefined): { readonly planName?: string } {
  return planName === undefined ? {} : { planName };
}

/** An allow is kept without the tool where no audit log is: the plan says which one its node calls. */
function withTool(one: SeenVerdict, plan: Plan | undefined): SeenVerdict {
  const node =
    one.node !== undefined && plan !== undefined && Object.hasOwn(plan.nodes, one.node) ? plan.nodes[one.node] : undefined;
  return one.tool !== undefined || node?.tool === undefined ? one : { ...one, tool: node.tool };
}

function onlyOf(text: string | undefined): Only {
  return text === "denials" || text === "holds" ? text : "all";
}

function isWanted({ verdict }: SeenVerdict, only: Only): boolean {
  return only === "all" || (only === "holds" ? verdict === "hold" : verdict !== "allow");
}

function tile(label: string, value: number, to?: string): Html {
  const shown = grouped(value);
  return html`<div class="tile"><div class="label">${label}</div><div class="value">${to === undefined || value === 0 ? shown : html`<a href="${to}">${shown}</a>`}</div></div>`;
}

/** The filters are links: they work without script, and what they show can be sent to somebody. */
function kindFilter({ only, plan }: LiveModel): Html {
  const kinds: readonly (readonly [Only, string])[] = [
    ["all", "All verdicts"],
    ["denials", "Only denials"],
    ["holds", "Only what waits"],
  ];
  return html`<nav class="tabs" aria-label="Which verdicts">${kinds.map(([kind, text]) => tab(hereWith(kind, plan), text, kind === only))}</nav>`;
}

/** Plans that there are links for. */
const plansMax = 12;

function planFilter({ only, plan, plans }: LiveModel): Html {
  const named = Object.entries(plans).slice(0, plansMax);
  if (named.length < 2) return html``;
  return html`<nav class="tabs" aria-label="Which plan">${tab(hereWith(only, undefined), "All plans", plan === undefined)}${named.map(([digest, name]) => tab(hereWith(only, digest), brief(name, 40), digest === plan))}</nav>`;
}

function tab(to: string, text: Html | string, isHere: boolean): Html {
  return html`<a href="${to}"${isHere ? html` aria-current="true"` : ""}>${text}</a>`;
}

function hereWith(only: Only, plan: string | undefined): string {
  return href("/", {}, { only: only === "all" ? undefined : only, plan });
}

function moreSessions({ more, only, plan }: LiveModel): Html {
  if (more === 0) return html``;
  return html`<p class="small"><a href="${href("/", {}, { only: only === "all" ? undefined : only, plan, sessions: "all" })}">${grouped(more)} more sessions</a></p>`;
}

function verdictTable(verdicts: readonly SeenVerdict[], { only, plans, planOf }: LiveModel): Html {
  return table({
    caption: "What was decided last",
    rows: verdicts,
    empty: nothing({
      title: only === "all" ? "No call yet" : "Nothing of this kind",
      text: "New verdicts appear here by themselves.",
    }),
    columns: [
      {
        head: "Call",
        kind: "short",
        cell: ({ tool, node, session, number, verdict }) => {
          const to = sessionHref(session, verdict === "allow" ? undefined : number);
          const at = node === undefined ? "" : html`<br><span class="muted small">node <code>${brief(node, 32)}</code></span>`;
          return html`<a href="${to}">${brief(tool ?? node ?? "a tool of no plan", 40)}</a>${at}`;
        },
      },
      { head: "Verdict", kind: "short", cell: ({ verdict }) => verdictBadge(verdict) },
      {
        head: "Why",
        cell: ({ code }) => (code === undefined ? html`<span class="muted">as planned</span>` : codeWords(code)),
      },
      { head: "Labels", cell: ({ labels }) => labelNames(labels) },
      {
        head: "Session",
        cell: ({ session }) => html`<a href="${sessionHref(session)}">${brief(plans[planOf[session] ?? ""] ?? session, 24)}</a>`,
      },
      { head: "Time", kind: "short", cell: ({ at }) => time(at) },
    ],
  });
}

function sessionTable(sessions: LiveModel["sessions"], now: number): Html {
  return table({
    caption: "Sessions",
    rows: sessions,
    empty: nothing({ title: "No session of this plan" }),
    columns: [
      {
        head: "Session",
        kind: "short",
        cell: ({ session }) => html`<a href="${sessionHref(session)}"><code>${brief(session, 14)}</code></a>`,
      },
      { head: "State", kind: "short", cell: ({ state }) => stateBadge(state) },
      { head: "Plan", kind: "grow", cell: ({ plan, planName }) => planLink(plan, planName ?? plan.slice(0, 20)) },
      { head: "For", kind: "short", cell: ({ principal }) => (principal === "" ? none : brief(principal, 32)) },
      {
        head: "Calls",
        kind: "number",
        cell: ({ allowed, denied, isPart }) =>
          `${grouped(allowed)} allowed, ${grouped(denied)}${isPart && denied > 0 ? "+" : ""} not`,
      },
      {
        head: "Last",
        cell: ({ last }) =>
          last === undefined
            ? html`<span class="muted">no call</span>`
            : html`${verdictBadge(last.verdict)} ${away(last.at, now)}`,
      },
      { head: "Opened", kind: "short", cell: ({ openedAt }) => away(openedAt, now) },
    ],
  });
}

/** The state of a session as a badge. */
function stateBadge(state: SeenRow["state"]): Html {
  return state === "open" ? badge("good", "open") : badge("plain", state);
}
