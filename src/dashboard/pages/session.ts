/**
 * One session: its plan with the run drawn on it, its events, and each denial followed back to where the data came from.
 * Never with a value of a call or a result.
 */
import type { Context } from "hono";
import { html } from "hono/html";
import type { AccessVariables } from "../../access/identity.ts";
import { includes } from "../../access/identity.ts";
import { err, ok, type Result } from "../../result.ts";
import type { DashboardWorld, Page, PageProblem } from "../dashboard.ts";
import { planGraph } from "../graph/plan-graph.ts";
import { taintView } from "../graph/taint-graph.ts";
import { type ChangesModel, changesOf } from "../live/changes.ts";
import { codeWords, labelNames, none, sessionHref, verdictBadge } from "../live/pieces.ts";
import { type ReadSession, readSession } from "../live/read-session.ts";
import { type DenialModel, denialModel, type EventLine, lineOf, type SessionModel, sessionModel } from "../live/session-model.ts";
import { taintChain } from "../live/taint-chain.ts";
import { planLink } from "../plans/pieces.ts";
import {
  away,
  badge,
  block,
  brief,
  digest as digestOf,
  facts,
  grouped,
  href,
  type Html,
  notice,
  nothing,
  pager,
  problem,
  problemOf,
  section,
  table,
  time,
} from "../shell.ts";

/** What the page shows. */
export interface SessionPageModel extends SessionModel {
  /** Events, the newest first: one page of them. */
  readonly events: readonly EventLine[];
  readonly total: number;
  readonly only: "all" | "denials";
  /** Number of the first event of the next older page, and whether newer ones were left out. */
  readonly older?: number;
  readonly isNewest: boolean;
  readonly denial?: DenialModel;
  /** The smallest changes of the plan, where they were asked for. */
  readonly changes?: ChangesModel;
  /** Whether there is an audit log to look this session up in. */
  readonly isAudited: boolean;
}

const eventsShown = 100;

/** The page. */
export const sessionPage: Page<SessionPageModel> = {
  path: "/sessions/:session",
  title: "Session",
  titleOf: ({ plan, session }) => `${plan.name ?? "Session"} ${session.slice(0, 10)}`,
  role: "viewer",
  under: "/",
  isWide: true,
  refresh: ["verdict", "session", "approval", "amendment"],
  load: async (world, c) => {
    const read = await readSession(world, c.req.param("session") ?? "");
    if (!read.ok) return err(problemOf(read.error));
    const session = read.value;
    const model = sessionModel(session, world.clock());
    const only = c.req.query("only") === "denials" ? "denials" : "all";
    const listed = listEvents(session, { only, before: numberOf(c.req.query("before")) });
    const denial = await denialOf(world, session, numberOf(c.req.query("denial")));
    if (!denial.ok) return denial;
    const wanted = denial.value !== undefined && c.req.query("changes") === "1";
    const changes = wanted ? await changesFor(world, c, { session, event: denial.value.number }) : undefined;
    if (changes?.ok === false) return changes;
    return ok({
      ...model,
      ...listed,
      total: session.events.length,
      only,
      isAudited: world.audit !== undefined,
      ...(denial.value === undefined ? {} : { denial: denial.value }),
      ...(changes === undefined ? {} : { changes: changes.value }),
    });
  },
  view: (model, seen) => {
    const { session, drawn, nodes, denial } = model;
    const run = { nodes: new Map(Object.entries(nodes)) };
    return html`${header(model, seen.now)}
${denial === undefined ? "" : denialPart(model, denial, seen.may("approver"))}
${section("The run on its plan", drawn === undefined ? notice("wait", "The plan of this session is not in force here and not in the store, so that it cannot be drawn.") : planGraph(drawn, run))}
${section("Events", html`${eventFilter(session, model.only)}${eventTable(model)}`, { aside: html`<span class="muted small">${grouped(model.total)} in all, newest first</span>` })}`;
  },
};

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function listEvents(
  session: ReadSession,
  { only, before = session.entries.length }: { readonly only: "all" | "denials"; readonly before?: number | undefined },
): Pick<SessionPageModel, "events" | "older" | "isNewest"> {
  const events: EventLine[] = [];
  let older: number | undefined;
  for (let number = Math.min(before, session.entries.length) - 1; number >= 0; number--) {
    const entry = session.entries[number];
    if (entry === undefined || (only === "denials" && entry.event.type !== "deny")) continue;
    if (events.length === eventsShown) {
      older = number + 1;
      break;
    }
    events.push(lineOf(session, entry, number));
  }
  return { events, isNewest: before >= session.entries.length, ...(older === undefined ? {} : { older }) };
}

