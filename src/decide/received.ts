/**
 * Data that came from another agent: the label that its receipt gives it, as the session takes it in.
 * Pure. No I/O, no clock. What is here was judged before (`receipts/admit.ts`); it only raises labels, and its links only explain.
 */
import { bottom, join, type Label, type LabelSpace, type LabelValue } from "../taint/label.ts";
import type { ChainLink } from "./chain.ts";

/** What a receipt, or the lack of one, makes of data from another agent. Plain JSON. */
export interface Received {
  /** Label of the data itself. */
  readonly label: LabelValue;
  /** What the agent that sent it had read: whatever it sent, and that it sent anything, may come from there. */
  readonly context?: LabelValue;
  /** Where the data was before, oldest first; for the operator. */
  readonly links: readonly ChainLink[];
  /** Who may be answered: the key of the issuer, and the id of the receipt. Absent: nobody has signed for it. */
  readonly from?: Sender;
}

/** Whose receipt it was. */
export interface Sender {
  /** Thumbprint of the issuer's key (RFC 7638). */
  readonly key: string;
  /** Id of the receipt. */
  readonly receipt: string;
}

/** Parameters of a session that came in a message of another agent: they carry its label in place of the user's. */
export interface ReceivedParams extends Received {
  readonly params: readonly string[];
  /** Labels of single parameters, where they are known apart; others have that of the whole. */
  readonly parts?: { readonly [param: string]: LabelValue };
}

/** {@link Received}, in the labels of a program. */
export interface Inbound {
  readonly params: ReadonlyMap<string, Label>;
  /** Of all of it. */
  readonly label: Label;
  readonly context: Label;
  readonly links: readonly ChainLink[];
  readonly from: Sender | undefined;
}

/** What came in, in the labels of one plan. */
export function inboundOf(labels: LabelSpace, received: Received & Partial<ReceivedParams>): Inbound {
  const { params = [], parts = {}, label, context, links, from } = received;
  const whole = labels.fromForeign(label);
  const own = new Map(
    params.map((name) => [name, Object.hasOwn(parts, name) ? labels.fromForeign(parts[name] as LabelValue) : whole]),
  );
  return {
    params: own,
    label: [...own.values()].reduce(join, whole),
    context: context === undefined ? bottom : labels.fromForeign(context),
    links,
    from,
  };
}

/** The labels of parameters that came from other agents; a parameter of several messages has them all. */
export function paramLabelsOf(inbound: readonly Inbound[]): Map<string, Label> {
  const labels = new Map<string, Label>();
  for (const { params } of inbound) for (const [name, label] of params) labels.set(name, join(labels.get(name) ?? bottom, label));
  return labels;
}
