/**
 * What the configuration says of who may look and decide: names of this server, its public address, an identity provider.
 * Never takes a key of a provider that is no public one, and never fetches anything by itself.
 */
import type { AccessOptions } from "../../access/access.ts";
import { InputError } from "../read/input.ts";
import type { Settled } from "./config.ts";

/** Options of the commands that listen. */
export interface AccessSettings {
  /** Absent or empty: nobody listens. */
  readonly host?: string;
  readonly adminHost?: string;
  readonly adminPort?: number;
  readonly adminName?: readonly string[];
  readonly publicUrl?: string;
}

/** The part of `createAccess` that is configured. */
export function accessSettings(settled: Settled<AccessSettings>): Pick<AccessOptions, "hosts" | "publicUrl" | "oidc"> {
  const { config, options } = settled;
  const { host, adminHost, adminName = [], publicUrl } = options;
  const own = [host, adminHost].filter(
    (name): name is string => name !== undefined && /[a-z]/i.test(name) && !name.includes(":"),
  );
  const { oidc } = config.access ?? {};
  if (oidc === undefined) return { hosts: [...adminName, ...own], ...(publicUrl === undefined ? {} : { publicUrl }) };
  const { jwks, jwksUri, ...others } = oidc;
  if ((jwks === undefined) === (jwksUri === undefined))
    throw new InputError(`${settled.source ?? ""}: /access/oidc: either \`jwks\` or \`jwksUri\` is needed`);
  const keys = jwks === undefined ? { url: jwksUri ?? "" } : (jwks as unknown as NonNullable<AccessOptions["oidc"]>["keys"]);
  return {
    hosts: [...adminName, ...own],
    ...(publicUrl === undefined ? {} : { publicUrl }),
    oidc: { ...others, keys },
  };
}
