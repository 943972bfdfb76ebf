/**
 * What every engine that is compared has to offer: an answer to a call as it arrives, in bytes. And what engines without a notion of values
 * that are made of others share: the host's own walk through them.
 * Never measures; that is `node.ts`.
 */
import type { PerfSession, Policy, Workload } from "./workload.ts";

/** An engine made ready: policy compiled, sessions where the workload wants them. */
export interface Peer {
  /** Whether the call may go ahead. `at` is its place in the workload. */
  check(raw: Buffer, at: number): boolean | Promise<boolean>;
  /** Done between two passes over all calls, outside the clock: what a check left behind is brought back to where it was. */
  settle?(): void;
}

/** Makes an engine ready. */
export type OpenPeer = (workload: Workload) => Peer | Promise<Peer>;

/** Handles of values that something untrusted had a part in: worked out when values arrive, before any call that uses them. */
export function taintedValues({ values }: PerfSession, { untrustedTools }: Policy): ReadonlySet<string> {
  const tainted = new Set<string>();
  const done = new Set<string>();
  const visit = (handle: string): boolean => {
    if (done.has(handle)) return tainted.has(handle);
    done.add(handle);
    const value = values[handle];
    if (value === undefined) return true;
    const isTainted = "src" in value ? untrustedTools.includes(value.src) : value.parents.some(visit);
    if (isTainted) tainted.add(handle);
    return isTainted;
  };
  for (const handle of Object.keys(values)) visit(handle);
  return tainted;
}
