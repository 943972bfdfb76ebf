/**
 * What the gateway says of itself: `initialize`, `server/discover`, capabilities.
 * Pure. Never announces what the plan does not grant, and no server's word that the plan does not pin.
 */
import { isObject, type JsonObject, member } from "../../json/value.ts";
import type { PlanInForce } from "../enforce.ts";
import { pinnedInstructions } from "./definitions.ts";
import { type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import { sessionRevisions, statelessRevision } from "./revisions.ts";

/** Whether the plan grants a method of any server. */
function isGranted({ guard }: PlanInForce, grant: string): boolean {
  return [...guard.program.plan.byTool.keys()].some((tool) => tool.endsWith(`/${grant}`));
}

/** The capabilities that a plan gives its agent. */
export function capabilitiesOf(plan: PlanInForce, isStateless: boolean): JsonObject {
  const has = (grant: string): boolean => isGranted(plan, grant);
  const hasResources = has("mcp.resources.list") || has("mcp.resources.read");
  const canSubscribe = has("mcp.resources.subscribe");
  return {
    tools: {},
    ...(hasResources || canSubscribe
      ? {
          resources: {
            ...(canSubscribe ? { subscribe: true } : {}),
            ...(has("mcp.resources.list") ? { listChanged: true } : {}),
          },
        }
      : {}),
    ...(has("mcp.prompts.list") || has("mcp.prompts.get")
      ? { prompts: has("mcp.prompts.list") ? { listChanged: true } : {} }
      : {}),
    ...(has("mcp.completion.complete") ? { completions: {} } : {}),
    ...(has("mcp.logging.setLevel") ? { logging: {} } : {}),
    ...(isStateless ? {} : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  };
}

/** What a client has said in `initialize`. */
export interface Hello {
  readonly revision: string;
  readonly capabilities: JsonObject;
}

/** Reads `initialize`: the revision asked for, or the newest that there is. `undefined`: it says none. */
export function readHello(params: JsonObject): Hello | undefined {
  const asked = member(params, "protocolVersion");
  const capabilities = member(params, "capabilities");
  if (typeof asked !== "string") return undefined;
  const revision = sessionRevisions.find((known) => known === asked) ?? sessionRevisions[0];
  return { revision, capabilities: isObject(capabilities) ? capabilities : {} };
}

/** Answers `initialize`. */
export function answerHello(plan: PlanInForce, { revision }: Hello, serverInfo: JsonObject): RpcOutcome {
  const instructions = pinnedInstructions(plan.guard.frozen);
  return {
    ok: true,
    result: {
      protocolVersion: revision,
      capabilities: capabilitiesOf(plan, false),
      serverInfo,
      ...(instructions === undefined ? {} : { instructions }),
    },
  };
}

/** Answers `server/discover`. */
export function answerDiscover(plan: PlanInForce): RpcOutcome {
  const instructions = pinnedInstructions(plan.guard.frozen);
  return {
    ok: true,
    result: {
      supportedVersions: [statelessRevision],
      capabilities: capabilitiesOf(plan, true),
      ...(instructions === undefined ? {} : { instructions }),
    },
  };
}

/** The error for a request that is not of this revision. */
export const notHere: RpcOutcome = { ok: false, error: { code: rpcCodes.methodNotFound, message: "method not found" } };
