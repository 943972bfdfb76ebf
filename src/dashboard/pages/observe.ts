/**
 * What was observed: what a plan would have denied in the recordings, and why; and a draft plan of those that a person picks.
 * Never takes a recording for a benign run by itself: who picks it says so, and what comes of it is a draft.
 */
import { html } from "hono/html";
import { fieldCharsMax, rowsMax } from "../record/bounds.ts";
import type { DenialExample, DenialGroup, ObserveReport } from "../../observe/report.ts";
import { isObject } from "../../json/value.ts";
import { slugOf } from "../../plan/names.ts";
import { ok } from "../../result.ts";
import { chainLine } from "../../surfaces/chain-line.ts";
import type { Observer } from "../../surfaces/hono.ts";
import type { Act, DashboardWorld, Page, Seen } from "../dashboard.ts";
import { draftsOf } from "../plans/drafts.ts";
import { memoryOf } from "../record/memory.ts";
import { logProblem, taskState } from "../record/pieces.ts";
import { type ObservedAll, type ObservedRunRow, readObserved } from "../record/recordings.ts";
import { type Task, TaskFailure } from "../record/tasks.ts";
import {
  actForm,
  badge,
  block,
  brief,
  button,
  facts,
  field,
  grouped,
  href,
  type Html,
  nothing,
  notice,
  problem,
  readSent,
  section,
  table,
  time,
} from "../shell.ts";

/** A draft that was made of recordings. */
interface DraftMade {
  readonly draft: string;
  readonly runs: number;
  /** Warnings and errors of what was learned. */
  readonly warnings: number;
}

/** What the page shows. */
export interface ObserveModel {
  /** What this process observes, if it does or did; absent: it enforces, and always has. */
  readonly status?: ReturnType<Observer["status"]>;
  readonly hasRecordings: boolean;
  readonly canLearn: boolean;
  readonly task?: Task<ObservedAll>;
  readonly drafting?: Task<DraftMade>;
}

/** Milliseconds that a report is shown without being made again. */
const reportKeptMs = 15_000;

/** What was observed. */
export const observePage: Page<ObserveModel> = {
  path: "/observe",
  title: "Observed runs",
  role: "viewer",
  nav: "Observed runs",
  isWide: true,
  load: async (world, c) => {
    const { recordings, enforcer } = world;
    const status = enforcer.observer?.status();
    const said = status === undefined ? {} : { status };
    if (recordings === undefined) return ok({ ...said, hasRecordings: false, canLearn: false });
    const { tasks } = memoryOf(world);
    const newest = tasks.newest("observed") as Task<ObservedAll> | undefined;
    const isOld = newest === undefined || (newest.state !== "running" && world.clock() - (newest.ended ?? 0) > reportKeptMs);
    const begun = isOld
      ? tasks.begin<ObservedAll>({ kind: "observed", by: "this page" }, (work) => readObserved(recordings, work))
      : newest;
    const task = ((await tasks.after(begun.id)) ?? begun) as Task<ObservedAll>;
    const drafting = tasks.newest("learn") as Task<DraftMade> | undefined;
    if (task.state === "running" || drafting?.state === "running") c.header("refresh", "2");
    return ok({
      ...said,
      hasRecordings: true,
      canLearn: recordings.learn !== undefined,
      // While it is read again, what was found before is still the best answer.
      task: task.state === "running" && newest?.value !== undefined ? newest : task,
      ...(drafting === undefined ? {} : { drafting }),
    });
  },
  view: (model, seen) => html`${statusPart(model)}${draftingPart(model, seen)}${recordingsPart(model, seen)}`,
};

function statusPart({ status, hasRecordings }: ObserveModel): Html {
  if (status === undefined) {
    if (hasRecordings) return html`<p class="lead">This process enforces. These are recordings of earlier days.</p>`;
    return nothing({
      title: "Nothing is observed",
      text: html`Everything is enforced. To see what plans would deny before they are enforced, start with <code>sluice serve --observe REASON --until TIME --record FOLDER --upstream URL</code>: calls go ahead as they came, and are recorded.`,
    });
  }
  const { mode, reason, until, calls, recorded, compared, wouldDeny, unobserved } = status;
  const missed = Object.entries(unobserved);
  const state =
    mode === "observe"
      ? notice(
          "bad",
          html`<strong>Nothing is enforced</strong> until ${brief(until)}: every call goes ahead as it came. Reason: ${brief(reason, 500)}`,
        )
      : notice("good", html`Observing has ended at ${brief(until)}: everything is enforced.`);
  return html`${state}${facts([
    ["Calls since the start", grouped(calls)],
    ["Recorded", grouped(recorded)],
    [
      "Would have been denied",
      compared === 0 ? "no plan to compare with" : html`${grouped(wouldDeny)} of ${grouped(compared)} compared`,
    ],
    missed.length === 0 ? undefined : ["Not recorded", missed.map(([why, count]) => `${why}: ${count}`).join(", ")],
  ])}`;
}

