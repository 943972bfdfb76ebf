/**
 * The form of a configuration file: unknown value → `Config`, or every fault with its place; the same form as JSON Schema 2020-12.
 * Pure. Never takes a member that it does not know: a misspelt one would be a limit that does not hold. No secret stands in the file itself.
 */
import * as z from "zod";
import { pointerOf } from "../../json/pointer.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { byName, exact, integer, list, name, nameRule, phrase, prose, text } from "../../plan/schema.ts";
import { checkJson } from "../../plan/schema-check.ts";
import { findingsOf } from "../../plan/schema-issue.ts";
import { err, ok, type Result } from "../../result.ts";

const optional = z.exactOptional;
const flag = z.boolean("expected true or false");
const pathCharsMax = 4_096;
const file = text(pathCharsMax, "expected the name of a file, from the folder of this one").meta({ description: "a file" });
const files = list(file, "names of files").min(1, "expected at least one file");
const url = text(pathCharsMax, "expected a URL, as in `https://tools.example/base`");
const variable = z
  .string("expected the name of a variable of the environment")
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "expected the name of a variable of the environment, as in `SLUICE_ADMIN_TOKEN`");
const secret = exact({ env: optional(variable), file: optional(file) }).meta({
  description: "where a secret is: a variable of the environment, or a file; one of the two",
});
const seconds = (max: number): z.ZodNumber => integer(1, max);

const header = z.union(
  [
    text(8_192, "expected text"),
    exact({ env: optional(variable), file: optional(file), prefix: optional(z.string("expected text")) }),
  ],
  'expected text, or where a secret is: {"env": VARIABLE} or {"file": PATH}, with perhaps a "prefix"',
);
const headerName = z.string("expected a name of a header").regex(/^[A-Za-z0-9-]{1,128}$/, "expected a name of a header");
const serverName = z.string(nameRule).regex(/^[A-Za-z0-9_.-]{1,64}$/, "a server's name has 1 to 64 of `A-Z a-z 0-9 _ . -`");
/** `url` or `command`: which of them, the reader of servers says. */
const mcpServer = exact({
  url: optional(url),
  era: optional(z.enum(["auto", "session", "stateless", "sse"], "expected `auto`, `session`, `stateless` or `sse`")),
  headers: optional(byName(headerName, header, "expected a name of a header")),
  command: optional(text(pathCharsMax, "expected a program")),
  args: optional(list(z.string("expected text"), "texts")),
  env: optional(
    z.union(
      [list(variable, "names of variables"), byName(variable, z.string("expected text"), "expected a name of a variable")],
      "expected a list of variables to hand on, or an object of texts",
    ),
  ),
});
const credential = exact({
  as: z.enum(["bearer", "basic", "header", "query", "cookie"], "expected `bearer`, `basic`, `header`, `query` or `cookie`"),
  name: optional(phrase),
  env: optional(variable),
  file: optional(file),
});
const apiServer = exact({
  url: optional(url),
  allowPrivate: optional(flag),
  credentials: optional(list(credential, "credentials")),
});
const claimValues = list(phrase, "values of the claim");
const oidc = exact({
  issuer: phrase,
  audience: phrase,
  jwks: optional(z.record(z.string(), z.unknown(), "expected a set of keys")),
  jwksUri: optional(url),
  algorithms: optional(list(phrase, "names of algorithms")),
  clockToleranceSeconds: optional(integer(0, 300)),
  name: optional(phrase),
  people: optional(byName(phrase, name, nameRule)),
  roles: exact({
    claim: phrase,
    viewer: optional(claimValues),
    approver: optional(claimValues),
    administrator: optional(claimValues),
  }),
});
const limits = exact({
  checks: optional(integer(1, 100_000)),
  principalChecks: optional(integer(1, 100_000)),
  sessionChecks: optional(integer(1, 100_000)),
  principalPerMinute: optional(integer(1, 10_000_000)),
  principalBurst: optional(integer(1, 1_000_000)),
  unknownPerMinute: optional(integer(1, 10_000_000)),
  addressFailuresPerMinute: optional(integer(1, 1_000_000)),
});

