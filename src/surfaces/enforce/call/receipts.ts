/**
 * Receipts at the enforcement point: signs for what goes to another agent, and judges what comes from one.
 * Never decides a call; what no receipt vouches for comes in with the label of everything.
 */
import type { Decision } from "../../../decide/decide.ts";
import { trailOf } from "../../../decide/chain.ts";
import type { Received, ReceivedParams } from "../../../decide/received.ts";
import type { ToolResult } from "../../../decide/observe.ts";
import type { Run } from "../../../decide/state.ts";
import type { Guard } from "../../../engine.ts";
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../../../json/value.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import { globMatches } from "../../../plan/compile.ts";
import type { Policy } from "../../../policy/policy.ts";
import { admitReceipt, type Admitted } from "../../../receipts/admit.ts";
import { issueReceipt, mintReceiptId } from "../../../receipts/issue.ts";
import { issuedRecord } from "../../../receipts/issued.ts";
import { verifyingKey } from "../../../receipts/key.ts";
import type { Arrival } from "../../../receipts/verify.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { LabelValue } from "../../../taint/label.ts";
import { answered } from "../store/answered.ts";
import type { Live } from "../session/live.ts";
import { type Denial, denialOf } from "../permit.ts";
import { codeOf, type Point } from "../point.ts";
import { liveOf } from "./disclose.ts";

/** The issuer behind a tool: its name and key. A tool that several are said to be behind is nobody's. */
export interface Peer {
  /** `undefined`: it is not known who it is. */
  readonly name: string | undefined;
  /** The `x` of its public key. */
  readonly x: string | undefined;
}

/** Who is behind a tool, if it is another agent. */
export function peerOf(policy: Policy | undefined, tool: string): Peer | undefined {
  if (policy?.peers === undefined) return undefined;
  const globs = Object.entries(policy.peers).filter(([glob]) => globMatches(glob, tool));
  if (globs.length === 0) return undefined;
  const names = new Set(globs.flatMap(([, name]) => name));
  const [name] = names.size === 1 ? names : [];
  const issuer = name !== undefined && Object.hasOwn(policy?.issuers ?? {}, name) ? policy?.issuers?.[name] : undefined;
  return { name, x: issuer !== undefined && "key" in issuer ? issuer.key.x : undefined };
}

/** A receipt that will be signed once its call is committed. */
export interface Promised {
  readonly id: string;
  readonly sign: () => Promise<string | undefined>;
}

/** What is to be signed for an allowed call, if it goes to another agent. The state is the one that was decided on. */
export function promiseReceipt(point: Point, live: Live, decision: Decision & { readonly allow: true }): Promised | undefined {
  const { program, policy } = live.guard;
  const { fit, made } = decision;
  const peer = peerOf(policy, fit.node.tool?.name ?? "");
  const issuer = point.receipts?.issuer;
  if (peer?.x === undefined || issuer === undefined) return undefined;
  const { x } = peer;
  const id = mintReceiptId(issuer.random);
  const label = program.labels.toForeign(made.label);
  const links = trailOf(program, live.state, {
    label: made.label,
    isAnyLabel: made.label.readers !== null,
    runs: fit.args.flatMap(({ runs }) => runs),
    isContext: fit.args.some(({ isContext, choices }) => isContext || choices.length > 0),
  });
  const parts = Object.fromEntries(fit.args.map((each) => [each.arg.name, program.labels.toForeign(each.label)]));
  // As it will be when the verdict is delivered.
  const context = program.labels.toForeign(program.labels.join(live.state.context, made.reads));
  const sign = async (): Promise<string | undefined> => {
    try {
      const { id: audience } = await verifyingKey(x);
      const outgoing = { value: fit.final, purpose: "request" as const, audience, label, parts, context, links, id };
      return (await issueReceipt(issuer, outgoing)).receipt;
    } catch {
      point.logger?.error("receipt-not-signed", { session: live.header.id });
      return undefined;
    }
  };
  return { id, sign };
}

/** What came with a result of a call to another agent. */
export interface ResultReceipt {
  /** The receipt that came with it, if one did. */
  readonly receipt?: string | undefined;
  /** What the receipt is about, where it is more than the recorded value. */
  readonly signed?: Json | undefined;
}

/** Whether a run is one of another agent's tool. */
export function isPeerRun(live: Live, { node }: Run): boolean {
  return peerOf(live.guard.policy, live.guard.program.plan.nodes[node]?.tool?.name ?? "") !== undefined;
}

