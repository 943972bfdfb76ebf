/**
 * An issuer's labels in our names: only what the policy lets it speak about, everything else `unknown`.
 * Pure. No I/O, no clock. Never returns less than the issuer said of what it may speak about.
 */
import { unknownName } from "../plan/built-in-labels.ts";
import type { Issuer } from "../policy/policy.ts";
import { everyLabel, type LabelValue } from "../taint/label.ts";

/** What an issuer may speak about. */
export type Terms = Extract<Issuer, { readonly key: object }>;

/** The label as this policy reads it. */
export function translateLabel({ labels = {}, constants = unknownName, readers = {} }: Terms, label: LabelValue): LabelValue {
  const ours = (theirs: string): readonly string[] => {
    if (theirs === everyLabel) return [everyLabel];
    const known = Object.hasOwn(labels, theirs) ? labels[theirs] : undefined;
    return known === undefined ? [unknownName] : [known].flat();
  };
  const named = (theirs: readonly string[]): readonly string[] => [...new Set(theirs.flatMap(ours))].sort();
  const sources = label.sources.length === 0 ? [...new Set([constants].flat())].sort() : named(label.sources);
  const untrusted = named(label.untrusted ?? []);
  return { sources, readers: readersOf(readers, label.readers), ...(untrusted.length === 0 ? {} : { untrusted }) };
}

/** Who of those that may read it there is known here; a reader whom nobody lists is somebody else. */
function readersOf(known: { readonly [theirs: string]: string }, theirs: readonly string[] | null): readonly string[] | null {
  if (theirs === null) return null;
  const ours = theirs.flatMap((name) => (Object.hasOwn(known, name) ? [known[name] as string] : []));
  return [...new Set(ours)].sort();
}
