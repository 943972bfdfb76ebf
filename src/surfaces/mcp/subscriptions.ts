/**
 * Subscriptions: the stream of `subscriptions/listen` (2026-07-28), and the end of `resources/subscribe`.
 * Never tells of a change that the plan's grants do not let through.
 */
import { isArray, isObject, type JsonObject, member } from "../../json/value.ts";
import { mcpInFlightMax } from "../../limits.ts";
import type { Enforcer } from "../enforce.ts";
import type { Ask } from "./calls.ts";
import { type MessageId, notificationMessage, type RpcOutcome } from "./jsonrpc.ts";
import { grantedServers, passRequest } from "./requests.ts";
import { metaKeys } from "./revisions.ts";

/** Answers `subscriptions/listen`: says what is granted, and stays until the client goes. */
export async function listen(enforcer: Enforcer, ask: Ask, id: MessageId): Promise<RpcOutcome> {
  const wanted = member(ask.params, "notifications");
  const isWanted = (name: string): boolean => member(wanted, name) === true;
  const uris = member(wanted, "resourceSubscriptions");
  const subscribed: string[] = [];
  for (const uri of (isArray(uris) ? uris : []).slice(0, mcpInFlightMax)) {
    if (typeof uri !== "string") continue;
    const rule = { kind: "passed", grant: "mcp.resources.subscribe", of: "uri", naming: "bare" } as const;
    const answer = await passRequest(enforcer, { ...ask, method: "resources/subscribe", params: { uri } }, rule);
    if (answer.ok) subscribed.push(uri);
  }
  const granted: JsonObject = {
    ...(isWanted("promptsListChanged") && grantedServers(ask, "mcp.prompts.list").length > 0 ? { promptsListChanged: true } : {}),
    ...(isWanted("resourcesListChanged") && grantedServers(ask, "mcp.resources.list").length > 0
      ? { resourcesListChanged: true }
      : {}),
    ...(subscribed.length > 0 ? { resourceSubscriptions: subscribed } : {}),
  };
  const meta = { [metaKeys.subscription]: id };
  const send = (message: JsonObject): void => {
    const method = member(message, "method");
    const params = member(message, "params");
    if (!isTold(method, granted)) return;
    ask.route.send({ ...message, params: { ...(isObject(params) ? params : {}), _meta: meta } });
  };
  ask.route.send(notificationMessage("notifications/subscriptions/acknowledged", { notifications: granted, _meta: meta }));
  const leave = ask.lane.routes.enter(undefined, { ...ask.route, send });
  await new Promise<void>((resolve) => {
    if (ask.signal.aborted) resolve();
    else ask.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  leave();
  return { ok: true, result: { _meta: meta } };
}

function isTold(method: unknown, granted: JsonObject): boolean {
  switch (method) {
    case "notifications/prompts/list_changed":
      return member(granted, "promptsListChanged") === true;
    case "notifications/resources/list_changed":
      return member(granted, "resourcesListChanged") === true;
    case "notifications/resources/updated":
      return member(granted, "resourceSubscriptions") !== undefined;
    default:
      return false;
  }
}

/** Answers `resources/unsubscribe`: of what was subscribed through here, from the server that has it. */
export async function unsubscribe(ask: Ask): Promise<RpcOutcome> {
  const uri = member(ask.params, "uri");
  const server = typeof uri === "string" ? ask.lane.kept.subscribed.get(uri) : undefined;
  if (typeof uri !== "string" || server === undefined) return { ok: true, result: {} };
  ask.lane.kept.subscribed.delete(uri);
  const upstream = await ask.lane.open(server, ask.plan.guard.frozen);
  // Whatever the server says to it: nothing more of it is told.
  if (upstream.ok) await upstream.value.request("resources/unsubscribe", { uri }, { signal: ask.signal });
  return { ok: true, result: {} };
}