const config = exact({
  plans: optional(files),
  policies: optional(files),
  listen: optional(exact({ host: optional(phrase), port: optional(integer(0, 65_535)) })),
  store: optional(
    z.union(
      [text(pathCharsMax, "expected `memory`, a file, or a URL"), secret],
      'expected `memory`, a file, a URL without a password, or where the URL is: {"env": VARIABLE} or {"file": PATH}',
    ),
  ),
  storeTimeoutMs: optional(integer(1, 300_000)),
  secrets: optional(
    exact({
      admin: optional(secret),
      approvers: optional(byName(name, secret, nameRule)),
      webhook: optional(secret),
    }),
  ),
  admin: optional(exact({ host: optional(phrase), port: optional(integer(0, 65_535)) })),
  access: optional(
    exact({
      hosts: optional(list(phrase, "names of this server")),
      publicUrl: optional(url),
      oidc: optional(oidc),
    }),
  ),
  session: optional(
    exact({ principal: phrase, params: optional(z.record(z.string(), z.unknown(), "expected an object of parameters")) }),
  ),
  sessions: optional(
    exact({
      seconds: optional(seconds(31_622_400)),
      leaseSeconds: optional(seconds(86_400)),
      holdSeconds: optional(seconds(31_622_400)),
    }),
  ),
  grants: optional(z.enum(["none", "required"], "expected `none` or `required`")),
  approvals: optional(exact({ waitSeconds: optional(seconds(3_600)), webhook: optional(url) })),
  receipts: optional(exact({ key: file })),
  limits: optional(limits),
  shutdownSeconds: optional(integer(0, 600)),
  clockSkewSeconds: optional(integer(0, 300)),
  reload: optional(
    exact({
      watch: optional(flag),
      unloaded: optional(z.enum(["serve", "deny"], "expected `serve` or `deny`")),
    }),
  ),
  audit: optional(text(pathCharsMax, "expected a file, a folder, or a URL without a password")),
  auditStream: optional(url),
  telemetry: optional(exact({ otlp: optional(url) })),
  retention: optional(z.record(z.string(), z.unknown(), "expected an object")),
  servers: optional(byName(serverName, mcpServer, nameRule)),
  serve: optional(
    exact({
      upstream: optional(url),
      observe: optional(
        exact({
          reason: prose.min(1, "say why"),
          until: phrase,
          record: file,
          recordPolicy: optional(file),
          catalog: optional(text(pathCharsMax, "expected a catalogue")),
          runHeader: optional(headerName),
        }),
      ),
      draft: optional(
        exact({
          catalog: text(pathCharsMax, "expected a catalogue"),
          models: optional(file),
          threads: optional(integer(1, 64)),
          calibration: optional(file),
          cache: optional(file),
          memory: optional(file),
          endpoint: optional(url),
          model: optional(phrase),
          keyEnv: optional(variable),
          threshold: optional(
            z
              .number("expected a number from 0 to 1")
              .min(0, "expected a number from 0 to 1")
              .max(1, "expected a number from 0 to 1"),
          ),
        }),
      ),
    }),
  ),
  gateway: optional(
    exact({
      names: optional(z.enum(["qualified", "bare"], "expected `qualified` or `bare`")),
      recheckSeconds: optional(seconds(86_400)),
      oauth: optional(file),
      hosts: optional(list(phrase, "names of hosts")),
      origins: optional(list(phrase, "origins")),
    }),
  ),
  proxy: optional(
    exact({
      openapi: optional(byName(serverName, file, nameRule)),
      catalogs: optional(files),
      upstreams: optional(byName(serverName, apiServer, nameRule)),
      showHeaders: optional(list(headerName, "names of headers")),
      forward: optional(flag),
    }),
  ),
  modelProxy: optional(
    exact({
      upstream: optional(url),
      key: optional(secret),
      keyHeader: optional(z.enum(["authorization", "x-api-key"], "expected `authorization` or `x-api-key`")),
      tokenInPath: optional(flag),
      members: optional(list(phrase, "names of members")),
    }),
  ),
  mcp: optional(exact({ server: optional(serverName) })),
});

/** A configuration as its file says it. Paths are from the folder of the file; absent members keep their defaults. */
export type Config = z.infer<typeof config>;

/** Where a secret is: a variable of the environment, or a file. */
export type SecretPlace = z.infer<typeof secret>;

