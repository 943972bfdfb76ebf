/**
 * Bounds of what is sent to an endpoint and read from it.
 * Data only. Never changed at run time; an option can only lower what it names.
 */

/** Units are in the names; counts where there is none. */
export const endpointLimits = {
  /** Tools that are shown to the model. */
  tools: 64,
  /** Characters (UTF-16 units) of texts of the catalogue. */
  descriptionChars: 400,
  paramDescriptionChars: 160,
  listedShown: 24,
  outputsShown: 24,
  /** Bytes of a response, and of one that says why a request is refused. */
  responseBytes: 4 * 1024 * 1024,
  refusalBytes: 16 * 1024,
  /** UTF-16 units of the model's answer: a plan of a hundred calls is a tenth of it. */
  answerChars: 256 * 1024,
  answerDepth: 16,
  /** Calls of an answer, and arguments of one. */
  calls: 64,
  args: 64,
  words: 32,
  /** Requests for one answer: the first, and one for each thing that a server may not know. */
  requests: 7,
  timeoutMs: 120_000,
  /** Values of `enum` members, and characters, of a schema that names every tool's arguments; OpenAI takes 1,000 and 120,000. */
  schemaNames: 900,
  schemaChars: 60_000,
} as const;
