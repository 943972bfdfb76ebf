/**
 * From an answer to a proposal: what it names is looked up, what it claims of the task is looked for, what does not hold is left out.
 * Pure. Never invents a value, never lets calls depend on each other in a circle, never trusts a name.
 */
import type {
  Abstention,
  AbstentionCode,
  Evidence,
  Proposal,
  ProposedArgument,
  ProposedCall,
  ProposedSource,
} from "../proposal.ts";
import type { DraftParam, DraftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import type { Answer, AnswerArgument, AnswerCall } from "./answer.ts";
import { outputsByName, paramsByName } from "./argument-names.ts";
import { wordFinder } from "./found-words.ts";
import { type Told, toldValue } from "./told-value.ts";

/** What an answer is held against. */
export interface DecodeOptions {
  /** Those that the model was shown. */
  readonly tools: readonly DraftTool[];
  readonly context: ValueContext;
  readonly model: string;
  /** Of a decision of which the server gives no log-probabilities. */
  readonly confidence: number;
  /** Proposals below it are marked as unsure. */
  readonly threshold: number;
}

/** Factor of the confidence of a decision that the task's words bear out only in part. */
const doubt = 0.5;
/** A model that is certain is still not always right, and one that is not may be. */
const [surest, leastSure] = [0.99, 0.01];

/** A call of the answer whose tool exists. */
interface Known {
  readonly call: AnswerCall;
  readonly tool: DraftTool;
}

/** The proposal that an answer makes. */
export function decodeAnswer(task: string, answer: Answer, options: DecodeOptions): Proposal {
  const resolved = answer.calls.map((call) => ({ call, tool: toolOf(call.tool, options.tools) }));
  const unknown = resolved.filter(({ tool }) => tool === undefined).length;
  const decoder = new Decoder(task, resolved, options);
  const calls = withoutTwins(decoder.calls());
  const confidences = calls.flatMap((call) => [call.confidence, ...call.args.map((arg) => arg.confidence)]);
  const confidence = Math.min(...confidences, confidences.length === 0 ? options.confidence : 1);
  const abstentions = abstentionsOf(answer, { calls, unknown, confidence, threshold: options.threshold });
  return { calls, confidence, abstentions, origin: { planner: "endpoint", from: options.model } };
}

/** By its name, or by the name without its server where only one has it: models leave the server out. */
function toolOf(name: string, tools: readonly DraftTool[]): DraftTool | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact !== undefined) return exact;
  const bare = tools.filter((tool) => tool.name.slice(tool.name.indexOf("/") + 1) === name);
  return bare.length === 1 ? bare[0] : undefined;
}

/** Owns what has been taken of the task and which call reads which. */
class Decoder {
  readonly #resolved: readonly { readonly call: AnswerCall; readonly tool: DraftTool | undefined }[];
  readonly #options: DecodeOptions;
  readonly #told: Omit<Told, "taken">;
  /** Index in the answer → index in the proposal: calls of unknown tools are left out. */
  readonly #indices: ReadonlyMap<number, number>;
  /** Which calls of the proposal a call reads, directly. */
  readonly #reads = new Map<number, Set<number>>();
  /** Places that an argument of that name has already. */
  readonly #taken = new Map<string, Evidence[]>();

  constructor(
    task: string,
    resolved: readonly { readonly call: AnswerCall; readonly tool: DraftTool | undefined }[],
    options: DecodeOptions,
  ) {
    this.#resolved = resolved;
    this.#options = options;
    this.#told = { task, find: wordFinder(task), context: options.context };
    const known = [...resolved.keys()].filter((at) => resolved[at]?.tool !== undefined);
    this.#indices = new Map(known.map((at, index) => [at, index]));
  }