/**
 * Reads a value as a configuration. Every fault is one finding with a JSON pointer: `CONFIG_JSON`, `CONFIG_TYPE`, `CONFIG_MISSING`,
 * `CONFIG_MEMBER` (unknown), `CONFIG_NAME`, `CONFIG_FORMAT`, `CONFIG_RANGE`, `CONFIG_VALUE`.
 */
export function parseConfig(value: Json): Result<Config, readonly Finding[]> {
  const faults = checkJson(value);
  if (faults.length > 0) return err(faults.map(ofConfig));
  const result = config.safeParse(value, { jitless: true });
  if (!result.success) return err(findingsOf(result.error.issues, value).map(ofConfig));
  const parsed = value as unknown as Config;
  const extra = [...ambiguousSecrets(value), ...openPasswords(parsed)];
  return extra.length > 0 ? err(extra) : ok(parsed);
}

/** What the shared readers of plans call `PLAN_…` is `CONFIG_…` here. */
function ofConfig(finding: Finding): Finding {
  return { ...finding, code: finding.code.replace(/^PLAN_/, "CONFIG_") as Finding["code"] };
}

function fault(path: readonly (string | number)[], message: string): Finding {
  return { code: "CONFIG_VALUE", severity: "error", pointer: pointerOf(path), message };
}

const secretsAt = [
  ["store"],
  ["secrets", "admin"],
  ["secrets", "approvers", "*"],
  ["secrets", "webhook"],
  ["modelProxy", "key"],
  ["servers", "*", "headers", "*"],
  ["proxy", "upstreams", "*", "credentials", "*"],
] as const;

/** A secret has one place: neither none nor two. */
function ambiguousSecrets(root: Json): readonly Finding[] {
  return secretsAt.flatMap((pattern) =>
    placesOf(root, pattern).flatMap(([path, value]) => {
      if (typeof value === "string") return [];
      const isOne = Object.hasOwn(value, "env") !== Object.hasOwn(value, "file");
      return isOne ? [] : [fault(path, "a secret has one place: either `env` (a variable) or `file` (a path)")];
    }),
  );
}

type Found = readonly (readonly [readonly string[], string | object])[];

/** The places of a document that a pattern fits; `*` is any member. */
function placesOf(value: unknown, pattern: readonly string[], path: readonly string[] = []): Found {
  const [step, ...rest] = pattern;
  if (step === undefined)
    return typeof value === "string" || (typeof value === "object" && value !== null) ? [[path, value]] : [];
  if (typeof value !== "object" || value === null) return [];
  const keys = step === "*" ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : [];
  return keys.flatMap((key) => placesOf((value as { readonly [key: string]: unknown })[key], rest, [...path, key]));
}

/** A password in the file would be a secret that everybody who may read the file has. */
function openPasswords({ store, audit, auditStream }: Config): readonly Finding[] {
  const isOpen = (text: unknown): boolean => typeof text === "string" && URL.canParse(text) && new URL(text).password !== "";
  const named = { audit: "SLUICE_AUDIT", auditStream: "SLUICE_AUDIT_STREAM" };
  return [
    ...(isOpen(store)
      ? [
          fault(
            ["store"],
            'the URL has a password: put the whole URL into the environment or a file, {"env": "SLUICE_STORE_URL"}',
          ),
        ]
      : []),
    ...Object.entries({ audit, auditStream }).flatMap(([name, text]) => {
      const variable = named[name as keyof typeof named];
      return isOpen(text)
        ? [fault([name], `the URL has a password: give the whole URL as ${variable}, or in the file that ${variable}_FILE names`)]
        : [];
    }),
  ];
}

/** The form of a configuration as JSON Schema (draft 2020-12), as published in `config.schema.json`. */
export function configJsonSchema(): JsonObject {
  const ids = z.registry<{ readonly id: string }>();
  ids.add(secret, { id: "Secret" });
  ids.add(mcpServer, { id: "McpServer" });
  ids.add(apiServer, { id: "ApiServer" });
  const schema = z.toJSONSchema(config, { target: "draft-2020-12", metadata: ids }) as unknown as JsonObject;
  return { title: "Sluice configuration", ...schema };
}