async function denialOf(
  world: DashboardWorld,
  session: ReadSession,
  event: number | undefined,
): Promise<Result<DenialModel | undefined, PageProblem>> {
  if (event === undefined) return ok(undefined);
  const chain = await taintChain(world, { session, event });
  const model = chain.ok ? denialModel(session, event, chain.value) : undefined;
  return model === undefined ? problem(404, "this session has no denial of that number") : ok(model);
}

/** Changes of a plan hold values of the calls: they are for who may decide on such things. */
async function changesFor(
  world: DashboardWorld,
  c: Context,
  denied: { readonly session: ReadSession; readonly event: number },
): Promise<Result<ChangesModel, PageProblem>> {
  const identity = (c as Context<{ Variables: AccessVariables }>).get("identity");
  if (!includes(identity.role, "approver")) return problem(403, "changes of a plan show values of calls: they are for approvers");
  return ok(await changesOf(world, denied));
}

function header(
  {
    session,
    plan,
    principal,
    conversation,
    state,
    revoked,
    openedAt,
    expiresAt,
    counts,
    context,
    from,
    isAudited,
  }: SessionPageModel,
  now: number,
): Html {
  const calls = [
    `${grouped(counts.allowed)} allowed`,
    `${grouped(counts.denied)} denied`,
    ...(counts.held === 0 ? [] : [`${grouped(counts.held)} held`]),
    ...(counts.inFlight === 0 ? [] : [`${grouped(counts.inFlight)} in flight`]),
  ].join(", ");
  return html`${revoked === undefined ? "" : notice("bad", `Revoked: the ${revoked} of this session may do nothing any more.`)}
${facts([
  ["State", state === "open" ? badge("good", "open") : badge(state === "revoked" ? "bad" : "plain", state)],
  [
    "Plan",
    html`${planLink(plan.digest, plan.name ?? plan.digest.slice(0, 20))}${plan.digest === plan.opened ? "" : html` <span class="muted">amended, opened with ${planLink(plan.opened, plan.opened.slice(0, 20))}</span>`}`,
  ],
  ["Version", digestOf(plan.digest, { length: 20 })],
  ["For", principal === "" ? "–" : brief(principal, 80)],
  ["Calls", calls],
  ["The agent has read", labelNames(context, 12)],
  from.length === 0
    ? undefined
    : ["Opened for a message of", html`${from.map((name, i) => html`${i === 0 ? "" : ", "}${brief(name, 60)}`)}`],
  ["Opened", html`${time(openedAt)} <span class="muted">(${away(openedAt, now)})</span>`],
  [state === "open" ? "Expires" : "Expiry", time(expiresAt)],
  ["Session", digestOf(session, { length: 24 })],
  conversation === session ? undefined : ["Conversation", digestOf(conversation, { length: 24 })],
  isAudited ? ["Audit log", html`<a href="${href("/audit", {}, { session })}">Its records</a>`] : undefined,
])}`;
}

function denialPart(model: SessionPageModel, denial: DenialModel, mayDecide: boolean): Html {
  const { session, changes } = model;
  const { number, code, tool, node, argument, rule, labels, remedies, chain, at } = denial;
  const what = [tool ?? "a tool that no plan has", ...(argument === undefined ? [] : [`argument ${argument}`])].join(", ");
  const isHold = code === "CALL_NEEDS_APPROVAL";
  const ask = html`<a class="button" href="${`${href("/sessions/:session", { session }, { denial: number, changes: 1 })}#changes`}">Work out the smallest changes</a>`;
  const body = html`${notice(isHold ? "wait" : "bad", html`<strong>${brief(what, 160)}</strong>: ${codeWords(code)}`)}
${facts([
  ["When", time(at)],
  ["Node that came closest", node === undefined ? "none" : html`<code>${brief(node, 60)}</code>`],
  rule === undefined ? undefined : ["Data-flow rule", html`<code>${brief(rule, 60)}</code>`],
  ["Labels that it carries", labelNames(labels, 12)],
  ["Event", `number ${number}`],
])}
<h3>Where the data came from</h3>
${chain.nodes.length === 0 ? html`<p class="muted">Nothing untrusted had been read: the call alone is the reason.</p>` : taintView(chain, "From the sources to the denied call")}
${remedies.length === 0 ? "" : html`<h3>What can be done</h3><ul class="sentences">${remedies.map((text) => html`<li>${text}</li>`)}</ul>`}
<h3 id="changes">The smallest changes of the plan that would allow it</h3>
${changes === undefined ? (mayDecide ? html`<p class="muted">Each candidate is frozen and the run is replayed under it; this takes some seconds.</p><p>${ask}</p>` : html`<p class="muted">They show values of calls, so that they are for approvers.</p>`) : changesPart(changes)}
<p><a href="${sessionHref(session)}">Back to the whole session</a></p>`;
  return html`<div id="denial">${section(isHold ? "Why it waits" : "Why it was denied", body)}</div>`;
}

