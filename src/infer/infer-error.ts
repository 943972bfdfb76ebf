/**
 * Why a planner cannot work at all: the closed set of codes with which drafting fails, and the error that carries one.
 * Never says that a task cannot be planned: that is an abstention, with the codes of `proposal.ts`.
 */

/** Code → what it means: one line, lower case, no full stop. Codes are permanent once released; a test holds the table to the source. */
export const inferCodes = {
  // What is drafted from.
  INFER_NOW: "the time that a task is read at is no date or date-time",
  INFER_OPTION: "an option of drafting has a value that it does not take",
  INFER_TASK: "the task is empty, too long, or no text",
  INFER_TOOLS_MAX: "the catalogue has more tools than a task is drafted with",
  INFER_ZONE: "the time zone that a task is read in is not known",
  // The local model.
  INFER_DIGEST: "a file of the models is not the one that their manifest names",
  INFER_FORMAT: "a file of the models has a form that this version does not read",
  INFER_NO_MODELS: "there are no models, or one of their files is absent",
  INFER_NO_RUNTIME: "a package that runs the models is not installed",
  // Planners behind an endpoint.
  INFER_ENDPOINT_ANSWER: "the model's answer is no plan in the form that was asked for",
  INFER_ENDPOINT_CUT_OFF: "the model's answer ends before it is complete",
  INFER_ENDPOINT_FORMAT: "what the endpoint sends is no answer of a chat completion",
  INFER_ENDPOINT_KEY: "the endpoint does not take the key",
  INFER_ENDPOINT_LIMIT: "the endpoint takes no more requests for now",
  INFER_ENDPOINT_REDIRECT: "the endpoint sends the request elsewhere, and it is not followed",
  INFER_ENDPOINT_REFUSED: "the endpoint refuses the request",
  INFER_ENDPOINT_TIMEOUT: "the endpoint does not answer in time",
  INFER_ENDPOINT_TOO_LARGE: "the endpoint sends more than is read",
  INFER_ENDPOINT_UNREACHABLE: "nothing answers at the address of the endpoint",
} as const;

/** A code of {@link inferCodes}. */
export type InferCode = keyof typeof inferCodes;

/** What a planner rejects with where it cannot work. The message is one line of ours: no library's text, no key, no text of a server. */
export class InferError extends Error {
  override readonly name = "InferError";
  readonly code: InferCode;
  constructor(code: InferCode, message: string) {
    super(message);
    this.code = code;
  }
}
