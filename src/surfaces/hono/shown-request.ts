/**
 * The request as a handler may see it: the checked bytes, and of the headers only those that the host asked for.
 * Never makes a web object that nobody looks at, and never shows anything of the request that came.
 */
import type { HonoRequest } from "hono";
import { bearerOf, readToken } from "../credential.ts";
import type { Permit } from "../enforce.ts";

/**
 * Puts the checked request in the place of the one that came. Most handlers read the arguments, or the body by `c.req.json()`: for them no
 * `Request` is made. `names`: headers that are kept.
 */
export function showRequest(request: HonoRequest, permit: Permit, names: readonly string[]): void {
  shownBy.set(request, { came: request.raw, permit, names, made: undefined });
  Object.defineProperty(request, "raw", shownRaw);
  // Where Hono keeps a body that was read: `text()`, and all that it makes of it.
  request.bodyCache = new CheckedBody(permit) as unknown as HonoRequest["bodyCache"];
}

/** What is shown in the place of a request. */
interface Shown {
  readonly came: Request;
  readonly permit: Permit;
  readonly names: readonly string[];
  made: Request | undefined;
}

/** Beside the requests: nobody behind comes to what came by looking at one. */
const shownBy = new WeakMap<HonoRequest, Shown>();

/** One getter for all requests: one of its own would give each of them a shape of its own. */
const shownRaw: PropertyDescriptor & ThisType<HonoRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    const shown = shownBy.get(this);
    if (shown === undefined) return undefined;
    shown.made ??= checkedRequest(shown);
    return shown.made;
  },
  // Middleware between this and a handler may put a request of its own there.
  set(next: Request) {
    const shown = shownBy.get(this);
    if (shown !== undefined) shown.made = next;
  },
};

class CheckedBody {
  readonly #permit: Permit;

  constructor(permit: Permit) {
    this.#permit = permit;
  }

  get text(): Promise<string> {
    return Promise.resolve(this.#permit.body);
  }
}

// Hono looks for whatever is in it.
Object.defineProperty(CheckedBody.prototype, "text", { enumerable: true });

function checkedRequest({ came, permit, names }: Shown): Request {
  const body = new TextEncoder().encode(permit.body);
  const headers = new Headers({ "content-type": "application/json", "content-length": String(body.byteLength) });
  for (const name of names) {
    const value = came.headers.get(name);
    // The agent's credential is for Sluice and for nobody behind it.
    if (value !== null && readToken(bearerOf(value) ?? "") === undefined) headers.set(name, value);
  }
  return new Request(came.url, { method: "POST", headers, body, signal: came.signal });
}