function changesPart({ changes, why }: ChangesModel): Html {
  if (changes.length === 0)
    return html`<p>${why ?? "No change of up to five parts would allow this call without denying one that was allowed."}</p>`;
  return html`<ol class="g-changes">${changes.map(
    ({ opens, bits = 0, patch }) =>
      html`<li><p>It opens: ${brief(opens.join("; "), 1_000)}${bits === 0 ? "" : html` <span class="muted">(${bits} bits of choice for each call)</span>`}</p>${block(patch)}</li>`,
  )}</ol>`;
}

function eventFilter(session: string, only: "all" | "denials"): Html {
  const link = (kind: "all" | "denials", text: string): Html =>
    html`<a href="${href("/sessions/:session", { session }, { only: kind === "all" ? undefined : kind })}"${kind === only ? html` aria-current="true"` : ""}>${text}</a>`;
  return html`<nav class="tabs" aria-label="Which events">${link("all", "All events")}${link("denials", "Only denials")}</nav>`;
}

function eventTable({ session, events, only, older, isNewest }: SessionPageModel): Html {
  const query = (before: number | undefined): string =>
    href("/sessions/:session", { session }, { only: only === "all" ? undefined : only, before });
  return html`${table({
    caption: "Events of the session",
    rows: events,
    empty: nothing({ title: only === "all" ? "No event" : "No denial" }),
    columns: [
      { head: "Event", kind: "short", cell: (line) => eventName(session, line) },
      { head: "Tool", kind: "short", cell: ({ tool }) => (tool === undefined ? none : brief(tool, 60)) },
      { head: "Node", kind: "short", cell: ({ node }) => (node === undefined ? none : html`<code>${brief(node, 40)}</code>`) },
      { head: "What", kind: "grow", cell: (line) => eventWords(line) },
      { head: "Labels", cell: ({ labels }) => labelNames(labels) },
      { head: "Time", kind: "short", cell: ({ at }) => time(at) },
    ],
  })}${pager({ newer: isNewest ? undefined : query(undefined), older: older === undefined ? undefined : query(older) })}`;
}

function eventName(session: string, { kind, number, run }: EventLine): Html {
  if (kind === "deny" || kind === "hold")
    return html`<a href="${sessionHref(session, number)}" id="event-${number}">${verdictBadge(kind)}</a>`;
  const id = kind === "allow" ? `run-${run ?? number}` : `event-${number}`;
  const name = kind === "allow" ? verdictBadge("allow") : kind === "error" ? badge("bad", "failed") : badge("plain", names[kind]);
  return html`<span id="${id}">${name}</span>`;
}

const names: { readonly [K in Exclude<EventLine["kind"], "allow" | "deny" | "hold" | "error">]: string } = {
  open: "opened",
  settle: "settled",
  context: "has read",
  "ask-amend": "asked",
  amend: "amended",
  "judge-amend": "judged",
  approve: "decided",
  close: "closed",
};

function eventWords({ kind, run, code, by, hold, plan, decision }: EventLine): Html {
  const decided = decision === "approve" ? "approved" : "refused";
  const held = hold === undefined ? "" : html` <a href="${href("/approvals/:id", { id: hold })}">the call</a>`;
  switch (kind) {
    case "allow":
      return html`run ${run}${hold === undefined ? "" : html`, released after approval of${held}`}`;
    case "deny":
    case "hold":
      return html`${code === undefined ? "" : codeWords(code)}${held}`;
    case "settle":
      return html`result of run ${run} taken`;
    case "error":
      return html`run ${run} gave no result`;
    case "context":
      return html`the agent's context was raised`;
    case "open":
      return html`under ${plan === undefined ? "its plan" : planLink(plan, plan.slice(7, 19))}`;
    case "ask-amend":
      return html`the agent asks for an amendment`;
    case "amend":
      return html`goes on under ${plan === undefined ? "another plan" : planLink(plan, plan.slice(7, 19))}, by ${brief(by ?? "", 60)}`;
    case "judge-amend":
      return html`${decided} an amendment: ${brief(by ?? "", 60)}`;
    case "approve":
      return html`${brief(by ?? "", 60)} ${decided}${held}`;
    case "close":
      return html`allows nothing any more`;
  }
}