  calls(): readonly ProposedCall[] {
    return this.#resolved.flatMap(({ call, tool }, at) => {
      const index = this.#indices.get(at);
      return tool === undefined || index === undefined ? [] : [this.#call({ call, tool }, index)];
    });
  }

  #call({ call, tool }: Known, index: number): ProposedCall {
    const evidence = this.#find(call.words, `call ${tool.name}`);
    const params = paramsByName(tool);
    const given = new Map<string, AnswerArgument>();
    for (const arg of call.args) if (params.has(arg.name) && !given.has(arg.name)) given.set(arg.name, arg);
    const args: ProposedArgument[] = [];
    for (const [name, param] of params) {
      const arg = given.get(name);
      const made = arg === undefined ? undefined : this.#argument(arg, param, { tool, index });
      if (made !== undefined) args.push(made);
      else if (param.isRequired || this.#isMentioned(arg)) args.push(this.#asked(param, arg));
    }
    const confidence = bounded(this.#sure(call.certainty) * (evidence === undefined ? doubt : 1));
    return { tool, args, confidence, evidence: evidence === undefined ? [] : [evidence], alternatives: [] };
  }

  /** `undefined`: neither the task nor a result has it. */
  #argument(
    arg: AnswerArgument,
    param: DraftParam,
    { tool, index }: { readonly tool: DraftTool; readonly index: number },
  ): ProposedArgument | undefined {
    const { source } = arg;
    const sure = this.#sure(arg.certainty);
    if (source.from === "ask") return undefined;
    if (source.from === "result") {
      const found = this.#result(source, index);
      if (found === undefined) return undefined;
      return argumentOf(param, found.source, bounded(found.isExact ? sure : sure * doubt));
    }
    const key = `${tool.name} ${arg.name}`;
    const taken = this.#taken.get(key) ?? [];
    const told = toldValue(source, param, { ...this.#told, taken: (place) => taken.some((other) => overlap(place, other)) });
    if (told === undefined) return undefined;
    this.#taken.set(key, [...taken, told.evidence]);
    const { value, evidence, isAgreed, other } = told;
    const confidence = bounded(isAgreed ? sure : sure * doubt);
    const made = argumentOf(param, { kind: "constant", value }, confidence, evidence);
    if (other === undefined) return made;
    return {
      ...made,
      alternatives: [{ source: { kind: "constant", value: other }, confidence: bounded(confidence * doubt), evidence }],
    };
  }

  /** Whether the task speaks of an argument without saying its value. */
  #isMentioned(arg: AnswerArgument | undefined): boolean {
    return arg?.source.from === "task" && arg.source.words.some((words) => this.#told.find(words) !== undefined);
  }

  #asked(param: DraftParam, arg: AnswerArgument | undefined): ProposedArgument {
    // A model that says nothing of a required argument, or something that does not hold, has not decided that it must be asked for.
    const isMeant = arg?.source.from === "ask";
    return argumentOf(param, { kind: "ask" }, bounded(this.#sure(arg?.certainty) * (isMeant ? 1 : doubt)));
  }

  /** The call and the path, if there are such and nothing would read itself. A path that the result does not have means all of it, in doubt. */
  #result(
    { call, path }: { readonly call: number; readonly path: string },
    index: number,
  ): { readonly source: ProposedSource; readonly isExact: boolean } | undefined {
    const producer = this.#indices.get(call);
    const tool = this.#resolved[call]?.tool;
    if (producer === undefined || tool === undefined || this.#reaches(producer, index)) return undefined;
    this.#reads.set(index, (this.#reads.get(index) ?? new Set()).add(producer));
    const wanted = path.replace(/^\$?\.?/, "");
    const outputs = outputsByName(tool);
    const output = outputs.get(wanted) ?? lastNamed(wanted, outputs);
    const isExact = wanted === "" || outputs.has(wanted);
    return { source: { kind: "result", call: producer, path: output?.path ?? [] }, isExact };
  }

  /** Whether `from` reads `to`, directly or through others, or is it. */
  #reaches(from: number, to: number): boolean {
    const seen = new Set<number>();
    const open = [from];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === to) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(this.#reads.get(next) ?? []));
    }
    return false;
  }

  #find(words: string, key: string): Evidence | undefined {
    const taken = this.#taken.get(key) ?? [];
    const found = this.#told.find(words, (place) => taken.some((other) => overlap(place, other)));
    if (found !== undefined) this.#taken.set(key, [...taken, found]);
    return found;
  }

  #sure(certainty: number | undefined): number {
    return certainty ?? this.#options.confidence;
  }
}

