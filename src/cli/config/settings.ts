/**
 * What can be set, where: an option of a command line, a member of the configuration file, a variable of the environment. One table for all commands.
 * Pure data. A secret is no setting: it has no option and no member of its own (`secrets` of the configuration says where it is).
 */
import type { Config } from "./form.ts";

/** Commands that take a configuration. */
export type ConfiguredCommand = "serve" | "gateway" | "proxy" | "model-proxy" | "mcp";

/** One thing that can be set. */
export interface Setting {
  /** Name of the option, as the command's code has it. */
  readonly option: string;
  /** Where it stands in the file. */
  readonly at: readonly string[];
  /** Its value in the file, as the option's own reader takes it; absent: not set there. */
  readonly of: (config: Config) => string | readonly string[] | boolean | undefined;
  readonly env?: string;
  /** `path`: the text is a file's, from the folder of the configuration. `paths`: several. */
  readonly kind?: "path" | "paths";
  /** Commands that have it; absent: all that have the option. */
  readonly only?: readonly ConfiguredCommand[];
  /** What is said elsewhere too holds besides, not in its place. */
  readonly adds?: true;
}

const numberText = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** Every setting. The order is that of the documentation. */
export const settings: readonly Setting[] = [
  { option: "plan", at: ["plans"], of: ({ plans }) => plans, env: "SLUICE_PLANS", kind: "paths" },
  // Policies only forbid: one that is named anywhere holds.
  { option: "policy", at: ["policies"], of: ({ policies }) => policies, env: "SLUICE_POLICIES", kind: "paths", adds: true },
  { option: "host", at: ["listen", "host"], of: ({ listen }) => listen?.host, env: "SLUICE_HOST" },
  { option: "port", at: ["listen", "port"], of: ({ listen }) => numberText(listen?.port), env: "SLUICE_PORT" },
  { option: "adminHost", at: ["admin", "host"], of: ({ admin }) => admin?.host, env: "SLUICE_ADMIN_HOST" },
  { option: "adminPort", at: ["admin", "port"], of: ({ admin }) => numberText(admin?.port), env: "SLUICE_ADMIN_PORT" },
  { option: "adminName", at: ["access", "hosts"], of: ({ access }) => access?.hosts, env: "SLUICE_ADMIN_NAMES" },
  { option: "publicUrl", at: ["access", "publicUrl"], of: ({ access }) => access?.publicUrl, env: "SLUICE_PUBLIC_URL" },
  { option: "principal", at: ["session", "principal"], of: ({ session }) => session?.principal, env: "SLUICE_PRINCIPAL" },
  {
    option: "params",
    at: ["session", "params"],
    of: ({ session }) => (session?.params === undefined ? undefined : JSON.stringify(session.params)),
  },
  {
    option: "grants",
    at: ["grants"],
    of: ({ grants }) => (grants === undefined ? undefined : grants === "required"),
    env: "SLUICE_GRANTS",
  },
  {
    option: "approvalWait",
    at: ["approvals", "waitSeconds"],
    of: ({ approvals }) => numberText(approvals?.waitSeconds),
    env: "SLUICE_APPROVAL_WAIT",
  },
  {
    option: "approvalWebhook",
    at: ["approvals", "webhook"],
    of: ({ approvals }) => approvals?.webhook,
    env: "SLUICE_APPROVAL_WEBHOOK",
  },
  { option: "otlp", at: ["telemetry", "otlp"], of: ({ telemetry }) => telemetry?.otlp, env: "OTEL_EXPORTER_OTLP_ENDPOINT" },
  { option: "receiptKey", at: ["receipts", "key"], of: ({ receipts }) => receipts?.key, env: "SLUICE_RECEIPT_KEY", kind: "path" },
  { option: "audit", at: ["audit"], of: ({ audit }) => audit, env: "SLUICE_AUDIT", kind: "path" },
  { option: "auditStream", at: ["auditStream"], of: ({ auditStream }) => auditStream, env: "SLUICE_AUDIT_STREAM" },
  {
    option: "shutdown",
    at: ["shutdownSeconds"],
    of: ({ shutdownSeconds }) => numberText(shutdownSeconds),
    env: "SLUICE_SHUTDOWN_SECONDS",
  },
  {
    option: "clockSkew",
    at: ["clockSkewSeconds"],
    of: ({ clockSkewSeconds }) => numberText(clockSkewSeconds),
    env: "SLUICE_CLOCK_SKEW_SECONDS",
  },
  { option: "watch", at: ["reload", "watch"], of: ({ reload }) => reload?.watch, env: "SLUICE_WATCH" },
  ...serveSettings(),
  ...gatewaySettings(),
  {
    option: "openapi",
    at: ["proxy", "openapi"],
    of: ({ proxy }) =>
      proxy?.openapi === undefined ? undefined : Object.entries(proxy.openapi).map(([server, file]) => `${server}=${file}`),
    kind: "paths",
    only: ["proxy"],
  },
  { option: "catalog", at: ["proxy", "catalogs"], of: ({ proxy }) => proxy?.catalogs, kind: "paths", only: ["proxy"] },
  { option: "showHeader", at: ["proxy", "showHeaders"], of: ({ proxy }) => proxy?.showHeaders, only: ["proxy"] },
  { option: "forward", at: ["proxy", "forward"], of: ({ proxy }) => proxy?.forward, only: ["proxy"] },
  {
    option: "upstream",
    at: ["modelProxy", "upstream"],
    of: ({ modelProxy }) => modelProxy?.upstream,
    env: "SLUICE_UPSTREAM",
    only: ["model-proxy"],
  },
  { option: "keyHeader", at: ["modelProxy", "keyHeader"], of: ({ modelProxy }) => modelProxy?.keyHeader, only: ["model-proxy"] },
  {
    option: "tokenInPath",
    at: ["modelProxy", "tokenInPath"],
    of: ({ modelProxy }) => modelProxy?.tokenInPath,
    only: ["model-proxy"],
  },
  { option: "allowMember", at: ["modelProxy", "members"], of: ({ modelProxy }) => modelProxy?.members, only: ["model-proxy"] },
  { option: "server", at: ["mcp", "server"], of: ({ mcp }) => mcp?.server, only: ["mcp"] },
];

