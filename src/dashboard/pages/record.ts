/**
 * One record of the audit log: what it says, what it is chained to and signed by, and its values for an administrator who says why.
 * Never opens a value before that was noted, and never for longer than a few minutes.
 */
import { html } from "hono/html";
import type { Identity } from "../../access/identity.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, type Json } from "../../json/value.ts";
import { fieldCharsMax, openedMs } from "../record/bounds.ts";
import { ok } from "../../result.ts";
import type { Act, DashboardWorld, Download, Page, Seen } from "../dashboard.ts";
import { memoryOf } from "../record/memory.ts";
import { type OneRecord, oneRecord } from "../record/one-record.ts";
import type { KeptValue } from "../record/openings.ts";
import { kindBadge, logProblem, noLog, personLink, recordLink, sessionLink } from "../record/pieces.ts";
import { type Inclusion, inclusionOf } from "../record/signed.ts";
import { kindMeanings } from "../record/what.ts";
import {
  actForm,
  badge,
  block,
  brief,
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
  shown,
  time,
} from "../shell.ts";

/** What the page of a record shows. */
export interface RecordModel {
  readonly isKept: boolean;
  readonly one?: OneRecord;
  /** Until when the values are open to who looks; absent: they are not. */
  readonly openUntil?: number;
}

/** By what a disclosure is known: two people of one name by different credentials are two. */
function personOf({ name, by }: Identity): string {
  return `${by}:${name}`;
}

function seqOf(text: string | undefined): number {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : Number.NaN;
}

/** One record. */
export const recordPage: Page<RecordModel> = {
  path: "/records/:seq",
  title: "Record",
  titleOf: ({ one }) => (one === undefined ? "Record" : `Record #${grouped(one.seq)}`),
  role: "viewer",
  under: "/audit",
  load: async (world, c) => {
    const { audit } = world;
    if (audit === undefined) return ok({ isKept: false });
    const seq = seqOf(c.req.param("seq"));
    const identity = c.get("identity") as Identity;
    const openUntil = identity.role === "administrator" ? memoryOf(world).disclosures.until(personOf(identity), seq) : undefined;
    const one = await oneRecord(audit, seq, { opens: openUntil !== undefined });
    if (!one.ok) return logProblem(one.error);
    if (one.value === undefined) return problem(404, "the audit log has no record of this number");
    return ok({ isKept: true, one: one.value, ...(openUntil === undefined ? {} : { openUntil }) });
  },
  view: ({ one, openUntil }, seen) => {
    if (one === undefined) return noLog("A record");
    const { record } = one;
    return html`${wayPart(one)}${
      record === undefined
        ? notice("bad", "This is no record, or one of another place: the log was changed here. Verify it.")
        : html`${saidPart(one, seen)}${section("Facts", factsPart(record.facts))}${valuesPart(one, openUntil, seen)}`
    }${section("Proof", proofPart(one))}${section("As it is kept", block(one.text))}`;
  },
};

/** Ways to the records beside it. */
function wayPart({ seq, size, previous, next }: OneRecord): Html {
  const link = (to: number | undefined, text: string): Html =>
    to === undefined ? html`` : html`<a href="${href("/records/:seq", { seq: String(to) })}">${text}</a>`;
  return html`<nav class="r-way" aria-label="Records beside this one">${link(seq > 0 ? seq - 1 : undefined, "← Before")}${link(
    seq + 1 < size ? seq + 1 : undefined,
    "After →",
  )}${link(previous, "← Before in its session")}${link(next, "After in its session →")}</nav>`;
}

