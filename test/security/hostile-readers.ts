/**
 * Readers of outside text that no target of the fuzzer enters and that can be called alone: some of those that test/fuzz/readers.ts names with the
 * reason why. Each answers or refuses; what it throws besides is its fault.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeySource } from "../../src/access/oidc/keys.ts";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import { thawText } from "../../src/audit/redecide.ts";
import { readConfigFile } from "../../src/cli/config/config.ts";
import { InputError } from "../../src/cli/read/input.ts";
import type { Json } from "../../src/json/value.ts";
import { readHook } from "../../src/surfaces/hook/hook.ts";
import { clientIdOf, readClientId } from "../../src/surfaces/mcp/client-id.ts";
import { paramsOfMessage, receiveFromPeers } from "../../src/surfaces/receipts/http.ts";
import { must, mustBeUnpolluted, type Target } from "../fuzz/target.ts";
import { makeGround } from "../surfaces/threats/shop.ts";

const names = ["__proto__", "constructor", "prototype", "toString", "a", "length"];

/** A folder for as long as `use` takes. */
async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-hostile-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runPeer(input: string): Promise<void> {
  const { firewall } = makeGround();
  let given: Json | undefined;
  const receive = receiveFromPeers({
    enforcer: firewall,
    work: async ({ value }) => {
      given = value;
      const params = paramsOfMessage(value, names);
      for (const name of Object.keys(params)) must(Object.hasOwn(value as object, name), `a parameter that nobody sent: ${name}`);
      return undefined;
    },
  });
  const headers = { "content-type": "application/json" };
  const response = await receive(new Request("http://peer.test/", { method: "POST", headers, body: input }));
  must(given === undefined ? response.status >= 400 : response.status === 403, `a message answered with ${response.status}`);
}

async function runKeySet(input: string): Promise<void> {
  const fetcher = (async () => new Response(input)) as unknown as typeof fetch;
  const source = createKeySource({ url: "https://keys.example/jwks" }, { clock: () => 0, fetch: fetcher });
  for (const kid of [undefined, ...names]) {
    const found = await source.keysFor(kid);
    must(found === undefined || found.keys.length > 0, "a set without keys");
  }
}

async function runConfig(input: string): Promise<void> {
  await inFolder(async (folder) => {
    for (const name of ["sluice.json", "sluice.yaml"]) {
      writeFileSync(join(folder, name), input);
      await readConfigFile(join(folder, name)).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
      });
    }
  });
}

async function runLog(input: string): Promise<void> {
  await inFolder(async (folder) => {
    for (const name of ["records-000000000000000.jsonl", "openings-000000000000000.jsonl", "subjects.jsonl", "checkpoints.txt"])
      writeFileSync(join(folder, name), `${input}\n`);
    const log = await openJsonlAuditLog(folder, { readOnly: true }).catch(() => undefined);
    await log?.head();
  });
}

function runClientId(input: string): void {
  const secret = "a-secret-of-a-session";
  const capabilities = { a: input.slice(0, 512), [input.slice(0, 64)]: {} } as never;
  const id = clientIdOf(secret, { name: "c".repeat(48), hello: { revision: "2025-11-25", capabilities } as never });
  readClientId(secret, id);
  must(readClientId(secret, input.slice(0, 4_096)) === undefined, "an id that nobody made");
}

function runHook(input: string): void {
  const body = `"cursor_version":"1","hook_event_name":"afterMCPExecution","conversation_id":"c","tool_name":"order","tool_input":{}`;
  for (const member of ["tool_input", "result_json"]) readHook(`{${body.replace(',"tool_input":{}', "")},"${member}":${input}}`);
  readHook(`{${body},"result_json":${JSON.stringify(input)}}`);
  mustBeUnpolluted();
}

/** A set of keys as it is served. */
const keySet =
  '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","use":"sig","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}';

/** The readers. */
export const readersAlone: readonly Target[] = [
  { name: "peer-message", seeds: ['{"a":{"b":[1,"x"]},"c":null}'], run: runPeer },
  { name: "oidc-key-set", seeds: [keySet], run: runKeySet },
  {
    name: "config-file",
    seeds: ['{"mcpServers":{"a":{"command":"x","args":["b"],"env":{"K":"v"}}}}', '{"listen":{"port":8787},"store":"memory"}'],
    run: runConfig,
  },
  {
    name: "audit-folder",
    seeds: ['{"v":1,"seq":0,"at":1,"kind":"deny","facts":{"by":"x"},"values":{},"prev":"x"}'],
    run: runLog,
  },
  { name: "frozen-text", seeds: ['{"plan":{"nodes":{"a":{"tool":"s/t"}}},"digest":"x"}'], run: (input) => void thawText(input) },
  { name: "mcp-client-id", seeds: ["c.eyJhIjoxfQ.00"], run: runClientId },
  { name: "hook-cursor", seeds: ['{"content":[{"type":"text","text":"{}"}],"isError":false}'], run: runHook },
];