/** The one output whose last name is the wanted one's. */
function lastNamed<T>(wanted: string, outputs: ReadonlyMap<string, T>): T | undefined {
  const last = (name: string): string => name.slice(name.lastIndexOf(".") + 1).replace(/\[\]$/, "");
  const found = [...outputs].filter(([name]) => last(name) === last(wanted));
  return found.length === 1 ? found[0]?.[1] : undefined;
}

function argumentOf({ path }: DraftParam, source: ProposedSource, confidence: number, evidence?: Evidence): ProposedArgument {
  return { path, source, confidence, ...(evidence === undefined ? {} : { evidence }), alternatives: [] };
}

function overlap(one: Evidence, other: Evidence): boolean {
  return one.start < other.end && other.start < one.end;
}

function bounded(confidence: number): number {
  return Math.min(surest, Math.max(leastSure, confidence));
}

/** Two calls of one tool with the same arguments are one: a model repeats itself, a task rarely does. */
function withoutTwins(calls: readonly ProposedCall[]): readonly ProposedCall[] {
  const keyOf = ({ tool, args }: ProposedCall): string =>
    JSON.stringify([tool.name, args.map(({ path, source }) => [path, source])], (_, part: unknown) =>
      typeof part === "bigint" ? `${part}n` : part,
    );
  const kept = new Map<string, number>();
  const moved = calls.map((call, at) => {
    const key = keyOf(call);
    const asksOnly = call.args.every(({ source }) => source.kind === "ask") && call.args.length > 0;
    if (!asksOnly && kept.has(key)) return kept.get(key) as number;
    kept.set(key, at);
    return at;
  });
  const order = [...new Set(moved)];
  const renamed = (source: ProposedSource): ProposedSource =>
    source.kind === "result" ? { ...source, call: order.indexOf(moved[source.call] ?? source.call) } : source;
  return order.flatMap((at) => {
    const call = calls[at];
    return call === undefined ? [] : [{ ...call, args: call.args.map((arg) => ({ ...arg, source: renamed(arg.source) })) }];
  });
}

const outcomeCodes: { readonly [outcome in Answer["outcome"]]: readonly [AbstentionCode, string] | undefined } = {
  plan: undefined,
  no_tool: ["INFER_NO_TOOL", "the model finds no tool that fits; a catalogue with such a tool would help"],
  ambiguous: ["INFER_AMBIGUOUS", "the model finds that the task can be meant in several ways; more precise words would help"],
  out_of_scope: [
    "INFER_OUT_OF_SCOPE",
    "the model finds nothing in the task that tools do, or declines it; say what is to be done",
  ],
};

function abstentionsOf(
  answer: Answer,
  found: {
    readonly calls: readonly ProposedCall[];
    readonly unknown: number;
    readonly confidence: number;
    readonly threshold: number;
  },
): readonly Abstention[] {
  const { calls, unknown, confidence, threshold } = found;
  const candidates = calls.map((call) => ({ tool: call.tool.name, confidence: call.confidence }));
  const said = outcomeCodes[answer.outcome];
  if (said !== undefined) return [{ code: said[0], message: said[1], candidates }];
  if (unknown > 0) {
    const message = `the model names ${unknown} ${unknown === 1 ? "tool" : "tools"} that the catalogue does not have; a larger model may do better`;
    return [{ code: "INFER_UNSURE", message, candidates }];
  }
  if (calls.length === 0)
    return [{ code: "INFER_NO_TOOL", message: "the model proposes no call; other words may help", candidates }];
  if (confidence >= threshold) return [];
  const message = `the weakest decision has a confidence of ${confidence.toFixed(2)}, and ${threshold.toFixed(2)} is wanted; check it or say more`;
  return [{ code: "INFER_UNSURE", message, candidates }];
}
