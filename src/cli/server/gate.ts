/**
 * The door of a server: counts the requests that are open, refuses new ones when the end has begun, and addresses that only guess.
 * Never looks at a header to learn who asks: only the connection's own address counts.
 */
import { readJson } from "../../json/read.ts";
import { isObject, type Json } from "../../json/value.ts";
import { meteredNamesMax } from "../../limits.ts";
import { createMeter } from "../../surfaces/enforce/load/gcra.ts";
import { denialOf } from "../../surfaces/enforce.ts";
import { hostProblemResponse, problemResponse } from "../../surfaces/wire.ts";

/** A door. */
export interface Gate {
  /** Answers a request by `inner`, or refuses it. `address`: the other end of the connection, if it is known. */
  serve(request: Request, inner: (request: Request) => Response | Promise<Response>, address?: string): Promise<Response>;
  /** From now on new requests are refused with 503, but health and what `staysOpen` names. */
  close(): void;
  readonly isClosing: boolean;
  /** Requests that are being answered. Streams that only listen do not count. */
  readonly open: number;
}

/** How a door is made. */
export interface GateOptions {
  /** Paths that are still served when the end has begun, because what is in flight needs them. */
  readonly staysOpen?: (path: string) => boolean;
  /** Refused credentials of one address in a minute, after which it has to wait. Absent: any number. */
  readonly failuresPerMinute?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const health = /^\/sluice\/(?:live|ready)$/;

/** Makes a door. */
export function createGate({ staysOpen = () => false, failuresPerMinute, clock }: GateOptions): Gate {
  const failures =
    failuresPerMinute === undefined
      ? undefined
      : createMeter({ perMinute: failuresPerMinute, burst: failuresPerMinute }, meteredNamesMax);
  /** Address → until when it has to wait. */
  const waiting = new Map<string, number>();
  let open = 0;
  let isClosing = false;
  const refuse = (path: string, address: string | undefined): Response | undefined => {
    if (health.test(path)) return undefined;
    if (isClosing && !staysOpen(path)) return problemResponse(denialOf("SHUTTING_DOWN"));
    const until = address === undefined ? undefined : waiting.get(address);
    if (until === undefined || address === undefined) return undefined;
    if (until > clock()) return hostProblemResponse({ code: "RATE_LIMITED" });
    waiting.delete(address);
    return undefined;
  };
  const judge = async (response: Response, address: string | undefined): Promise<void> => {
    if (failures === undefined || address === undefined || !(await refusesCredential(response))) return;
    const now = clock();
    const waitMs = failures.take(address, now);
    if (waitMs === 0) return;
    waiting.set(address, now + waitMs);
    const [oldest] = waiting.keys();
    if (waiting.size > meteredNamesMax && oldest !== undefined) waiting.delete(oldest);
  };
  return {
    serve: async (request, inner, address) => {
      const { pathname } = new URL(request.url);
      const refused = refuse(pathname, address);
      if (refused !== undefined) return refused;
      open += 1;
      let isCounted = true;
      const done = (): void => {
        if (isCounted) open -= 1;
        isCounted = false;
      };
      try {
        const response = await inner(request);
        await judge(response, address);
        const { headers } = response;
        // One whose length is known is all there, and no stream that goes on.
        const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true && !headers.has("content-length");
        if (!isStream || request.method === "GET" || response.body === null) return response;
        isCounted = false;
        return counted(response, () => {
          open -= 1;
        });
      } finally {
        done();
      }
    },
    close: () => {
      isClosing = true;
    },
    get isClosing() {
      return isClosing;
    },
    get open() {
      return open;
    },
  };
}

/**
 * Whether a credential was refused. A call that a plan denies has the same status (403) and says nothing of who asks, and what a tool
 * answers itself is none of ours: our own code decides, or the challenge of a 401 of ours (RFC 6750 §3, RFC 9728 §5.1).
 */
async function refusesCredential(response: Response): Promise<boolean> {
  const { status, headers } = response;
  if (status === 401) return /realm="sluice"|resource_metadata=/.test(headers.get("www-authenticate") ?? "");
  if (status !== 403 || !/^application\/(?:problem\+)?json\b/.test(headers.get("content-type") ?? "")) return false;
  const said = readJson(await response.clone().text());
  return said.ok && codePlaces.some((path) => valueAt(said.value, path) === "AUTH_DENIED");
}

/** Where a surface says its code: problem details, and errors of JSON-RPC. */
const codePlaces = [["code"], ["error", "data", "code"]] as const;

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, name) => (at !== undefined && isObject(at) ? at[name] : undefined), value);
}

/** A response that counts until its stream has ended, or is let go of. */
function counted(response: Response, ended: () => void): Response {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let isOver = false;
  const end = (): void => {
    if (!isOver) ended();
    isOver = true;
  };
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(error);
      }
    },
    cancel: async (reason) => {
      end();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}
