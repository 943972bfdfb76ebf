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
  if (kind === "receipt") {
    const [id, status] = [String(member(link, "receipt") ?? ""), String(member(link, "status") ?? "")];
    return id === "" ? `no receipt that counts (${status}): ${names}` : `receipt ${id} of ${issuer} (${status}): ${names}`;
  }
  if (kind === "result") return `result of ${tool} (${node})${issuer === "" ? "" : ` at ${issuer}`}: ${names}`;
  return `into ${argument === "" ? "the call" : argument} of ${tool}: ${names}`;
}
