/**
 * Which functions of src/ read text from outside, and why some of them have no target.
 * A function is a reader if it calls one of the strict readers, makes a URL, or says so by its name and first parameter.
 */
import { filesIn } from "../tidy/source.ts";
import { instrument } from "./instrument.ts";

/** `path#function` of every reader in src/. */
export function readersInSource(): readonly string[] {
  return filesIn("src")
    .filter(({ path }) => path.endsWith(".ts"))
    .flatMap(({ path, text }) => instrument(text, 0).readers.map((name) => `${path}#${name}`))
    .filter((reader) => !reader.endsWith("#<module>"));
}

const why = {
  named: "a URL or file that the operator names at start, given to `new URL` or to a reader with a target and to nothing else",
  file: "reads a file by its path: the text in it goes to a reader with a target",
  process: "part of a command that serves, starts programs or asks a host: its processes have tests of their own (test/cli)",
  own: "a file of the package itself, or the demo over it",
  document: "a document that the store keeps under its digest: `frozen`, `store-rows` and `sealed` read such texts",
  log: "a line or opening of an audit log: `audit-record` and `sealed` read such texts, and test/audit/forged changes whole logs",
  worker: "asks Durable Objects or D1 for its own rows, which need workerd: test/workers; `store-rows` reads their texts",
  routes:
    "reads by `readJsonBytes` or `readJson` behind a credential; the value goes to readers with targets; its routes have tests",
  inference: "local inference: nothing that decides a call may import it, and what it drafts is read by `plan`",
  peer: "needs a signature, a peer or another transport that no mutation makes: tests of its surface play them",
  alias: "an alias: `importText` of the import targets goes the same way",
} as const;

/** Readers without a target: a path or a `path#function`, and why. A row that a target has come to reach must go. */
export const withoutTarget: Readonly<Record<string, string>> = {
  "src/access/create-access.ts": why.named,
  "src/access/oidc/keys.ts#readUrl": why.named,
  "src/cli/audit/writing.ts": why.named,
  "src/cli/commands/model-proxy.ts": why.named,
  "src/cli/commands/ready.ts": why.named,
  "src/cli/commands/serve.ts": why.named,
  "src/cli/commands/token.ts": why.named,
  "src/cli/server/otlp.ts": why.named,
  "src/cli/server/telemetry.ts#openTelling": why.named,
  "src/surfaces/firewall-app.ts": why.named,
  "src/surfaces/approval-webhook.ts": why.named,
  "src/surfaces/mcp/oauth.ts": why.named,
  "src/infer/endpoint/address.ts": why.named,
  "src/audit/nats/url.ts#decoded": why.named,
  "src/cli/audit/log.ts": why.file,
  "src/cli/config/config.ts#readConfigFile": why.file,
  "src/cli/config/secret.ts": why.file,
  "src/cli/read/input.ts#readRecordedFile": why.file,
  "src/cli/read/plan-file.ts": why.file,
  "src/cli/audit/signal-state.ts": why.file,
  "src/cli/read/starter.ts": why.file,
  "src/cli/mcp/oauth.ts": why.file,
  "src/infer/memory/folder.ts": why.file,
  "src/cli/server/gate.ts": why.process,
  "src/cli/host/host.ts": why.process,
  "src/cli/mcp/observe.ts": why.process,
  "src/cli/observe/forward.ts": why.process,
  "src/cli/server/recordings.ts": why.process,
  "src/cli/start.ts": why.process,
  "src/cli/demo/example.ts": why.own,
  "src/cli/demo/play.ts": why.own,
  "src/cli/demo/tools.ts": why.own,
  "src/cli/own-program.ts": why.own,
  "src/approval/plan.ts": why.document,
  "src/audit/redecide.ts": why.document,
  "src/surfaces/enforce/session/children.ts": why.document,
  "src/worker/served-plans.ts#loadServed": why.document,
  "src/dashboard/live/changes.ts": why.document,
  "src/dashboard/live/plan-names.ts": why.document,
  "src/dashboard/plans/drafts.ts": why.document,
  "src/stores/encrypted.ts": why.document,
  "src/audit/jsonl.ts": why.log,
  "src/audit/open-values.ts": why.log,
  "src/audit/subjects.ts": why.log,
  "src/dashboard/record/openings.ts": why.log,
  "src/stores/cloudflare/change.ts": why.worker,
  "src/stores/cloudflare/journal.ts": why.worker,
  "src/stores/cloudflare/listing.ts": why.worker,
  "src/stores/cloudflare/session-object.ts": why.worker,
  "src/worker/create-worker.ts": why.worker,
  "src/worker/served-plans.ts#takePlan": why.worker,
  "src/surfaces/hono/amendment-routes.ts": why.routes,
  "src/surfaces/hono/approver.ts": why.routes,
  "src/surfaces/hono/draft-routes.ts": why.routes,
  "src/surfaces/hono/token-routes.ts": why.routes,
  "src/dashboard/pages/audit.ts": why.routes,
  "src/dashboard/pages/drafts.ts": why.routes,
  "src/dashboard/record/search.ts#readTime": why.routes,
  "src/cli/draft/batch.ts": why.inference,
  "src/infer/endpoint/decode.ts": why.inference,
  "src/infer/endpoint/request.ts": why.inference,
  "src/infer/review/said.ts": why.inference,
  "src/infer/runtime/files.ts": why.inference,
  "src/infer/runtime/models.ts": why.inference,
  "src/infer/runtime/tokenizer.ts": why.inference,
  "src/infer/values/lists.ts": why.inference,
  "src/access/oidc/keys.ts#readKeySet": why.peer,
  "src/surfaces/receipts/http.ts": why.peer,
  "src/surfaces/mcp/client-id.ts#readSaid": why.peer,
  "src/surfaces/mcp/upstream-sse.ts": why.peer,
  "src/surfaces/observe/request.ts": why.peer,
  "src/surfaces/adapters/openai-agents.ts": why.peer,
  "src/surfaces/hook/cursor.ts": why.peer,
  "src/surfaces/http-proxy.ts": why.peer,
  "src/intent/import.ts#importCalls": why.alias,
};
