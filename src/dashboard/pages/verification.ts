/**
 * The state of an audit log: how far it is signed, and its verification, begun here and done beside the calls.
 * Never calls a log right that was not read to its end, and never keeps a verdict longer than the process lives.
 */
import { html } from "hono/html";
import { type AuditFault, type Verification, verifyAudit } from "../../audit/verify.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Act, DashboardWorld, Page, PageProblem, Seen } from "../dashboard.ts";
import { memoryOf } from "../record/memory.ts";
import { pacedLog } from "../record/paced.ts";
import { logProblem, noLog, recordLink, taskState } from "../record/pieces.ts";
import { lastSigned, type Signed } from "../record/signed.ts";
import { type Task, TaskFailure } from "../record/tasks.ts";
import {
  actForm,
  badge,
  brief,
  button,
  digest,
  facts,
  grouped,
  href,
  type Html,
  notice,
  readSent,
  section,
  shown,
  table,
  time,
} from "../shell.ts";

/** What is verified: `all`: values and verdicts too. `chain`: records, checkpoints and signatures alone. */
type Depth = "all" | "chain";

/** A verification that was made here. */
export interface Verified {
  readonly depth: Depth;
  readonly found: Verification;
}

/** What the page shows. */
export interface VerificationModel {
  readonly isKept: boolean;
  readonly size: number;
  readonly keys: number;
  /** Whether values can be opened here, and verdicts be decided again. */
  readonly hasMaster: boolean;
  readonly signed?: Pick<Signed, "checkpoint" | "number" | "count">;
  readonly task?: Task<Verified>;
}

const kind = "verification";

/** How far the log is signed, and whether it holds. */
export const verificationPage: Page<VerificationModel> = {
  path: "/audit/verification",
  title: "Verification",
  role: "viewer",
  under: "/audit",
  load: async (world, c) => {
    const { audit } = world;
    if (audit === undefined) return ok({ isKept: false, size: 0, keys: 0, hasMaster: false });
    const head = await audit.log.head();
    if (!head.ok) return logProblem(head.error);
    const signed = await lastSigned(audit);
    if (!signed.ok) return logProblem(signed.error);
    const task = memoryOf(world).tasks.newest(kind) as Task<Verified> | undefined;
    if (task?.state === "running") c.header("refresh", "2");
    const { checkpoint, number, count } = signed.value ?? {};
    return ok({
      isKept: true,
      size: head.value.size,
      keys: audit.keys.length,
      hasMaster: audit.subjects !== undefined,
      ...(checkpoint === undefined || number === undefined || count === undefined
        ? {}
        : { signed: { checkpoint, number, count } }),
      ...(task === undefined ? {} : { task }),
    });
  },
  view: (model, seen) => {
    if (!model.isKept) return noLog("The verification");
    return html`${stateOf(model)}${section("Verify", verifyPart(model, seen))}${model.task?.value === undefined ? "" : resultPart(model.task, model.task.value)}`;
  },
};

function stateOf({ size, keys, signed }: VerificationModel): Html {
  if (signed === undefined)
    return html`${notice("wait", keys === 0 ? "No public key is here, so that no checkpoint can be checked." : "Nothing of it is signed yet.")}${facts([["Records", grouped(size)]])}`;
  const { checkpoint, number, count } = signed;
  const after = size - checkpoint.size;
  return facts([
    ["Records", grouped(size)],
    [
      "Signed",
      html`${grouped(checkpoint.size)} ${after > 0 ? html`; ${grouped(after)} after the last checkpoint are chained, and not signed yet` : ""}`,
    ],
    ["Last checkpoint", html`${time(checkpoint.at)}, ${grouped(number)} of ${grouped(count)}`],
    ["Root", digest(checkpoint.root, { length: 20 })],
    ["Last record", digest(checkpoint.head, { length: 20 })],
    ["Log", digest(checkpoint.log, { length: 20 })],
  ]);
}

function verifyPart({ task, hasMaster }: VerificationModel, seen: Seen): Html {
  const isRunning = task?.state === "running";
  const state = taskState(task, { seen, stop: isRunning && seen.may("approver") ? href("/audit/verification/stop") : undefined });
  if (isRunning) return state;
  if (!seen.may("approver"))
    return html`${state}<p class="muted">An approver can verify it here; anybody who has the log can, offline: <code>sluice audit verify</code>.</p>`;
  return html`${state}${actForm({
    action: href("/audit/verification"),
    seen,
    body: html`<p>The whole log is read, beside the calls. The first way also opens every value and decides every verdict again${
      hasMaster ? "" : ": not here, since the master key is not"
    }; the second looks at chain, tree and signatures alone, and is faster. Offline: <code>sluice audit verify</code>, with a checkpoint kept elsewhere as <code>--witness</code>.</p><p class="r-buttons">${
      hasMaster ? button("Verify everything", { name: "depth", value: "all", kind: "primary" }) : ""
    }${button("Chain and signatures", { name: "depth", value: "chain" })}</p>`,
  })}`;
}

