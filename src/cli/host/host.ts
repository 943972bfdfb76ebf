/**
 * The host's routes of a running `sluice serve`, as commands ask them.
 * Never prints a credential, follows no redirect, and shows only the problem's own texts.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { type Json, type JsonObject, member } from "../../json/value.ts";
import { InputError } from "../read/input.ts";

/** Where the host is, and who asks. */
export interface HostOptions {
  readonly url: string;
  /** Name of the environment variable that holds the credential. */
  readonly credential: string;
}

/** Milliseconds that a host has to answer. */
const hostMs = 30_000;

/** The default address of `sluice serve`. */
export const hostUrlDefault = "http://127.0.0.1:8787/sluice";

/** What a host answered: its value, or the code of its problem. */
export type HostAnswer =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Asks a route; with a body by POST. Exit 2 if the host cannot be reached or the credential is missing. */
export async function askHost({ url, credential }: HostOptions, path: string, body?: JsonObject): Promise<HostAnswer> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new InputError(`--url: an http or https URL is needed, such as ${hostUrlDefault}`);
  const secret = process.env[credential];
  if (secret === undefined || !/^[\x21-\x7e]{1,512}$/.test(secret))
    throw new InputError(`--credential: the environment variable ${credential} must hold the secret`);
  let text: string;
  let isOk: boolean;
  try {
    const response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${secret}`, accept: "application/json", "content-type": "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(hostMs),
      ...(body === undefined ? {} : { body: canonicalJson(body) }),
    });
    isOk = response.ok;
    text = await response.text();
  } catch {
    throw new InputError(`--url: no answer from ${url}`);
  }
  const read = readJson(text);
  if (!read.ok) throw new InputError(`--url: ${url} does not answer as a host of Sluice`);
  if (isOk) return { ok: true, value: read.value };
  const [code, detail, message] = ["code", "detail", "message"].map((name) => member(read.value, name));
  return { ok: false, code: String(code ?? "?"), message: String(message ?? detail ?? "") };
}
