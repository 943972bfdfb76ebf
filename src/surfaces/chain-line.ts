/**
 * A link of a taint chain (`decide/chain.ts`) as a person reads it.
 * Never for an agent: it names labels and places.
 */
import { isArray, type Json, member } from "../json/value.ts";

/** Where the data was, and its labels there, on one line. */
export function chainLine(link: Json): string {
  const [kind, tool, node, argument] = ["kind", "tool", "node", "argument"].map((name) => String(member(link, name) ?? ""));
  const labels = member(link, "labels") ?? null;
  const names = isArray(labels) && labels.length > 0 ? labels.join(", ") : "no label";
  if (kind === "context") return `what the agent had read: ${names}`;
  const issuer = String(member(link, "issuer") ?? member(link, "key") ?? "");
  if (kind === "receipt")
    return `receipt ${String(member(link, "receipt") ?? "")} of ${issuer === "" ? "nobody" : issuer} (${String(member(link, "status") ?? "")}): ${names}`;
  if (kind === "result") return `result of ${tool} (${node})${issuer === "" ? "" : ` at ${issuer}`}: ${names}`;
  return `into ${argument === "" ? "the call" : argument} of ${tool}: ${names}`;
}