function draftingPart({ drafting }: ObserveModel, seen: Seen): Html {
  if (drafting === undefined) return html``;
  const made = drafting.value;
  if (drafting.state !== "done" || made === undefined)
    return drafting.state === "running"
      ? notice("wait", html`A draft plan is being learned, for ${brief(drafting.by, 60)}.`)
      : taskState(drafting, { seen });
  return notice(
    "good",
    html`A draft was made of ${grouped(made.runs)} ${made.runs === 1 ? "recording" : "recordings"}, ${time(drafting.ended ?? drafting.started)}, with ${grouped(made.warnings)} ${made.warnings === 1 ? "warning" : "warnings"} to agree to: <a href="${href("/drafts/:id", { id: made.draft })}">look at it</a>. Nothing of it is enforced.`,
  );
}

function recordingsPart(model: ObserveModel, seen: Seen): Html {
  const { hasRecordings, task } = model;
  if (!hasRecordings || task === undefined) return html``;
  const found = task.value;
  if (found === undefined) return taskState(task, { seen, unit: "recordings" });
  const { report, runs, left } = found;
  if (report.runs.all === 0)
    return nothing({ title: "No recording yet", text: leftText(left) ?? "As soon as an agent calls a tool, its run is here." });
  return html`${tiles(report)}${leftPart(left)}${section("What would have been denied", denialsPart(report))}${section("Tools", toolsPart(report))}${section("Recordings", runsPart(model, runs, seen))}`;
}

