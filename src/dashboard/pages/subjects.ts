/**
 * People in the audit log: found by the name, counted, erased.
 * Never puts a name into an address, a record or a page: what is typed is compared, and a pseudonym is shown.
 */
import { html } from "hono/html";
import { fieldCharsMax } from "../record/bounds.ts";
import { ok } from "../../result.ts";
import type { Act, Page, Seen } from "../dashboard.ts";
import { memoryOf } from "../record/memory.ts";
import { kindBadge, logProblem, noLog, recordLink, sessionLink, taskState } from "../record/pieces.ts";
import { countKept, type EraseProblem, erasePerson, type Kept, type Standing, standingOf } from "../record/subject.ts";
import type { Task } from "../record/tasks.ts";
import { kindMeanings } from "../record/what.ts";
import {
  actForm,
  button,
  digest,
  facts,
  field,
  grouped,
  href,
  type Html,
  notice,
  problem,
  readSent,
  section,
  table,
  time,
} from "../shell.ts";

/** What the search for a person shows. */
export interface SubjectsModel {
  readonly isKept: boolean;
  /** Whether people can be found by name and erased here. */
  readonly hasMaster: boolean;
}

/** Finds a person by the name. */
export const subjectsPage: Page<SubjectsModel> = {
  path: "/subjects",
  title: "People",
  role: "administrator",
  nav: "People",
  load: async ({ audit }) => ok({ isKept: audit !== undefined, hasMaster: audit?.subjects !== undefined }),
  view: ({ isKept, hasMaster }, seen) => {
    if (!isKept) return noLog("The list of people");
    if (!hasMaster)
      return notice(
        "wait",
        "The master key of the audit log is not here: names cannot be looked up, and nobody be erased. The process that writes the log has it.",
      );
    return html`<p>Records name people by pseudonyms. What is kept of a person is sealed with a key of their own; erasing somebody is deleting that key, and the log verifies as before.</p>${actForm(
      {
        action: href("/subjects/find"),
        seen,
        body: html`${field({
          name: "name",
          label: "Name",
          isRequired: true,
          max: fieldCharsMax,
          hint: "As sessions name the principal. It is not kept; that you looked is in the log.",
        })}${button("Find", { kind: "primary" })}`,
      },
    )}`;
  },
};

/** Looks a name up. */
export const findSubject: Act = {
  path: "/subjects/find",
  role: "administrator",
  run: async (world, c) => {
    const subjects = world.audit?.subjects?.();
    if (subjects === undefined) return problem(409, "the keys of the audit log are not here: names cannot be looked up");
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const name = sent.value.text("name");
    if (name === "") return problem(422, "a name is needed");
    const found = await subjects.find(name);
    if (!found.ok) return logProblem(found.error);
    if (found.value === undefined) return problem(404, "the audit log knows nobody of this name");
    const { id } = found.value;
    // SECURITY: that a pseudonym was tied to a name is a disclosure, and noted before it is told.
    const noted = await world.access.note(c, { type: "disclose", act: "person-looked-up", facts: { subject: id } });
    if (!noted.ok) return problem(503, "it could not be noted, so that nothing is told");
    return ok({ to: href("/subjects/:id", { id }), answer: { subject: id } });
  },
};

/** What the page of a person shows. */
export interface SubjectModel {
  readonly isKept: boolean;
  readonly subject: string;
  readonly standing?: Standing;
  readonly task?: Task<Kept>;
}

/** The kind of the task that counts what is kept of a person. */
function countKind(subject: string): string {
  return `person:${subject}`;
}

/** What the log keeps of a person. */
export const subjectPage: Page<SubjectModel> = {
  path: "/subjects/:id",
  title: "Person",
  role: "administrator",
  under: "/subjects",
  load: async (world, c) => {
    const { audit } = world;
    const subject = c.req.param("id") ?? "";
    if (audit === undefined) return ok({ isKept: false, subject });
    const standing = await standingOf(audit, subject);
    if (!standing.ok) return logProblem(standing.error);
    if (standing.value === undefined) return problem(404, "the audit log knows nobody of this pseudonym");
    const { tasks } = memoryOf(world);
    const newest = tasks.newest(countKind(subject)) as Task<Kept> | undefined;
    const isOld = newest === undefined || (newest.state !== "running" && world.clock() - (newest.ended ?? 0) > countKeptMs);
    // Counting reads and tells numbers alone, so that looking at the page may begin it.
    const begun = isOld
      ? tasks.begin<Kept>({ kind: countKind(subject), by: "this page" }, (work) => countKept(audit.log, subject, work))
      : newest;
    const task = ((await tasks.after(begun.id)) ?? begun) as Task<Kept>;
    if (task.state === "running") c.header("refresh", "2");
    return ok({ isKept: true, subject, standing: standing.value, task });
  },
  view: (model, seen) => {
    const { standing, subject, task } = model;
    if (standing === undefined) return noLog("What is kept of a person");
    return html`${facts([
      ["Pseudonym", digest(subject, { length: 30 })],
      ["Key", standingText(standing)],
    ])}${taskState(task, { seen })}${task?.value === undefined ? "" : keptPart(task.value, subject)}${
      standing.state === "there" ? section("Erase", erasePart(model, seen)) : ""
    }`;
  },
};

