/**
 * What a URL of a PostgreSQL database says, as settings of the driver `pg`.
 * Never takes a connection for protected that is not, and never repeats a URL in an error: it may hold a password.
 */
import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { ConfigError } from "../../result.ts";

/** Settings of a connection. */
export interface PostgresConnectionSettings {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly ssl: false | PostgresTls;
}

/** How the server is recognised, and we by it. */
interface PostgresTls {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

const modes = ["disable", "require", "verify-ca", "verify-full"] as const;
const parameters: ReadonlySet<string> = new Set(["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "schema"]);

/** Reads a URL of a PostgreSQL database. Throws `ConfigError`. */
export function readPostgresUrl(text: string): { readonly connection: PostgresConnectionSettings; readonly schema?: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new ConfigError("the store's URL must be `postgres://[user[:password]@]host[:port]/database`");
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined)
    throw new ConfigError(`the store's URL may have ${[...parameters].join(", ")}, and no other parameter`);
  const schema = url.searchParams.get("schema");
  const host = url.searchParams.get("host") ?? url.hostname.replace(/^\[|\]$/g, "");
  const database = decoded(url.pathname.slice(1));
  return {
    connection: {
      ...(host === "" ? {} : { host: decoded(host) }),
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      ...(url.username === "" ? {} : { user: decoded(url.username) }),
      ...(url.password === "" ? {} : { password: decoded(url.password) }),
      ...(database === "" ? {} : { database }),
      ssl: tlsOf(url.searchParams, host),
    },
    ...(schema === null ? {} : { schema }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("the store's URL has a `%` that is not followed by two hexadecimal digits");
  }
}

/**
 * `sslmode` as libpq has it, but for `allow` and `prefer`, which fall back to no protection at all and are refused. Without one, a server on
 * this machine is spoken to in the clear, and any other must prove its name (`verify-full`).
 */
function tlsOf(url: URLSearchParams, host: string): false | PostgresTls {
  const isHere = host === "" || host.startsWith("/") || /^(?:localhost|127\.[0-9.]+|::1)$/.test(host);
  const mode = url.get("sslmode") ?? (isHere ? "disable" : "verify-full");
  if (!(modes as readonly string[]).includes(mode)) throw new ConfigError(`\`sslmode\` must be one of ${modes.join(", ")}`);
  if (mode === "disable") return false;
  const [ca, cert, key] = (["sslrootcert", "sslcert", "sslkey"] as const).map((name) => fileOf(name, url.get(name)));
  return {
    // As libpq: with a root of its own, `require` verifies it.
    rejectUnauthorized: mode !== "require" || ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    checkServerIdentity: mode === "verify-full" ? (_, certificate) => checkServerIdentity(host, certificate) : () => undefined,
  };
}

function fileOf(name: string, path: string | null): string | undefined {
  if (path === null) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ConfigError(`the file of \`${name}\` cannot be read`);
  }
}
