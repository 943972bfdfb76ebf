/**
 * What a server sends on its own: notifications, and requests to the client. Each belongs to a node of the plan, or comes to nothing.
 * Never passes a word of a server on before its label is in the context, nor a word of the client's to a server without a checked call.
 */
import { type JsonObject, member } from "../../json/value.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { LabelValue } from "../../taint/label.ts";
import type { Enforcer, PlanInForce } from "../enforce.ts";
import { notificationMessage, type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import type { Lane, LaneListener } from "./lane.ts";
import { serverNotifications, serverRequests } from "./methods.ts";
import { without } from "./route.ts";
import { grantsOf } from "./tools.ts";

/** The listener of a session's servers. */
export function createServed(enforcer: Enforcer, lane: Lane): LaneListener {
  return {
    onNotification: (server, method, params) => {
      const grant = serverNotifications.get(method);
      const route = lane.routes.find(server);
      if (grant === undefined || route === undefined) return;
      lane.inOrder(async () => {
        const plan = await enforcer.plan(route.token);
        if (!plan.ok) return;
        const nodes = grantsOf(plan.value, server, grant)?.filter(({ show }) => show === "all") ?? [];
        if (nodes.length === 0 || !isAsked(lane, { server, method, params })) return;
        if ((await enforcer.disclose(route.token, nodesLabel(plan.value, nodes))) !== undefined) return;
        route.send(notificationMessage(method, without(params, "_meta")));
      });
    },
    onRequest: (server, request) => serveRequest(enforcer, lane, { server, ...request }),
  };
}

/** A change of a resource is told for those that were subscribed. */
function isAsked(lane: Lane, told: { readonly server: string; readonly method: string; readonly params: JsonObject }): boolean {
  if (told.method !== "notifications/resources/updated") return true;
  const uri = member(told.params, "uri");
  return typeof uri === "string" && lane.kept.subscribed.get(uri) === told.server;
}

/** The label of what a server sends under a grant: that of the grant's nodes. */
function nodesLabel({ guard }: PlanInForce, nodes: readonly CompiledNode[]): LabelValue {
  const { labels, toolLabels } = guard.program;
  const all = nodes.map(({ index }) => toolLabels[index] ?? labels.of(["unknown"]));
  return labels.toForeign(all.reduce(labels.join));
}

interface ServerRequest {
  readonly server: string;
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
}

const refused = (code: number, message: string): RpcOutcome => ({ ok: false, error: { code, message } });

/** Passes a server's request to the client, and the client's answer, as a call of the plan, to the server. */
async function serveRequest(enforcer: Enforcer, lane: Lane, request: ServerRequest): Promise<RpcOutcome> {
  const { server, method, params, signal } = request;
  if (method === "ping") return { ok: true, result: {} };
  const rule = serverRequests.get(method);
  const route = lane.routes.find(server);
  const plan = route === undefined ? undefined : await enforcer.plan(route.token);
  const nodes = rule === undefined || plan?.ok !== true ? undefined : grantsOf(plan.value, server, rule.grant);
  const canAsk = rule !== undefined && route?.ask !== undefined && Object.hasOwn(route.capabilities, rule.capability);
  if (rule === undefined || nodes === undefined || route?.ask === undefined || plan?.ok !== true || !canAsk) {
    enforcer.logger?.error("server-request-refused", { server, method: rule === undefined ? "unknown" : method });
    return refused(rpcCodes.methodNotFound, "not granted");
  }
  await lane.settled();
  if ((await enforcer.disclose(route.token, nodesLabel(plan.value, nodes))) !== undefined)
    return refused(rpcCodes.methodNotFound, "not granted");
  const answer = await route.ask(method, without(params, "_meta", "task"), signal);
  // Why the client did not answer is the client's own affair.
  if (!answer.ok) return refused(rpcCodes.internal, "the client did not answer");
  const checked = await enforcer.check(route.token, {
    tool: `${server}/${rule.grant}`,
    args: { result: without(answer.result, "_meta") },
  });
  if (!checked.allow) return refused(rpcCodes.internal, "not granted");
  const settled = await enforcer.settle(checked.permit, { value: null });
  const result = member(checked.permit.args, "result");
  return settled.ok && typeof result === "object" && result !== null
    ? { ok: true, result: result as JsonObject }
    : refused(rpcCodes.internal, "not granted");
}

/** The client's capabilities that a server is told of: those that the plan grants it and the client has. */
export function announced(server: string, plan: FrozenPlan, lane: Lane): JsonObject {
  const capabilities = lane.routes.find(server)?.capabilities ?? {};
  const tools = new Set(Object.values(plan.plan.nodes).map(({ tool }) => tool));
  return Object.fromEntries(
    [...serverRequests.values()].flatMap(({ grant, capability }) => {
      const own = member(capabilities, capability);
      return own === undefined || !tools.has(`${server}/${grant}`) ? [] : [[capability, own] as const];
    }),
  );
}
