/**
 * Who asks, and what they may: people and programs at the host's routes and the dashboard, never agents.
 * Types and constants only. An identity holds no secret, and is never made but of a credential that was checked.
 */
import type { Code } from "../codes.ts";

/** The roles, each with all that those before it may: look; decide held calls, amendments and plans; change everything. */
export const roles = ["viewer", "approver", "administrator"] as const;

/** A role. */
export type Role = (typeof roles)[number];

/** Whether `role` may do what needs `wanted`. */
export function includes(role: Role, wanted: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(wanted);
}

/** Whether a text is a role. */
export function isRole(text: unknown): text is Role {
  return roles.some((role) => role === text);
}

/** Who asks. */
export interface Identity {
  /** What the audit log calls whoever it is: a person's name, `oidc:` and the name of a claim, or `host` and `host:read`. */
  readonly name: string;
  readonly role: Role;
  /** `host`: the host's own credential, which is nobody's name and decides nothing; `secret`: a person's of the configuration. */
  readonly by: "host" | "token" | "oidc" | "secret";
  /** `basic`: name and secret that a browser asked for (RFC 7617). Both `basic` and `cookie` are sent along by browsers without being asked. */
  readonly via: "bearer" | "cookie" | "basic";
  /** Of which credential, where there are several of one name: the id of a token. Never a secret. */
  readonly credential?: string;
}

/** Whether an identity is a person's, who may decide what waits for a human. */
export function isPerson({ by }: Pick<Identity, "by">): boolean {
  return by !== "host";
}

/** Why a request is not let through. */
export interface AccessProblem {
  readonly code: Extract<Code, "AUTH_REQUIRED" | "AUTH_DENIED" | "RATE_LIMITED" | "STORE_UNAVAILABLE">;
  /** What was wrong, in words of ours; nothing of the request. */
  readonly message?: string;
}

/** What a handler finds in its context, behind `needs`. */
export interface AccessVariables {
  readonly identity: Identity;
}