function serveSettings(): readonly Setting[] {
  const observe = ["reason", "until", "record", "recordPolicy", "catalog", "runHeader"] as const;
  const draft = [
    "catalog",
    "models",
    "threads",
    "calibration",
    "cache",
    "memory",
    "endpoint",
    "model",
    "keyEnv",
    "threshold",
  ] as const;
  const paths: ReadonlySet<string> = new Set(["record", "recordPolicy", "models", "calibration", "cache", "memory"]);
  const only = ["serve"] as const;
  return [
    { option: "upstream", at: ["serve", "upstream"], of: ({ serve }) => serve?.upstream, env: "SLUICE_UPSTREAM", only },
    ...observe.map(
      (name): Setting => ({
        option: name === "reason" ? "observe" : name,
        at: ["serve", "observe", name],
        of: ({ serve }) => serve?.observe?.[name],
        only,
        ...(paths.has(name) ? { kind: "path" } : {}),
      }),
    ),
    { option: "draft", at: ["serve", "draft"], of: ({ serve }) => (serve?.draft === undefined ? undefined : true), only },
    ...draft.map(
      (name): Setting => ({
        option: name,
        at: ["serve", "draft", name],
        of: ({ serve }) => {
          const value = serve?.draft?.[name];
          return typeof value === "number" ? String(value) : value;
        },
        only,
        ...(paths.has(name) ? { kind: "path" } : {}),
      }),
    ),
  ];
}

function gatewaySettings(): readonly Setting[] {
  const only = ["gateway"] as const;
  return [
    { option: "names", at: ["gateway", "names"], of: ({ gateway }) => gateway?.names, only },
    { option: "recheck", at: ["gateway", "recheckSeconds"], of: ({ gateway }) => numberText(gateway?.recheckSeconds), only },
    { option: "oauth", at: ["gateway", "oauth"], of: ({ gateway }) => gateway?.oauth, kind: "path", only },
    { option: "allowHost", at: ["gateway", "hosts"], of: ({ gateway }) => gateway?.hosts, only },
    { option: "allowOrigin", at: ["gateway", "origins"], of: ({ gateway }) => gateway?.origins, only },
  ];
}

/** A variable of the environment that is no setting of a command line. */
export interface OtherVariable {
  readonly name: string;
  /** In its place `NAME_FILE` may name a file with the value. */
  readonly takesFile?: true;
  /** Who reads it, and what for: a sentence of the documentation. */
  readonly meaning: string;
}

/** Variables of the environment that are read besides those of {@link settings}. */
export const otherVariables: readonly OtherVariable[] = [
  { name: "SLUICE_CONFIG", meaning: "The configuration file of commands that take `--config`." },
  {
    name: "SLUICE_ADMIN_TOKEN",
    takesFile: true,
    meaning:
      "The host's credential, 16 to 512 printable ASCII characters: servers take it, and commands that ask a server send it. Absent: made at the first start and kept beside the store (`FILE.token`).",
  },
  {
    name: "SLUICE_APPROVERS",
    takesFile: true,
    meaning: "People who decide held calls, amendments and drafts: `NAME=SECRET,…`, or one a line.",
  },
  {
    name: "SLUICE_APPROVER_TOKEN",
    meaning: "The credential of the person who runs `sluice approvals` and `sluice amendments`.",
  },
  { name: "SLUICE_WEBHOOK_SECRET", takesFile: true, meaning: "Signs what `--approval-webhook` is told." },
  {
    name: "SLUICE_STORE",
    takesFile: true,
    meaning: "What `--store` names: the place of a URL with a password, which a command line must not hold.",
  },
  {
    name: "SLUICE_STORE_KEYS",
    takesFile: true,
    meaning:
      "Keys of an encrypted store, `ID=SECRET,…`: the first seals, the others still open. `sluice store key ID` makes one.",
  },
  {
    name: "SLUICE_STORE_PLAIN",
    meaning: "`read`: with keys, also take what lies in the store unsealed, while an old store is taken over.",
  },
  { name: "SLUICE_AUDIT", takesFile: true, meaning: "What `--audit` names, where it is a URL with a password." },
  { name: "SLUICE_AUDIT_STREAM", takesFile: true, meaning: "What `--audit-stream` names, where it is a URL with a password." },
  {
    name: "SLUICE_AUDIT_KEYS",
    takesFile: true,
    meaning:
      "Keys of the audit log, as `sluice audit keys` makes them. Absent: in `LOG.keys.json` beside a file or folder; needed for a database.",
  },
  {
    name: "SLUICE_SESSION_KEY",
    meaning:
      "32 to 512 printable ASCII characters, with `gateway --oauth`: a principal has one session over all processes that have the same key.",
  },
  { name: "SLUICE_DEBUG", meaning: "Anything: a fault of Sluice (exit 3) comes with its stack." },
];

/** With `_FILE` behind it, each of these names a file. */
export const secretVariables: readonly string[] = otherVariables
  .filter(({ takesFile }) => takesFile === true)
  .map(({ name }) => name);
