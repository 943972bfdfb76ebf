/**
 * `sluice/receipts`: labels between agents, in receipts that their Sluices sign for each other.
 * Named re-exports only. For surfaces of one's own; those of Sluice carry receipts by themselves.
 */
export { admitReceipt, type Admitted, type ReceiptReceiver } from "../receipts/admit.ts";
export { type IssuedReceipt, issueReceipt, type Outgoing, type ReceiptIssuer } from "../receipts/issue.ts";
export { type ReceiptKey, receiptKey } from "../receipts/key.ts";
export { type Purpose, receiptHeader, receiptMeta, valueDigest } from "../receipts/receipt.ts";
export type { Arrival, ReceiptFault } from "../receipts/verify.ts";
export { type A2aMessage, a2aReceipt, a2aValue, withA2aReceipt } from "./receipts/a2a.ts";
export {
  paramsOfMessage,
  type PeerAnswer,
  type PeerMessage,
  type PostOptions,
  postToPeer,
  receiveFromPeers,
  type ReceiverOptions,
} from "./receipts/http.ts";
