/**
 * Every code with which an import is refused, beside those of the strict readers (`JSON_…`, `YAML_…`).
 * Pure data. Never says what a draft's findings mean: those codes are in `finding-codes.ts`, and no code is in both.
 */

/** Code → what it means: one line, lower case, no full stop. Codes are permanent once released; a test holds the table to the source. */
export const importCodes = {
  // What is said, whichever the format.
  IMPORT_ARGUMENT: "an argument that the tool does not take, that is given twice, or that no place has",
  IMPORT_EMPTY: "nothing in it calls a tool",
  IMPORT_TOO_LARGE: "more calls, text or nesting than is read, or than a plan holds",
  IMPORT_TOOL_AMBIGUOUS: "a name that several tools could have",
  IMPORT_TOOL_UNKNOWN: "a name that no tool of the catalogue, or none at all, can have",
  IMPORT_UNREPRESENTABLE: "what it says is clear, and no plan can say it",

  // Lists of calls and logs.
  IMPORT_ARGUMENTS: "the arguments of a call are no JSON object, nor the text of one",
  IMPORT_CALL_KIND: "a kind of call that no plan can hold, or that is not known",
  IMPORT_CHOICES: "several answers, of which only one can happen",
  IMPORT_INCOMPLETE: "the answer was cut off, so that it is not known what it intends",
  IMPORT_LOG: "calls and results of a log do not belong together",
  IMPORT_REFERENCE: "a reference to another call that leads nowhere, or reads in two ways",
  IMPORT_SHAPE: "the document has not the form of its format",
  IMPORT_STREAM: "chunks of a stream, which say nothing before they are put together",
  IMPORT_SYNTAX: "the text is no list of calls",
  IMPORT_TEXT: "a result is put into a text where it steers the tool",

  // Code.
  IMPORT_CODE_OUTSIDE: "code that means something which no plan says exactly",
  IMPORT_CODE_SYNTAX: "the text is no program, or not one to all who read it",

  // Workflows of Arazzo.
  IMPORT_ARAZZO_DISAGREES: "fields of a workflow were changed where its `x-sluice` says something else",
  IMPORT_ARAZZO_EXPRESSION: "an expression or a criterion that is malformed, or reads what is not there",
  IMPORT_ARAZZO_FORM: "the document is not one of Arazzo",
  IMPORT_ARAZZO_WORKFLOW: "the document has several workflows, or not the one that is asked for",
} as const satisfies { readonly [code: string]: string };

/** The closed set of codes with which an import is refused. */
export type ImportCode = keyof typeof importCodes;