function resultPart(task: Task, { depth, found }: Verified): Html {
  const { isValid, size, checkpoints, signed, values, events, faults, faultCount } = found;
  const head = isValid
    ? notice(
        "good",
        html`<strong>Valid</strong>: ${grouped(size)} records, each as it was written${depth === "all" ? ", each verdict follows" : ""}.`,
      )
    : notice("bad", html`<strong>Not valid</strong>: ${grouped(faultCount)} ${faultCount === 1 ? "fault" : "faults"}.`);
  const apart = (
    [
      ["rest on budgets that sessions share", events.shared],
      ["were refused before there was a call", events.surface],
      ["were erased, or rest on what was", events.erased],
      ["were recorded without what was asked", events.unrecorded],
      ["are of sessions whose beginning or plan is not in the log", events.unknown],
    ] as const
  ).flatMap(([why, count]) => (count === 0 ? [] : [html`<li>${grouped(count)} ${why}</li>`]));
  const more = faultCount - faults.length;
  return section(
    "Result",
    html`${head}${facts([
      ["Read", html`${time(task.ended ?? task.started)}, for ${brief(task.by)}`],
      ["Checkpoints", html`${grouped(checkpoints)} hold; ${grouped(signed)} records are under them`],
      depth === "chain"
        ? ["Values", "not looked at"]
        : ["Values", html`${grouped(values.checked)} are what was committed, ${grouped(values.erased)} erased`],
      depth === "chain"
        ? undefined
        : [
            "Verdicts",
            html`${grouped(events.follows)} follow from what was recorded before them${events.differs === 0 ? "" : html`; ${badge("bad", `${grouped(events.differs)} do not`)}`}${
              apart.length === 0 ? "" : html`<ul class="sentences">${apart}</ul>`
            }`,
          ],
    ])}${
      faults.length === 0
        ? ""
        : html`${table<AuditFault>({
            caption: "Faults",
            columns: [
              { head: "Kind", kind: "short", cell: (fault) => badge("bad", fault.kind) },
              { head: "Record", kind: "short", cell: ({ seq }) => (seq === undefined ? "" : recordLink(seq)) },
              { head: "What is wrong", kind: "grow", cell: ({ message }) => shown(message) },
            ],
            rows: faults,
          })}${more > 0 ? html`<p>and ${grouped(more)} more</p>` : ""}`
    }`,
  );
}

/** Begins a verification. */
export const verifyNow: Act = {
  path: "/audit/verification",
  role: "approver",
  run: async (world, c, by) => {
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const depth = sent.value.text("depth") === "chain" ? "chain" : "all";
    const begun = beginVerification(world, { depth, by: by.name });
    if (begun.ok) await memoryOf(world).tasks.after(begun.value.id);
    return begun.ok ? ok({ to: href("/audit/verification"), answer: begun.value, status: 202 }) : begun;
  },
};

function beginVerification(
  world: DashboardWorld,
  { depth, by }: { readonly depth: Depth; readonly by: string },
): Result<Task<Verified>, PageProblem> {
  const { audit } = world;
  if (audit === undefined) return err({ status: 409, message: "no audit log is kept" });
  if (depth === "all" && audit.subjects === undefined)
    return err({ status: 409, message: "the master key is not here: only chain and signatures can be verified" });
  return ok(
    memoryOf(world).tasks.begin<Verified>({ kind, by }, async ({ signal, tell }) => {
      const head = await audit.log.head();
      const total = head.ok ? head.value.size : 0;
      const log = pacedLog(audit.log, { signal, onRead: (done) => tell({ done, total: Math.max(done, total) }) });
      const found = await verifyAudit(log, {
        keys: audit.keys,
        ...audit.verifying,
        subjects: depth === "all" ? audit.subjects?.() : undefined,
      });
      if (!found.ok) throw new TaskFailure("the log cannot be read");
      return { depth, found: found.value };
    }),
  );
}

/** Stops it. */
export const stopVerification: Act = {
  path: "/audit/verification/stop",
  role: "approver",
  run: async (world) => {
    const { tasks } = memoryOf(world);
    const task = tasks.newest(kind);
    if (task !== undefined) tasks.stop(task.id);
    return ok({ to: href("/audit/verification"), answer: { stopped: task?.id ?? null } });
  },
};