function saidPart({ record, row }: OneRecord, seen: Seen): Html {
  if (record === undefined || row === undefined) return html``;
  const { session, number, plan, principal, node, tool, code, kind, at, cursor } = record;
  return html`<p class="r-what">${kindBadge(kind)} <span>${kindMeanings[kind]}</span></p>${facts([
    ["When", time(at)],
    ["What", shown(row.what)],
    tool === undefined ? undefined : ["Tool", shown(tool)],
    node === undefined ? undefined : ["Node", shown(node)],
    code === undefined ? undefined : ["Code", html`<code>${brief(code)}</code>`],
    row.by === undefined ? undefined : ["Decided by", shown(row.by)],
    session === undefined
      ? undefined
      : [
          "Session",
          html`${sessionLink(session)}${number === undefined ? "" : html`, event ${number}`} · <a href="${href("/audit", {}, { session })}">all its records</a>`,
        ],
    plan === undefined ? undefined : ["Plan", html`<a href="${href("/plans/:digest", { digest: plan })}">${brief(plan, 14)}</a>`],
    principal === undefined
      ? undefined
      : ["Person", html`${personLink(principal, seen)} · <a href="${href("/audit", {}, { principal })}">all their records</a>`],
    cursor === undefined ? undefined : ["Line of the journal", shown(cursor)],
  ])}`;
}

function factsPart(told: { readonly [name: string]: Json }): Html {
  const names = Object.keys(told);
  if (names.length === 0) return html`<p class="muted">It says nothing besides.</p>`;
  return facts(names.map((name) => [name, factOf(name, told[name] ?? null)] as const));
}

/** Facts that are moments, in milliseconds since the epoch. */
const moments: readonly string[] = ["lease", "expires", "until"];

function factOf(name: string, value: Json): Html {
  if (typeof value === "number" && moments.includes(name)) return time(value);
  if (isArray(value) && value.every((each) => typeof each === "string")) return shown(value.join(", "));
  return typeof value === "object" && value !== null
    ? block(value)
    : shown(typeof value === "string" ? value : canonicalJson(value));
}

const states: { readonly [S in KeptValue["state"]]: readonly ["good" | "bad" | "info" | "plain", string] } = {
  sealed: ["plain", "sealed"],
  open: ["good", "what was committed"],
  erased: ["info", "erased"],
  keyless: ["plain", "sealed; its key is not here"],
  missing: ["bad", "missing"],
  broken: ["bad", "not what was committed"],
};

function valuesPart({ seq, values }: OneRecord, openUntil: number | undefined, seen: Seen): Html {
  if (values.length === 0) return html``;
  const rows = values.map(
    ({ name, commit, subject, state, value }) =>
      html`<li class="r-value"><h3>${brief(name)} ${badge(...states[state])}</h3>${facts([
        ["Commitment", digest(commit)],
        subject === undefined ? undefined : ["Sealed with the key of", personLink(subject, seen)],
      ])}${value === undefined ? "" : block(value)}</li>`,
  );
  return section(
    "Values kept apart",
    html`<p class="muted">The record holds salted commitments. The values are sealed with the key of their person, and go with it.</p><ul class="r-values">${rows}</ul>${openPart(seq, values, { openUntil, seen })}`,
  );
}

function openPart(
  seq: number,
  values: readonly KeptValue[],
  { openUntil, seen }: { readonly openUntil: number | undefined; readonly seen: Seen },
): Html {
  const params = { seq: String(seq) };
  if (openUntil !== undefined)
    return html`${notice("info", html`Open to you until ${time(openUntil)}. That you looked is in the log.`)}${actForm({
      action: href("/records/:seq/close", params),
      seen,
      kind: "inline",
      body: button("Close them now"),
    })}`;
  if (!values.some(({ state }) => state === "sealed")) return html``;
  if (!seen.may("administrator")) return html`<p class="muted">An administrator can open them, with a reason that is noted.</p>`;
  return actForm({
    action: href("/records/:seq/open", params),
    seen,
    body: html`<p>Opening shows personal data. Your name and the reason go into the log first; the values are then open to you for ${openedMs / 60_000} minutes.</p>${field(
      {
        name: "why",
        label: "Reason",
        isRequired: true,
        max: fieldCharsMax,
        hint: "It stays in the log for good: name no person in it.",
      },
    )}${button("Open the values", { kind: "primary" })}`,
  });
}

