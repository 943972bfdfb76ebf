/**
 * Which operation a request is: by server, path and method, among all operations that are known.
 * Pure. Never chooses between two that fit alike, and never lets arguments make a request that is another operation's.
 */
import { jsonEqual, type JsonObject } from "../../json/value.ts";
import { type BuiltRequest, type GivenRequest, readRequest, writeRequest } from "./exchange.ts";
import { faulty, found, type Read } from "./fault.ts";
import type { Operation } from "./operation.ts";
import { fixedness, hasShape, readSegment } from "./path.ts";

/** Finds operations. */
export interface Router {
  readonly operations: readonly Operation[];
  /** The operation of a tool. */
  of(tool: string): Operation | undefined;
  /** The operation of a method and decoded segments on a server; `undefined`: none, or several alike. */
  find(server: string, method: string, segments: readonly string[]): Operation | undefined;
}

/** Segments of one path. */
const segmentsMax = 100;

/** Makes a router of operations with different tools. */
export function createRouter(operations: readonly Operation[]): Router {
  const byTool = new Map(operations.map((operation) => [operation.tool, operation]));
  const byLength = new Map<string, Operation[]>();
  const keyOf = (server: string, length: number): string => `${length} ${server}`;
  for (const operation of operations) {
    const key = keyOf(operation.server, operation.segments.length);
    const list = byLength.get(key);
    if (list === undefined) byLength.set(key, [operation]);
    else list.push(operation);
  }
  return {
    operations,
    of: (tool) => byTool.get(tool),
    find: (server, method, segments) => {
      const shaped = (byLength.get(keyOf(server, segments.length)) ?? []).filter((one) => hasShape(one.segments, segments));
      // A server chooses the path first, then the method (OpenAPI 3.1.1 §4.8.8): a path that is fixed hides a template of other methods, too.
      const meant = shaped.filter((one) => !shaped.some((other) => isMoreFixed(other, one)));
      const sole = meant.filter((one) => one.method === method);
      const [only] = sole;
      const isOnePath = meant.every((one) => only !== undefined && !isOtherPath(one, only));
      return sole.length === 1 && isOnePath ? only : undefined;
    },
  };
}

/** Whether one path is as fixed as the other in every segment, and more in one. */
function isMoreFixed(one: Operation, than: Operation): boolean {
  const differences = one.segments.map((segment, i) => {
    const other = than.segments[i];
    return other === undefined ? 0 : fixedness(segment) - fixedness(other);
  });
  return differences.every((difference) => difference >= 0) && differences.some((difference) => difference > 0);
}

/** Whether two paths that fit the same request are fixed in different places: servers disagree which of them is meant. */
function isOtherPath(one: Operation, other: Operation): boolean {
  return one.segments.some((segment, i) => {
    const beside = other.segments[i];
    return beside !== undefined && fixedness(segment) !== fixedness(beside);
  });
}

/** The decoded segments of a raw path. */
export function segmentsOf(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  const raw = path.slice(1).split("/", segmentsMax + 1);
  if (raw.length > segmentsMax) return undefined;
  const segments = raw.map(readSegment);
  const known = segments.filter((segment) => segment !== undefined);
  return known.length === segments.length ? known : undefined;
}

/**
 * The one request that the arguments of a call make. SECURITY: it is read again as whoever serves it would read it, and must be the same call;
 * so no value can move into another segment, another parameter or another operation, and different arguments make different requests.
 */
export function buildRequest(router: Router, operation: Operation, args: JsonObject): Read<BuiltRequest> {
  const built = writeRequest(operation, args);
  if (!built.ok) return built;
  const { path, query, headers, body, method } = built.value;
  const segments = segmentsOf(path);
  if (segments === undefined) return faulty("argument-value");
  const named = new Map(headers.map(([name, value]) => [name, [value]] as const));
  const given: GivenRequest = {
    segments,
    query,
    headers: named,
    body: { bytes: new TextEncoder().encode(body ?? ""), contentType: named.get("content-type")?.[0] },
  };
  const again = readRequest(operation, given);
  const isSame = router.find(operation.server, method, segments) === operation && again.ok && jsonEqual(again.value, args);
  return isSame ? found(built.value) : faulty("argument-changed");
}