function leftText({ large, older, unread }: ObservedAll["left"]): string | undefined {
  const parts = [
    older > 0 ? `${older} older` : "",
    large > 0 ? `${large} too large for this page` : "",
    unread > 0 ? `${unread} that cannot be read` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : `Not in this report: ${parts.join(", ")}. \`sluice observe report FOLDER\` reads all.`;
}

function leftPart(left: ObservedAll["left"]): Html {
  const text = leftText(left);
  return text === undefined ? html`` : html`<p class="small muted">${text}</p>`;
}

function tiles({ runs, calls }: ObserveReport): Html {
  const tile = (label: string, value: Html | string): Html =>
    html`<div class="tile r-tile"><span class="label">${label}</span><span class="value">${value}</span></div>`;
  return html`<div class="tiles">${tile("Runs", grouped(runs.all))}${tile("Calls", grouped(calls.all))}${
    runs.compared === 0
      ? tile("Compared with a plan", "none")
      : html`${tile("Runs that would have passed", html`${grouped(runs.passing)} of ${grouped(runs.compared)}`)}${tile("Calls that would have been denied", html`${grouped(calls.denied)} of ${grouped(calls.compared)}`)}`
  }</div>`;
}

function denialsPart({ denials, runs }: ObserveReport): Html {
  const rows = denials.slice(0, rowsMax);
  const more = denials.length - rows.length;
  return html`${table<DenialGroup>({
    caption: "Denials that are alike, the most frequent first",
    columns: [
      { head: "Calls", kind: "number", cell: ({ calls }) => grouped(calls) },
      { head: "Runs", kind: "number", cell: (group) => grouped(group.runs) },
      { head: "Code", kind: "short", cell: ({ code }) => badge("bad", code) },
      { head: "Tool", cell: ({ tool }) => brief(tool, 60) },
      { head: "Node", cell: ({ node }) => (node === null ? "" : brief(node, 40)) },
      { head: "Argument", cell: ({ argument }) => (argument === null ? "" : brief(argument, 40)) },
      { head: "Examples", kind: "grow", cell: ({ examples }) => examplesPart(examples) },
    ],
    rows,
    empty:
      runs.compared === 0
        ? nothing({ title: "No run was compared with a plan", text: "Learn a draft below, or start with --plan as well." })
        : nothing({ title: "Nothing would have been denied" }),
  })}${more > 0 ? html`<p>${grouped(more)} more kinds are not shown.</p>` : ""}`;
}

function examplesPart(examples: readonly DenialExample[]): Html {
  if (examples.length === 0) return html``;
  return html`<details><summary>${examples.length === 1 ? "one" : String(examples.length)}</summary>${examples.map(
    ({ run, i, args, chain }) =>
      html`<div class="r-example"><p class="small muted">${brief(run, 60)}, call ${String(i + 1)}</p>${block(args)}${
        chain.length === 0
          ? ""
          : html`<ul class="r-chain">${chain.map((link) => html`<li>${brief(chainLine(link), 200)}</li>`)}</ul>`
      }</div>`,
  )}</details>`;
}

function toolsPart({ tools }: ObserveReport): Html {
  return table({
    caption: "Tools that were called",
    columns: [
      { head: "Tool", kind: "grow", cell: ({ tool }) => brief(tool, 120) },
      { head: "Calls", kind: "number", cell: ({ calls }) => grouped(calls) },
      { head: "Would be denied", kind: "number", cell: ({ denied }) => grouped(denied) },
    ],
    rows: tools.slice(0, rowsMax),
  });
}

function runsPart({ canLearn }: ObserveModel, runs: readonly ObservedRunRow[], seen: Seen): Html {
  const rows = runs.slice(0, rowsMax);
  const mayLearn = canLearn && seen.may("approver");
  const list = table<ObservedRunRow>({
    caption: "Recordings, the newest first",
    columns: [
      {
        head: "Recording",
        cell: ({ name }) =>
          mayLearn
            ? html`<label class="r-pick"><input type="checkbox" name="run-${name}" value="1"> ${brief(name, 60)}</label>`
            : brief(name, 60),
      },
      { head: "Task", kind: "grow", cell: ({ task }) => (task === undefined ? "" : brief(task, 120)) },
      { head: "Calls", kind: "number", cell: ({ calls }) => grouped(calls) },
      { head: "Would be denied", kind: "number", cell: ({ denied, compared }) => (compared === 0 ? "–" : grouped(denied)) },
    ],
    rows,
  });
  const more =
    runs.length > rows.length
      ? html`<p class="small muted">The newest ${String(rows.length)} of ${grouped(runs.length)}.</p>`
      : html``;
  if (!mayLearn)
    return html`${list}${more}<p class="small muted">${
      canLearn ? "An approver can make a draft plan of them." : html`<code>sluice learn FOLDER</code> makes a draft plan of them.`
    }</p>`;
  const form = actForm({
    action: href("/observe/draft"),
    seen,
    kind: "inline",
    body: html`${list}${more}<div class="panel r-learn"><h3>Make a draft plan</h3><p>Tick recordings of one task in which the agent did what it should: whatever they do, the draft allows. It goes to the drafts, to be read, mended and approved; nothing is enforced before.</p>${field(
      { name: "name", label: "Name of the plan", placeholder: "learned", max: 60 },
    )}${button("Make this a draft plan", { kind: "primary" })}</div>`,
  });
  return html`<div class="r-wide">${form}</div>`;
}

/** Learns a draft of the recordings that were picked. */
export const observeDraft: Act = {
  path: "/observe/draft",
  role: "approver",
  run: async (world, c, by) => {
    const { recordings } = world;
    const { learn } = recordings ?? {};
    if (recordings === undefined || learn === undefined)
      return problem(409, "nobody learns from recordings here: `sluice learn FOLDER` does");
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const files = await recordings.list();
    if (!files.ok) return logProblem(files.error);
    const asked = sent.value.json.runs;
    const isAsked = (name: string): boolean =>
      Array.isArray(asked) ? asked.includes(name) : sent.value.text(`run-${name}`) !== "";
    const names = files.value.map(({ name }) => name).filter(isAsked);
    if (names.length === 0) return problem(422, "no recording was picked: tick those in which the agent did what it should");
    const name = sent.value.text("name").trim();
    if (name.length > fieldCharsMax) return problem(422, "the name is too long");
    const noted = await world.access.note(c, { act: "draft-learned", facts: { runs: names.length } });
    if (!noted.ok) return problem(503, "it could not be noted, so that nothing was learned");
    const task = memoryOf(world).tasks.begin<DraftMade>({ kind: "learn", by: by.name }, ({ signal }) =>
      draftOf(world, { names, name, by: by.name, signal }),
    );
    return ok({ to: href("/observe"), answer: { task: task.id, runs: names.length }, status: 202 });
  },
};

interface Picked {
  readonly names: readonly string[];
  readonly name: string;
  readonly by: string;
  readonly signal: AbortSignal;
}

async function draftOf(world: DashboardWorld, { names, name, by, signal }: Picked): Promise<DraftMade> {
  const learned = await world.recordings?.learn?.(names, signal);
  if (learned?.ok !== true) throw new TaskFailure(learned?.error ?? "nobody learns here");
  const { plan, findings } = learned.value;
  const named = name === "" || !isObject(plan) ? plan : { ...plan, name: slugOf(name).replaceAll("_", "-") };
  const warnings = findings.filter(({ severity }) => severity !== "info");
  const why = `learned from ${names.length} observed ${names.length === 1 ? "run" : "runs"}${
    warnings.length === 0 ? "" : `; to agree to: ${warnings.map(({ code, message }) => `${code} ${message}`).join("; ")}`
  }`;
  const added = await draftsOf(world).add({ plan: named, by, why: why.slice(0, whyCharsMax) });
  if (!added.ok) throw new TaskFailure(added.error.message);
  return { draft: added.value, runs: names.length, warnings: warnings.length };
}

/** Characters of what is said of a learned draft. */
const whyCharsMax = 4_000;
