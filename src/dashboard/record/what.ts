/**
 * What a record says, as a person reads it: one short line of our words and the record's names.
 * Pure. Never more than the record: nothing of what is kept apart.
 */
import type { AuditKind, AuditRecord } from "../../audit/record.ts";
import { isArray, type Json, type JsonObject } from "../../json/value.ts";

/** Groups of kinds, for choosing among them. */
export const kindGroups: readonly { readonly name: string; readonly kinds: readonly AuditKind[] }[] = [
  { name: "Verdicts", kinds: ["allow", "deny", "hold", "release"] },
  { name: "Results and labels", kinds: ["settle", "error", "context", "declassify", "disclose", "receipt"] },
  { name: "Sessions", kinds: ["open", "close"] },
  { name: "People's decisions", kinds: ["approve", "refuse", "ask-amend", "amend", "judge-amend"] },
  { name: "Plans and settings", kinds: ["plan-frozen", "plan-loaded", "config", "admin", "grant", "revoke"] },
  { name: "The log itself", kinds: ["begin", "erase"] },
];

/** What kinds mean, for whoever has not seen them before. */
export const kindMeanings: { readonly [kind in AuditKind]: string } = {
  open: "a session was opened",
  allow: "a call was allowed",
  release: "a held call was released",
  deny: "a call was denied",
  hold: "a call waits for a person",
  settle: "a call has its result",
  error: "a call has failed",
  context: "the agent has read something",
  "ask-amend": "an amendment was asked for",
  amend: "a plan was amended",
  "judge-amend": "an amendment was judged",
  approve: "a person approved a held call",
  refuse: "a person refused a held call",
  close: "a session was closed",
  "plan-frozen": "a plan was frozen",
  config: "settings",
  admin: "an act of an administrator",
  grant: "a right was given",
  revoke: "a right was taken away",
  receipt: "a receipt between agents",
  declassify: "a label was lowered",
  disclose: "values were shown to a person",
  begin: "the log begins",
  "plan-loaded": "a plan's text is in the log from here on",
  erase: "a person was erased",
};

/** What happened. */
export function whatOf({
  kind,
  code,
  tool,
  node,
  facts,
}: Pick<AuditRecord, "kind" | "code" | "tool" | "node" | "facts">): string {
  const called = [tool ?? "a tool that no plan has", node === undefined ? "" : `at ${node}`]
    .filter((part) => part !== "")
    .join(" ");
  switch (kind) {
    case "allow":
    case "release":
      return kind === "allow" ? called : `${called}, as approved`;
    case "deny":
      return `${called}: ${code ?? ""}${said(facts, "argument", " on ")}`;
    case "hold":
      return `${called} waits for ${people(facts)}`;
    case "settle":
    case "error":
      return `${called}${labels(facts)}`;
    case "context":
      return `the agent has read${labels(facts)}`;
    case "approve":
    case "refuse":
      return `${kindMeanings[kind]}${said(facts, "by", ": ")}`;
    case "judge-amend":
      return `${said(facts, "decision", "")}${said(facts, "by", " by ")}`;
    default:
      return noteOf(kind, facts);
  }
}

function noteOf(kind: AuditKind, facts: JsonObject): string {
  const words = ["act", "what", "name", "subject", "plan", "by"].flatMap((name) => {
    const fact = facts[name];
    if (typeof fact !== "string" || fact === "") return [];
    return [name === "by" ? `by ${fact}` : short(fact)];
  });
  return words.length === 0 ? kindMeanings[kind] : words.join(" ");
}

function said(facts: JsonObject, name: string, before: string): string {
  const fact = facts[name];
  return typeof fact === "string" ? `${before}${fact}` : "";
}

function people({ people: needed }: JsonObject): string {
  return needed === undefined || needed === 1 ? "a person" : typeof needed === "number" ? `${needed} people` : "people";
}

function labels({ labels: names }: JsonObject): string {
  return isArray(names ?? null) && (names as readonly Json[]).length > 0 ? `: ${(names as readonly Json[]).join(", ")}` : "";
}

/** A digest is known by its beginning. */
function short(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text;
}
