/**
 * Routes by which the host revokes plans, sessions, principals and keys, and grants plans to principals.
 * Never removes a record: what is lifted is written as lifted, so that who looks back sees both.
 */
import type { Context, Hono } from "hono";
import type { Access, Told } from "../../access/access.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type JsonObject, member } from "../../json/value.ts";
import { commitAttemptsMax, listedApprovalsMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { revocationKind, type Store } from "../../stores/store.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import type { Enforcer } from "../enforce.ts";
import { answered } from "../enforce/store/answered.ts";
import { grantId, grantKind } from "../enforce/session/standing.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { jsonResponse } from "./json-response.ts";

/** Bytes of one request. */
const requestBytesMax = 4_096;

interface Wanted {
  readonly kind: string;
  readonly id: string;
  readonly value: JsonObject;
}

/** Adds `GET` and `POST` of `/revocations` and `/grants`. What is written is noted first, with who has. */
export function addStandingRoutes(app: Hono, enforcer: Enforcer, access: Pick<Access, "note">): void {
  for (const [path, kind, read] of [
    ["/revocations", revocationKind, readRevocation],
    ["/grants", grantKind, readGrant],
  ] as const) {
    app.get(path, async () => {
      const records = await answered(() => enforcer.store.records(kind, { limit: listedApprovalsMax }));
      if (!records.ok) return hostProblemResponse({ code: "STORE_UNAVAILABLE" });
      return jsonResponse({ [path.slice(1)]: records.value.map(({ id, version, value }) => ({ ...value, id, version })) });
    });
    app.post(path, async (c) => {
      const body = await readRequest(c);
      const wanted = body.ok ? read(body.value, enforcer.clock()) : body;
      if (!wanted.ok) return hostProblemResponse(wanted.error);
      const noted = await access.note(c, toldOf(wanted.value));
      if (!noted.ok) return hostProblemResponse(noted.error);
      const written = await writeStanding(enforcer.store, wanted.value);
      return written.ok ? jsonResponse({ ...wanted.value.value, id: wanted.value.id }) : hostProblemResponse(written.error);
    });
  }
}

/** A grant or a revocation as it is noted. The audit log makes a pseudonym of `principal`; everyone is nobody's name. */
function toldOf({ kind, value }: Wanted): Told {
  const isGrant = kind === grantKind;
  const { at: _at, principal, ...facts } = value;
  const word = isGrant ? "grant" : "revocation";
  return {
    type: isGrant ? "grant" : "revoke",
    act: value.lifted === true ? `${word}-lifted` : word,
    facts: { ...facts, ...(principal === undefined ? {} : principal === "*" ? { everyone: true } : { principal }) },
  };
}

/** Writes a grant or a revocation over what there is. */
export async function writeStanding(store: Store, { kind, id, value }: Wanted): Promise<Result<undefined, HostProblem>> {
  for (let attempt = 0; attempt < commitAttemptsMax; attempt++) {
    const known = await answered(() => store.record(kind, id));
    if (!known.ok) return err({ code: "STORE_UNAVAILABLE" });
    const written = await answered(() => store.writeRecord({ kind, id, version: known.value?.version ?? 0, value }));
    if (written.ok) return ok(undefined);
    if (written.error.kind !== "conflict") return err({ code: "STORE_UNAVAILABLE" });
  }
  return err({ code: "SESSION_CONFLICT" });
}

/** `{plan|session|principal|key: text, lifted?}` as the record that it means. */
export function readRevocation(value: JsonObject, at: number): Result<Wanted, HostProblem> {
  const named = ["plan", "session", "principal", "key"].filter((part) => isName(member(value, part)));
  const [part] = named;
  if (part === undefined || named.length > 1 || hasOther(value, ["plan", "session", "principal", "key", "lifted"]))
    return malformed(
      "exactly one of `plan` (digest), `session`, `principal` and `key` (thumbprint) is needed, and `lifted` if it is over",
    );
  return withLifted(value, {
    kind: revocationKind,
    id: `${part}:${String(member(value, part))}`,
    value: { [part]: member(value, part) ?? null, at },
  });
}

/** `{principal, plan, lifted?}` as the record that it means. */
export function readGrant(value: JsonObject, at: number): Result<Wanted, HostProblem> {
  const [principal, plan] = [member(value, "principal"), member(value, "plan")];
  if (!isName(principal) || !isName(plan) || hasOther(value, ["principal", "plan", "lifted"]))
    return malformed("`principal` (`*`: everyone) and `plan` (digest or name) are needed, and `lifted` if it is over");
  return withLifted(value, { kind: grantKind, id: grantId(principal, plan), value: { principal, plan, at } });
}

function withLifted(value: JsonObject, wanted: Wanted): Result<Wanted, HostProblem> {
  const lifted = member(value, "lifted") ?? false;
  if (typeof lifted !== "boolean") return malformed("`lifted` must be true or false");
  return ok({ ...wanted, value: { ...wanted.value, lifted } });
}

function hasOther(value: JsonObject, names: readonly string[]): boolean {
  return Object.keys(value).some((name) => !names.includes(name));
}

/** Whether a value names a plan, a principal or a session: a text of 1 to 512 characters. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 512;
}

function malformed(message: string): Result<never, HostProblem> {
  return err({ code: "CALL_MALFORMED", message });
}

async function readRequest(c: Context): Promise<Result<JsonObject, HostProblem>> {
  if (!isJsonType(mediaTypeOf(c.req.header("content-type")).type)) return malformed("the body must be `application/json`");
  const body = await readBody(c.req.raw.body, requestBytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  return read?.ok && isObject(read.value) ? ok(read.value) : malformed("the body must be a JSON object");
}