const unproved: { readonly [S in Exclude<Inclusion["state"], "signed">]: string } = {
  keys: "No public key is here to check a signature with.",
  unsigned: "It is chained, and comes after the last checkpoint: it is not signed yet.",
  checkpoint: "The checkpoint that covers it is signed by none of the keys that are here.",
  changed: "The log is not what was signed.",
  backwards: "The checkpoints disagree.",
  unavailable: "The log cannot be read.",
};

function proofPart({ seq, digest: hash, chainedBefore, chainedAfter, inclusion }: OneRecord): Html {
  const chained = (is: boolean | undefined, to: number): Html =>
    is === undefined
      ? html`<span class="muted">there is none</span>`
      : html`${is ? badge("good", "chained") : badge("bad", "not chained")} ${recordLink(to)}`;
  const signed =
    inclusion.state === "signed"
      ? html`${badge("good", "signed")} under the checkpoint of ${grouped(inclusion.checkpoint.size)} records, ${time(inclusion.checkpoint.at)} · <a href="${href("/records/:seq/proof", { seq: String(seq) })}" download>the proof, for <code>sluice audit check-proof</code></a>`
      : html`${badge(inclusion.state === "unsigned" || inclusion.state === "keys" ? "wait" : "bad", "not proved")} ${unproved[inclusion.state]}`;
  return html`${facts([
    ["Digest", digest(hash)],
    ["To the record before", chained(chainedBefore, seq - 1)],
    ["To the record after", chained(chainedAfter, seq + 1)],
    ...(inclusion.state === "signed" ? ([["Root of the Merkle tree", digest(inclusion.checkpoint.root)]] as const) : []),
  ])}<p>${signed}</p>`;
}

/** Opens the values of a record to who asks. */
export const openValues: Act = {
  path: "/records/:seq/open",
  role: "administrator",
  run: async (world, c, by) => {
    const { audit } = world;
    const seq = seqOf(c.req.param("seq"));
    if (audit?.subjects === undefined) return problem(409, "the keys of the audit log are not here: no value can be opened");
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const why = sent.value.text("why").trim();
    if (why === "" || why.length > fieldCharsMax)
      return problem(422, `a reason is needed, of at most ${fieldCharsMax} characters: it goes into the log`);
    const one = await oneRecord(audit, seq, { opens: false });
    if (!one.ok) return logProblem(one.error);
    if (one.value?.record === undefined) return problem(404, "the audit log has no record of this number");
    const people = [...new Set(one.value.values.flatMap(({ subject }) => (subject === undefined ? [] : [subject])))];
    // SECURITY: noted before anything is opened; what cannot be noted stays closed.
    const noted = await world.access.note(c, { type: "disclose", act: "values-opened", facts: { record: seq, people, why } });
    if (!noted.ok) return problem(503, "it could not be noted, so that nothing was opened");
    const until = memoryOf(world).disclosures.open(personOf(by), seq);
    return ok({ to: href("/records/:seq", { seq: String(seq) }), answer: { record: seq, openUntil: until } });
  },
};

/** Closes them again. */
export const closeValues: Act = {
  path: "/records/:seq/close",
  role: "administrator",
  run: async (world, c, by) => {
    const seq = seqOf(c.req.param("seq"));
    memoryOf(world).disclosures.close(personOf(by), seq);
    return ok({ to: href("/records/:seq", { seq: String(seq) }), answer: { record: seq } });
  },
};

/** The proof that a record is in the log that was signed, for a witness. */
export const recordProof: Download = {
  path: "/records/:seq/proof",
  role: "viewer",
  run: async (world: DashboardWorld, c) => {
    const seq = seqOf(c.req.param("seq"));
    const found = world.audit === undefined || Number.isNaN(seq) ? undefined : await inclusionOf(world.audit, seq);
    if (found?.state !== "signed") return c.json({ message: "there is no proof of this record" }, 404);
    return c.body(`${canonicalJson(found.proof as unknown as Json)}\n`, 200, {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="record-${seq}-proof.json"`,
    });
  },
};
