/**
 * Records as events of the Open Cybersecurity Schema Framework (OCSF 1.6, schema.ocsf.io), for a SIEM.
 * Pure. Never says of a record what it does not say itself: pseudonyms stay pseudonyms, and the whole record is in `unmapped`.
 */
import { CODES, type Code } from "../codes.ts";
import { type Json, type JsonObject, member } from "../json/value.ts";
import type { AuditKind, AuditRecord } from "./record.ts";

/** Version of the schema. */
const schemaVersion = "1.6.0";

/** Where a record is from. */
export interface OcsfSource {
  /** Id of the log. */
  readonly log: string;
  /** Version of Sluice. */
  readonly version: string;
}

/** A class of OCSF, with the number of its category. */
type ClassName = "api" | "finding" | "session" | "entity" | "access";
const classes: { readonly [name in ClassName]: readonly [category: number, uid: number, name: string] } = {
  api: [6, 6003, "API Activity"],
  finding: [2, 2004, "Detection Finding"],
  session: [3, 3003, "Authorize Session"],
  entity: [3, 3004, "Entity Management"],
  access: [3, 3005, "User Access Management"],
};

/** What a kind of record is there: class, activity and its name, and of an entity what it is. 99: one that the schema has no number for. */
type Mapping = readonly [className: ClassName, activity: number, name: string, entity?: string];
const mappings: { readonly [kind in AuditKind]: Mapping } = {
  open: ["session", 1, "Assign Privileges"],
  allow: ["api", 99, "Call Allowed"],
  release: ["api", 99, "Held Call Released"],
  deny: ["finding", 1, "Create"],
  hold: ["finding", 1, "Create"],
  settle: ["api", 99, "Call Answered"],
  error: ["api", 99, "Call Failed"],
  context: ["entity", 3, "Update", "Labels of a conversation"],
  "ask-amend": ["entity", 1, "Create", "Amendment"],
  amend: ["entity", 3, "Update", "Plan of a session"],
  "judge-amend": ["entity", 99, "Judge", "Amendment"],
  approve: ["entity", 99, "Approve", "Held call"],
  refuse: ["entity", 99, "Refuse", "Held call"],
  close: ["session", 99, "Close"],
  "plan-frozen": ["entity", 1, "Create", "Plan"],
  config: ["entity", 3, "Update", "Configuration"],
  admin: ["entity", 99, "Administer", "Configuration"],
  grant: ["access", 1, "Assign Privileges"],
  revoke: ["access", 2, "Revoke Privileges"],
  receipt: ["entity", 1, "Create", "Receipt"],
  declassify: ["entity", 99, "Declassify", "Data"],
  disclose: ["entity", 2, "Read", "Data"],
  begin: ["entity", 1, "Create", "Audit log"],
  "plan-loaded": ["entity", 2, "Read", "Plan"],
  erase: ["entity", 4, "Delete", "Key of a person"],
};

/** The event of a record. `values`: what was opened of it, where that was asked for. */
export function ocsfOf(record: AuditRecord, { log, version }: OcsfSource, values?: Json): JsonObject {
  const { kind, at, seq, code } = record;
  const [className, activity, name] = mappings[kind];
  const [category, uid, title] = classes[className];
  const id = `${log}:${seq}`;
  const [severity, severityName] = severityOf(record);
  return {
    category_uid: category,
    class_uid: uid,
    class_name: title,
    activity_id: activity,
    activity_name: name,
    type_uid: uid * 100 + activity,
    type_name: `${title}: ${activity === 99 ? "Other" : name}`,
    // Milliseconds, whole.
    time: Math.trunc(at),
    severity_id: severity,
    severity: severityName,
    ...statusOf(kind, code),
    message: messageOf(record),
    metadata: {
      version: schemaVersion,
      product: { name: "Sluice", vendor_name: "Sluice", version },
      uid: id,
      log_name: "audit",
      sequence: seq,
      ...(className === "finding" ? { profiles: ["security_control"] } : {}),
    },
    ...bodies[className](record, id),
    unmapped: { sluice: { log, record: record as unknown as Json, ...(values === undefined ? {} : { values }) } },
  };
}

