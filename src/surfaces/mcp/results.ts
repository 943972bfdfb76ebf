/**
 * Results of servers between three forms: what a server sent, what the session records, what the agent is shown.
 * Never shows anything of a result that the enforcement point has not delivered.
 */
import { CODES } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../../json/value.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import { receiptMeta } from "../../receipts/receipt.ts";
import type { LabelValue } from "../../taint/label.ts";
import type { Denial, SettleOptions, Settled } from "../enforce.ts";
import { denialText } from "../wire.ts";
import type { RpcError, RpcOutcome } from "./jsonrpc.ts";

/** JSON-RPC code of a denial of a method that is no tool call. */
const deniedCode = -32_010;

/** A denial as the agent of a tool call gets it: an error that it can act on, with `code`, `detail` and `remedies`. */
export function deniedResult(denial: Denial, hasOutputSchema: boolean): JsonObject {
  const structured = denialData(denial);
  return {
    content: [{ type: "text", text: denialText(denial) }],
    isError: true,
    // Nothing that a server puts into `_meta` is passed on: what is here is Sluice's own word, whatever a server makes its errors look like.
    _meta: { "sluice/denial": structured },
    // What a tool's schema pins of its result, an error need not keep to; clients check it all the same.
    ...(hasOutputSchema ? {} : { structuredContent: structured }),
  };
}

/** A denial as an error of JSON-RPC, with the same members. */
export function deniedError(denial: Denial, code: number = deniedCode): RpcError {
  return { code, message: `denied: ${CODES[denial.code].text}`, data: denialData(denial) };
}

function denialData({ code, remedies }: Denial): JsonObject {
  return { code, detail: CODES[code].text, remedies: remedies as unknown as Json };
}

/** Whether a server's answer to `tools/call` has the form of one. */
export function isCallResult(result: JsonObject): boolean {
  const content = member(result, "content");
  const isError = member(result, "isError");
  return (
    (content === undefined || (isArray(content) && content.every(isObject))) &&
    (isError === undefined || typeof isError === "boolean") &&
    (content !== undefined || member(result, "structuredContent") !== undefined)
  );
}

/**
 * What a session records of a tool's answer. Structured content, unless it breaks the schema that the plan pins; else the text of a single
 * block, which the node's `parse` may read; else the list of blocks. An error is recorded as one.
 */
export function recordedResult(outcome: RpcOutcome, node: CompiledNode | undefined): ToolResult {
  if (!outcome.ok) return { error: outcome.error as unknown as Json };
  const { result } = outcome;
  const structured = member(result, "structuredContent");
  const content = member(result, "content") ?? [];
  if (member(result, "isError") === true)
    return { error: structured === undefined ? valueOfContent(content) : { content, structuredContent: structured } };
  const isValid = structured !== undefined && (node?.output === undefined || node.output.check(structured) === undefined);
  return { value: isValid ? structured : valueOfContent(content) };
}

function valueOfContent(content: Json): Json {
  if (!isArray(content)) return content;
  const [only] = content;
  const text = content.length === 1 && member(only, "type") === "text" ? member(only, "text") : undefined;
  return typeof text === "string" ? text : content.length === 0 ? "" : content;
}

/** What a settled tool call is to the agent. */
export function deliveredResult(
  outcome: RpcOutcome,
  settled: Settled,
  { hasOutputSchema }: { readonly hasOutputSchema: boolean },
): RpcOutcome {
  if (!settled.ok) return { ok: true, result: deniedResult(settled.verdict, hasOutputSchema) };
  const { isWhole, isError, delivered } = settled;
  const ifc = settled.label === undefined ? {} : { _meta: { ifc: ifcOf(settled.label) } };
  // An error that may be told is told as it came.
  if (!outcome.ok && isError) return outcome;
  if (outcome.ok && (isWhole || isError)) {
    const { result } = outcome;
    const kept = { ...withoutMember(withoutMember(result, "_meta"), "resultType"), content: member(result, "content") ?? [] };
    return { ok: true, result: { ...kept, ...ifc } };
  }
  const text = typeof delivered === "string" ? delivered : canonicalJson(delivered);
  const structured = isObject(delivered) ? { structuredContent: delivered } : {};
  return { ok: true, result: { content: [{ type: "text", text }], ...structured, ...ifc } };
}

/** What a server says in band about where its answer came from. It only raises the label. */
export function saidOf(outcome: RpcOutcome, principal: string): SettleOptions {
  if (!outcome.ok) return {};
  const { result } = outcome;
  const receipt = member(member(result, "_meta"), receiptMeta);
  const brought = claimedLabel(result, principal);
  return {
    ...(brought === undefined ? {} : { brought }),
    ...(typeof receipt === "string" ? { receipt, signed: withoutMember(result, "_meta") } : {}),
  };
}

/**
 * The label that `_meta.ifc` (integrity, confidentiality) and trust annotations (`openWorldHint`, `maliciousActivityHint`, `privateHint`,
 * `sensitiveHint`) claim; `undefined`: they claim nothing. What cannot be read is taken for untrusted.
 */
export function claimedLabel(holder: JsonObject, principal: string): LabelValue | undefined {
  const meta = member(holder, "_meta");
  const ifc = member(meta, "ifc");
  const content = member(holder, "content");
  const annotated = [
    member(holder, "annotations"),
    member(meta, "annotations"),
    ...(isArray(content) ? content.map((block) => member(block, "annotations")) : []),
  ];
  const says = (name: string): boolean => annotated.some((each) => member(each, name) === true);
  const isSensitive = annotated.some((each) => ["medium", "high"].includes(String(member(each, "sensitiveHint") ?? "")));
  const isUntrusted =
    (ifc !== undefined && member(ifc, "integrity") !== "trusted") || says("openWorldHint") || says("maliciousActivityHint");
  const confidential = ifc === undefined ? null : readersOf(member(ifc, "confidentiality"), principal);
  const own = principal === "" ? [] : [principal];
  const readers = says("privateHint") || isSensitive ? (confidential ?? own).filter((name) => own.includes(name)) : confidential;
  if (!isUntrusted && readers === null) return undefined;
  return { sources: isUntrusted ? ["external_api"] : [], readers };
}

/** `public`: everyone; names: these; anything else: nobody but whom the session acts for. */
function readersOf(confidentiality: Json | undefined, principal: string): readonly string[] | null {
  const names = isArray(confidentiality) ? confidentiality : [confidentiality];
  if (confidentiality === undefined || names.every((name) => name === "public")) return null;
  const own = principal === "" ? [] : [principal];
  const readers = names.flatMap((name) => (typeof name === "string" && name !== "private" ? [name] : []));
  return names.every((name) => typeof name === "string") && !names.includes("private") ? [...new Set(readers)].sort() : own;
}

/** A label as `_meta.ifc` has it. */
export function ifcOf({ readers, untrusted }: LabelValue): JsonObject {
  return {
    integrity: (untrusted?.length ?? 0) > 0 ? "untrusted" : "trusted",
    confidentiality: readers === null ? ["public"] : [...readers],
  };
}
