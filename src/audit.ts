/**
 * The audit log for hosts that embed Sluice: written from a store's journal, searched, proven, verified and exported.
 * Never in the path of a call: what it records is committed by the store, and it reads that afterwards.
 */
export { type CheckpointSigner, createCheckpointSigner } from "./audit/checkpoint.ts";
export { exportAudit, type ExportFormat, type ExportOptions } from "./audit/export.ts";
export type { AuditFound, AuditQuery } from "./audit/find.ts";
export type { Answer, AuditFailure, AuditLog } from "./audit/log.ts";
export { checkProof, proveGrowth, proveRecord } from "./audit/prove.ts";
export { type AuditKind, type AuditRecord, readRecord } from "./audit/record.ts";
export { type AuditSink, type AuditStream, createAuditStream } from "./audit/sink.ts";
export { createSubjects, type Subjects } from "./audit/subjects.ts";
export { type Verification, verifyAudit, type VerifyOptions } from "./audit/verify.ts";
export { type AuditWriter, type AuditWriterOptions, createAuditWriter } from "./audit/writer.ts";