/** Flows that a plan forbids are what a SIEM is to shout about; what waits for a person is not yet anything. */
function severityOf({ kind, code = "" }: AuditRecord): readonly [number, string] {
  if (kind === "deny") return code.startsWith("FLOW_") || code.endsWith("_REVOKED") ? [4, "High"] : [3, "Medium"];
  return kind === "hold" || kind === "refuse" || kind === "error" ? [2, "Low"] : [1, "Informational"];
}

/** Of a finding, `status_id` 1 is "New"; elsewhere "Success". */
function statusOf(kind: AuditKind, code: string | undefined): JsonObject {
  const told = code === undefined ? {} : { status_code: code };
  if (mappings[kind][0] === "finding") return { status_id: 1, status: "New", ...told };
  return kind === "error" ? { status_id: 2, status: "Failure", ...told } : { status_id: 1, status: "Success", ...told };
}

function messageOf({ kind, code, tool, node }: AuditRecord): string {
  const said = code === undefined ? undefined : textOf(code);
  return [
    `${kind}`,
    ...(tool === undefined ? [] : [tool]),
    ...(node === undefined ? [] : [`(${node})`]),
    ...(said === undefined ? [] : [`- ${said}`]),
  ].join(" ");
}

/** The constant text of a code. */
function textOf(code: string): string | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as Code].text : undefined;
}

type Body = (record: AuditRecord, id: string) => JsonObject;

const bodies: { readonly [name in ClassName]: Body } = {
  api: (record) => ({
    actor: actorOf(record),
    api: {
      operation: record.tool ?? record.node ?? "unknown",
      ...(record.tool?.includes("/") === true ? { service: { name: record.tool.slice(0, record.tool.indexOf("/")) } } : {}),
      request: { uid: `${record.session ?? ""}/${runOf(record)}` },
    },
    // The agent: Sluice knows it by its session, and by no address.
    src_endpoint: { name: "agent", ...(record.session === undefined ? {} : { uid: record.session }) },
  }),
  finding: (record, id) => ({
    finding_info: {
      uid: id,
      title: textOf(record.code ?? "") ?? record.code ?? record.kind,
      types: [record.code ?? record.kind],
      created_time: Math.trunc(record.at),
      analytic: { type_id: 1, type: "Rule", name: record.plan ?? "plan", uid: record.plan ?? "plan" },
    },
    ...(record.kind === "hold"
      ? { action_id: 99, action: "Held", disposition_id: 99, disposition: "Held for a person" }
      : { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" }),
    resources: [{ type: "Tool", name: record.tool ?? "unknown tool" }],
    evidences: [{ actor: actorOf(record) }],
  }),
  session: (record) => ({
    actor: actorOf(record),
    user: userOf(record),
    ...(record.session === undefined ? {} : { session: { uid: record.session } }),
    privileges: [record.plan ?? "unknown plan"],
  }),
  entity: (record, id) => ({
    actor: actorOf(record),
    entity: { type: mappings[record.kind][3] ?? record.kind, uid: subjectOf(record) ?? id },
  }),
  access: (record) => ({
    actor: actorOf(record),
    user: userOf(record),
    privileges: [textFact(record, "plan") ?? textFact(record, "what") ?? record.plan ?? record.kind],
  }),
};

/** Who did it: a person by name, where the record says one; else the session, and whom it acts for by pseudonym. */
function actorOf(record: AuditRecord): JsonObject {
  const by = textFact(record, "by");
  const user = by === undefined ? (record.principal === undefined ? undefined : { uid: record.principal }) : { name: by };
  return {
    ...(record.session === undefined ? {} : { session: { uid: record.session } }),
    ...(user === undefined ? {} : { user }),
    ...(record.session === undefined && user === undefined ? { app_name: "Sluice" } : {}),
  };
}

function userOf({ principal }: AuditRecord): JsonObject {
  return principal === undefined ? { name: "nobody in particular" } : { uid: principal };
}

/** What an entity is known by. */
function subjectOf(record: AuditRecord): string | undefined {
  for (const name of ["hold", "ask", "receipt", "subject", "plan"]) {
    const found = textFact(record, name);
    if (found !== undefined) return found;
  }
  return record.plan ?? record.session;
}

function textFact({ facts }: AuditRecord, name: string): string | undefined {
  const value = member(facts, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function runOf(record: AuditRecord): string {
  const run = member(record.facts, "run");
  return typeof run === "number" ? String(run) : String(record.number ?? "");
}
