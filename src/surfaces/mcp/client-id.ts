/**
 * Ids of MCP clients (`Mcp-Session-Id`) that say what `initialize` has agreed on, so that any process can go on with a client.
 * Pure. Never takes an id that another token's holder was given: an id is authenticated by the secret of its session's token.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isArray, isObject, type Json } from "../../json/value.ts";
import { mcpClientIdCharsMax } from "../../limits.ts";
import { hexOf, hmacSha256, utf8 } from "../../plan/digest.ts";
import { equalSecret } from "../credential.ts";
import type { Hello } from "./hello.ts";
import { sessionRevisions } from "./revisions.ts";

/** What an id says. */
export interface NamedClient {
  /** What tells this client from all others of its session: 48 hexadecimal digits. */
  readonly name: string;
  readonly hello: Hello;
}

/** Name, what was agreed on in base64url (RFC 4648 §5) of canonical JSON, and HMAC-SHA-256 (RFC 2104) of both. All visible ASCII, as MCP asks. */
const idPattern = /^([0-9a-f]{48})\.([A-Za-z0-9_-]{1,8192})\.([0-9a-f]{64})$/;

/**
 * The id of a client. One whose capabilities are too long for a header gets its name alone: only the process that greeted it knows it.
 * @param secret - of the session's token: whoever can make such an id may say `initialize` anyway.
 */
export function clientIdOf(secret: string, { name, hello }: NamedClient): string {
  const said = base64url(utf8(canonicalJson([hello.revision, hello.capabilities])));
  if (said.length > mcpClientIdCharsMax) return name;
  return `${name}.${said}.${sealOf(secret, name, said)}`;
}

/** What an id says, if it was made for the session whose secret this is. */
export function readClientId(secret: string, id: string): NamedClient | undefined {
  const [, name = "", said = "", seal] = idPattern.exec(id) ?? [];
  if (seal === undefined || said.length > mcpClientIdCharsMax || !equalSecret(seal, sealOf(secret, name, said))) return undefined;
  const hello = readSaid(said);
  return hello === undefined ? undefined : { name, hello };
}

/** The part of an id that tells clients apart. */
export function clientName(id: string): string {
  return id.slice(0, nameChars);
}

const nameChars = 48;

function sealOf(secret: string, name: string, said: string): string {
  return hexOf(hmacSha256(secret, `sluice/mcp-client/v1\n${name}.${said}`));
}

function readSaid(said: string): Hello | undefined {
  const read = readJsonBytes(bytesOf(said));
  const [revision, capabilities]: readonly Json[] = read.ok && isArray(read.value) ? read.value : [];
  const known = sessionRevisions.find((one) => one === revision);
  return known === undefined || !isObject(capabilities) ? undefined : { revision: known, capabilities };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