/** Milliseconds that a count is shown without being made again. */
const countKeptMs = 5_000;

function standingText({ state, record }: Standing): Html {
  if (state === "there") return html`there: what is kept can be opened`;
  if (state === "keyless") return html`there; it cannot be opened here, since the master key is not`;
  return html`deleted${record === undefined ? html`; the record of it is not in the log yet` : html`: ${recordLink(record)}`}. What was sealed with it, the name too, can be read by nobody.`;
}

function keptPart({ records, kinds, values, sessions, newest, first, last }: Kept, subject: string): Html {
  return section(
    "What the log has",
    html`${facts([
      ["Records", html`${grouped(records)} · <a href="${href("/audit", {}, { principal: subject })}">look at them</a>`],
      ["Values sealed with the key", grouped(values)],
      ["Sessions", grouped(sessions)],
      first === undefined || last === undefined ? undefined : ["From, to", html`${time(first)} – ${time(last)}`],
    ])}${table({
      caption: "Records by kind",
      columns: [
        { head: "Kind", kind: "short", cell: ({ kind }) => kindBadge(kind) },
        { head: "Meaning", kind: "grow", cell: ({ kind }) => kindMeanings[kind] },
        { head: "Records", kind: "number", cell: ({ count }) => grouped(count) },
      ],
      rows: kinds,
    })}${newest.length === 0 ? "" : html`<details><summary>${sessions > newest.length ? `The newest ${newest.length} sessions` : "Sessions"}</summary><ul class="r-list">${newest.map((id) => html`<li>${sessionLink(id)}</li>`)}</ul></details>`}`,
  );
}

function erasePart({ subject, task }: SubjectModel, seen: Seen): Html {
  const kept = task?.value;
  const what =
    kept === undefined
      ? html`What is sealed with the key`
      : html`${grouped(kept.values)} ${kept.values === 1 ? "value" : "values"} in ${grouped(kept.records)} ${kept.records === 1 ? "record" : "records"} of ${grouped(kept.sessions)} ${kept.sessions === 1 ? "session" : "sessions"}`;
  return html`<p>${what} and the name become unreadable, for everybody and for good. The records stay, with their commitments, and the log verifies. What the store still has of the sessions goes with the store's own retention; copies and backups of the key's file are yours to find.</p>${actForm(
    {
      action: href("/subjects/:id/erase", { id: subject }),
      seen,
      body: html`${field({
        name: "name",
        label: "The person's name, once more",
        isRequired: true,
        max: fieldCharsMax,
        hint: "It is compared with the one that is sealed with the key.",
      })}${field({
        name: "why",
        label: "Reason",
        isRequired: true,
        max: fieldCharsMax,
        hint: "It stays in the log for good: a reference to the request, and no personal data.",
      })}${button("Erase this person", { kind: "danger" })}`,
    },
  )}`;
}

const refusals: { readonly [P in EraseProblem]: readonly [409 | 404 | 422 | 503, string] } = {
  keyless: [409, "the keys of the audit log are not here: nobody can be erased"],
  unknown: [404, "the audit log has no key of this person: there is nothing to erase"],
  name: [422, "this is not the name of the person: nothing was erased"],
  unavailable: [503, "the audit log or its store does not answer: nothing was erased"],
};

/** Erases a person. */
export const eraseSubject: Act = {
  path: "/subjects/:id/erase",
  role: "administrator",
  run: async (world, c) => {
    const { audit } = world;
    if (audit === undefined) return problem(409, "no audit log is kept");
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const subject = c.req.param("id") ?? "";
    const why = sent.value.text("why").trim();
    if (why === "" || why.length > fieldCharsMax)
      return problem(422, `a reason is needed, of at most ${fieldCharsMax} characters: it goes into the log`);
    const note = async (id: string): Promise<boolean> =>
      (await world.access.note(c, { type: "erase", act: "erase", facts: { subject: id, why } })).ok;
    const erased = await erasePerson(audit, { subject, name: sent.value.text("name"), note });
    if (!erased.ok) return problem(...refusals[erased.error]);
    return ok({
      to: href("/subjects/:id", { id: subject }),
      answer: { subject, state: erased.value },
      status: erased.value === "erased" ? 200 : 202,
    });
  },
};
