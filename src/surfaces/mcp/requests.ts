/**
 * Methods beside tools that a plan can grant: resources, prompts, completions, log levels. Each is a call of the plan.
 * Never asks a server that the plan does not name for it, and never passes a cursor or an argument that was not checked.
 */
import type { ToolResult } from "../../decide/observe.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Enforcer, Settled } from "../enforce.ts";
import { type Ask, type Form, perform } from "./calls.ts";
import { type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import type { MethodRule } from "./methods.ts";
import { type Naming, qualifiedShown } from "./names.ts";
import { deniedError, ifcOf } from "./results.ts";
import { without } from "./route.ts";
import { grantsOf } from "./tools.ts";

type ListRule = Extract<MethodRule, { readonly kind: "list" }>;
type PassedRule = Extract<MethodRule, { readonly kind: "passed" }>;

const invalid = (message: string): RpcOutcome => ({ ok: false, error: { code: rpcCodes.invalidParams, message } });

/** Servers whose method the plan grants, in ascending order of name. */
export function grantedServers(ask: Pick<Ask, "plan">, grant: string): readonly string[] {
  return Object.keys(ask.plan.guard.frozen.servers)
    .filter((server) => grantsOf(ask.plan, server, grant) !== undefined)
    .sort();
}

/** The denial of a method that the plan grants for no server. */
async function notGranted(enforcer: Enforcer, ask: Ask, grant: string): Promise<RpcOutcome> {
  const denial = await enforcer.refuse(ask.route.token, { tool: grant, code: "CALL_NOT_IN_PLAN" });
  return { ok: false, error: deniedError(denial, rpcCodes.methodNotFound) };
}

/** Answers a listing: a page of one server after the other. */
export async function passList(enforcer: Enforcer, ask: Ask, rule: ListRule & { readonly naming: Naming }): Promise<RpcOutcome> {
  const servers = grantedServers(ask, rule.grant);
  if (servers.length === 0) return notGranted(enforcer, ask, rule.grant);
  const given = member(ask.params, "cursor");
  const at = typeof given === "string" ? ask.lane.kept.cursors.get(given) : undefined;
  if (given !== undefined && at?.method !== ask.method) return invalid("no such cursor");
  const server = at?.server ?? (servers[0] as string);
  const cursor = at?.cursor;
  const form = formOf(
    ask.method,
    () => (cursor === undefined ? {} : { cursor }),
    (result) => isArray(member(result, rule.list)),
  );
  const performed = await perform(enforcer, ask, { attempt: { tool: `${server}/${rule.grant}`, args: {} }, form });
  if (performed.kind === "denied") return { ok: false, error: deniedError(performed.denial) };
  const answer = delivered(performed.outcome, performed.settled, () => ({ [rule.list]: [] }));
  if (!answer.ok) return answer;
  const listed = member(answer.result, rule.list);
  const items = (isArray(listed) ? listed : []).filter(isObject);
  remember(ask, server, items);
  const isRenamed = rule.list === "prompts" && rule.naming === "qualified";
  const shown = isRenamed ? items.map((item) => renamed(ask, item, server)) : items;
  const next = nextPlace(answer.result, server, servers);
  const result = { ...without(answer.result, "nextCursor"), [rule.list]: shown };
  if (next === undefined) return { ok: true, result };
  const id = `c${ask.lane.name()}`;
  ask.lane.kept.cursors.set(id, { ...next, method: ask.method });
  return { ok: true, result: { ...result, nextCursor: id } };
}

/** Where a listing goes on: the server's next page, or the next server. */
function nextPlace(
  result: JsonObject,
  server: string,
  servers: readonly string[],
): { readonly server: string; readonly cursor?: string } | undefined {
  const cursor = member(result, "nextCursor");
  if (typeof cursor === "string") return { server, cursor };
  const next = servers[servers.indexOf(server) + 1];
  return next === undefined ? undefined : { server: next };
}

/** Remembers whose addresses these are. */
function remember(ask: Ask, server: string, items: readonly JsonObject[]): void {
  for (const item of items) {
    const address = member(item, "uri") ?? member(item, "uriTemplate");
    if (typeof address !== "string") continue;
    const owners = ask.lane.kept.addresses.get(address) ?? new Set<string>();
    if (!owners.has(server)) ask.lane.kept.addresses.set(address, new Set([...owners, server]));
  }
}

function renamed(ask: Ask, prompt: JsonObject, server: string): JsonObject {
  const name = member(prompt, "name");
  if (typeof name !== "string") return prompt;
  const shown = qualifiedShown(`${server}/${name}`);
  ask.lane.kept.prompts.set(shown, { server, name });
  return { ...prompt, name: shown };
}

/** Answers a request that speaks of one server, or of all (`of: "all"`), for which the plan grants it. */
export async function passRequest(
  enforcer: Enforcer,
  ask: Ask,
  rule: PassedRule & { readonly naming: Naming },
): Promise<RpcOutcome> {
  const servers = grantedServers(ask, rule.grant);
  if (servers.length === 0) return notGranted(enforcer, ask, rule.grant);
  const targets = targetsOf(ask, rule, servers);
  if (typeof targets === "string") return invalid(targets);
  let answer: RpcOutcome = invalid("no server is asked");
  for (const { server, args } of targets) {
    answer = await passOne(enforcer, ask, { server, args, rule });
    if (!answer.ok) return answer;
  }
  return answer;
}

async function passOne(
  enforcer: Enforcer,
  ask: Ask,
  { server, args, rule }: { readonly server: string; readonly args: JsonObject; readonly rule: PassedRule },
): Promise<RpcOutcome> {
  const form = formOf(ask.method, (permitted) => permitted, answerForms.get(ask.method) ?? (() => true));
  const performed = await perform(enforcer, ask, { attempt: { tool: `${server}/${rule.grant}`, args }, form });
  if (performed.kind === "denied") return { ok: false, error: deniedError(performed.denial) };
  const { outcome, settled } = performed;
  const uri = member(args, "uri");
  if (ask.method === "resources/subscribe" && outcome.ok && typeof uri === "string") ask.lane.kept.subscribed.set(uri, server);
  return delivered(outcome, settled, (text) => hiddenAnswer(ask.method, text, typeof uri === "string" ? uri : ""));
}

interface Target {
  readonly server: string;
  readonly args: JsonObject;
}

/** Whom a request is for, and its arguments there; text: what is wrong with it. */
function targetsOf(
  ask: Ask,
  { of, naming }: PassedRule & { readonly naming: Naming },
  servers: readonly string[],
): readonly Target[] | string {
  const args = without(ask.params, "_meta", "inputResponses", "requestState");
  if (of === "all") return servers.map((server) => ({ server, args }));
  if (of === "uri") return atAddress(ask, servers, { address: member(args, "uri"), args });
  const ref = of === "ref" ? member(args, "ref") : args;
  const address = member(ref, "uri");
  if (of === "ref" && address !== undefined) return atAddress(ask, servers, { address, args });
  const name = member(ref, "name");
  if (typeof name !== "string") return "a prompt must be named";
  const listed = naming === "qualified" ? ask.lane.kept.prompts.get(name) : undefined;
  const found = listed !== undefined && servers.includes(listed.server) ? listed : promptNamed(name, servers, naming);
  if (found === undefined) return "no such prompt";
  const own = { ...(isObject(ref) ? ref : {}), name: found.name };
  return [{ server: found.server, args: of === "ref" ? { ...args, ref: own } : { ...args, name: found.name } }];
}

/** The server of an address: the only one that is granted, or the only one that has listed it. */
function atAddress(
  ask: Ask,
  servers: readonly string[],
  { address, args }: { readonly address: Json | undefined; readonly args: JsonObject },
): readonly Target[] | string {
  if (typeof address !== "string") return "`uri` must be an address";
  const owners = ask.lane.kept.addresses.get(address);
  const named = member(member(ask.params, "_meta"), "sluice/server");
  const possible = servers.filter((server) => (typeof named === "string" ? server === named : owners?.has(server) === true));
  const [only] = possible.length > 0 ? possible : servers;
  if (only === undefined || possible.length > 1 || (possible.length === 0 && servers.length > 1))
    return 'several servers could have it: name one in `_meta["sluice/server"]`';
  return [{ server: only, args }];
}

/** `server__prompt` taken apart, by the servers that there are; where names are bare, the only server's. */
function promptNamed(
  name: string,
  servers: readonly string[],
  naming: Naming,
): { readonly server: string; readonly name: string } | undefined {
  const [only] = servers;
  if (naming === "bare" && only !== undefined) return { server: only, name };
  const found = servers.filter((server) => name.startsWith(qualifiedShown(`${server}/`)));
  const [server, second] = found;
  if (server === undefined || second !== undefined) return undefined;
  return { server, name: name.slice(qualifiedShown(`${server}/`).length) };
}

function formOf(method: string, params: (args: JsonObject) => JsonObject, isAnswer: Form["isAnswer"]): Form {
  return { method, params: ({ args }) => params(args), isAnswer, record: recorded };
}

function recorded(outcome: RpcOutcome): ToolResult {
  if (!outcome.ok) return { error: outcome.error as unknown as Json };
  return { value: without(outcome.result, "_meta", "resultType", "ttlMs", "cacheScope") };
}

const answerForms: ReadonlyMap<string, Form["isAnswer"]> = new Map([
  ["resources/read", (result) => isArray(member(result, "contents"))],
  ["prompts/get", (result) => isArray(member(result, "messages"))],
  ["completion/complete", (result) => isObject(member(result, "completion"))],
]);

/** What the agent is given: the answer if it may see all of it, else what was delivered, in a form that the method has. */
function delivered(outcome: RpcOutcome, settled: Settled, hidden: (text: string) => JsonObject): RpcOutcome {
  if (!settled.ok) return { ok: false, error: deniedError(settled.verdict) };
  if (!outcome.ok && settled.isError) return outcome;
  const meta = settled.label === undefined ? {} : { _meta: { ifc: ifcOf(settled.label) } };
  if (outcome.ok && settled.isWhole) {
    const whole = without(outcome.result, "_meta", "resultType", "ttlMs", "cacheScope");
    // Clients take an answer that says nothing (`EmptyResult`) by its having no member: there is nothing in it that a label could be of.
    return { ok: true, result: Object.keys(whole).length === 0 ? whole : { ...whole, ...meta } };
  }
  const { delivered: shown } = settled;
  return { ok: true, result: { ...hidden(typeof shown === "string" ? shown : canonicalJson(shown)), ...meta } };
}

function hiddenAnswer(method: string, text: string, uri: string): JsonObject {
  switch (method) {
    case "resources/read":
      return { contents: [{ uri, mimeType: "application/json", text }] };
    case "prompts/get":
      return { messages: [{ role: "user", content: { type: "text", text } }] };
    case "completion/complete":
      return { completion: { values: [], total: 0, hasMore: false } };
    default:
      return {};
  }
}
