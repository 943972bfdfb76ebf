/**
 * Names of the objects of a tenant.
 * Never one name for two things: the tenant's name has no slash.
 */
import { canonicalJson } from "../../json/canonical.ts";

/** The object that holds a session. */
export function sessionObjectName(tenant: string, session: string): string {
  return `${tenant}/${canonicalJson(session)}`;
}

/** The object that holds what the sessions of a tenant share. */
export function sharedObjectName(tenant: string): string {
  return tenant;
}