/** What a receipt makes of the result of a run; `undefined`: it is none of another agent. */
export async function receivedResult(
  point: Point,
  live: Live,
  { run, result, said }: { readonly run: Run; readonly result: ToolResult; readonly said: ResultReceipt },
): Promise<Received | undefined> {
  const { guard } = live;
  const peer = peerOf(guard.policy, guard.program.plan.nodes[run.node]?.tool?.name ?? "");
  if (peer === undefined) return undefined;
  const value = said.signed ?? ("error" in result ? result.error : result.value);
  return admitted(point, guard, {
    // Nobody can have signed for a tool of which it is not known whose it is, or answer a request without a receipt.
    receipt: peer.name === undefined || run.receipt === undefined ? undefined : said.receipt,
    value,
    purpose: "response",
    from: peer.name,
    replyTo: run.receipt,
  });
}

/** A message of another agent from which parameters of a session were taken. */
export interface InboundMessage {
  /** The value that arrived: what the receipt is about, and what the parameters were taken from. */
  readonly value: Json;
  readonly receipt?: string | undefined;
  /** Names of the parameters. One that is an equal member of the value carries the label of that member, another that of all of it. */
  readonly params: readonly string[];
  /** The only issuer that may have sent it, by its name in the policy. Default: any. */
  readonly from?: string;
}

/** What is made of a message: its parameters by their labels. */
export async function receivedMessage(
  point: Point,
  guard: Guard,
  { message, params }: { readonly message: InboundMessage; readonly params: JsonObject },
): Promise<readonly ReceivedParams[]> {
  const { value, receipt, from } = message;
  const {
    parts,
    label,
    context,
    links,
    from: sender,
  } = await admitted(point, guard, { receipt, value, purpose: "request", from });
  const own = message.params.flatMap((name) => {
    const isMember = isObject(value) && Object.hasOwn(value, name) && jsonEqual(member(value, name), member(params, name));
    return isMember && Object.hasOwn(parts, name) ? [[name, parts[name] as LabelValue] as const] : [];
  });
  return [
    {
      params: message.params,
      ...(own.length === 0 ? {} : { parts: Object.fromEntries(own) }),
      label,
      // The agent is told the whole message, whatever its parameters are.
      context: context ?? label,
      links,
      ...(sender === undefined ? {} : { from: sender }),
    },
  ];
}

async function admitted(point: Point, guard: Guard, arrival: Arrival): Promise<Admitted> {
  const { receipts, store, clock } = point;
  if (receipts !== undefined) return receipts.admit(guard, arrival);
  return admitReceipt({ issuers: {}, audience: [], store, clock }, arrival);
}

/** What an agent answers another one, with its receipt where that one has signed its request. */
export interface Answer {
  /** Canonical JSON of the value: what the receipt is about, and all that may be sent. */
  readonly body: string;
  readonly receipt?: string;
}

/** Signs for an answer of the agent whose session a token opens: whatever it has read may be in it. */
export async function answerMessage(point: Point, token: string, value: Json): Promise<Result<Answer, Denial>> {
  const body = canonicalJson(value);
  return liveOf(point, token, async (live) => {
    const issuer = point.receipts?.issuer;
    const { state } = live;
    const sender = state.inbound.find(({ from }) => from !== undefined)?.from;
    if (issuer === undefined || sender === undefined) return ok({ body });
    const { program } = live.guard;
    const label = program.labels.toForeign(state.context);
    const links = trailOf(program, state, {
      label: state.context,
      isAnyLabel: label.readers !== null,
      runs: [],
      isContext: true,
    });
    const outgoing = { purpose: "response" as const, audience: sender.key, replyTo: sender.receipt, context: label };
    const { receipt, id } = await issueReceipt(issuer, { ...outgoing, value, label, links });
    const issued = { receipt: id, session: live.header.id, version: state.version, purpose: "response" as const };
    // Only people follow it: an answer does not fail for want of it.
    const at = point.clock();
    // An audit has it before it is given out: what is not noted is not signed for.
    const { key: audience, receipt: replyTo } = sender;
    const note = {
      type: "receipt",
      what: "issued",
      purpose: "response",
      receipt: id,
      session: live.header.id,
      audience,
      replyTo,
      at,
    };
    const noted = point.recordsCalls ? await answered(() => point.store.note(note)) : ok(undefined);
    if (!noted.ok) return err(denialOf(codeOf(noted.error)));
    const kept = await answered(() => point.store.writeRecord(issuedRecord({ ...issued, at })));
    if (!kept.ok) point.logger?.error("issued-receipt-not-kept", { session: live.header.id });
    return ok({ body, receipt });
  });
}
