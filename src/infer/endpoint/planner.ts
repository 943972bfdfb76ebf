/**
 * Bring your own planner: proposals by a model behind any OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp, a cloud).
 * Never called unless the operator names its URL, and never trusted: its answer is read strictly, checked against catalogue and task, and a proposal
 * like any other.
 */
import { ConfigError } from "../../result.ts";
import { InferError } from "../infer-error.ts";
import type { Planner, Proposal } from "../proposal.ts";
import type { DraftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { endpointAddress } from "./address.ts";
import { readAnswer } from "./answer.ts";
import { answerSchema } from "./answer-schema.ts";
import { decodeAnswer } from "./decode.ts";
import { endpointLimits } from "./endpoint-limits.ts";
import { type Preselect, preselectByWords } from "./preselect.ts";
import { messagesOf } from "./prompt.ts";
import { ask, type Endpoint, fullForm } from "./request.ts";

/** Options of a planner behind an endpoint. */
export interface EndpointOptions {
  /** Base of the API (`http://localhost:11434/v1`) or the whole URL of its chat completions. */
  readonly url: string;
  /** As the server names it. */
  readonly model: string;
  /** Sent as a bearer token; https only, but for local and private hosts. */
  readonly apiKey?: string;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch;
  /** Milliseconds for one task, all tries together. Default 120,000. */
  readonly timeoutMs?: number;
  /** Tools that the model is shown, 1 to 64 (the default). */
  readonly maxTools?: number;
  /** Which tools are shown where there are more. Default: by the words of the task. */
  readonly preselect?: Preselect;
  /** Default 7. */
  readonly seed?: number;
  /** Confidence of decisions where the server gives no log-probabilities: what is known of the model. Default 0.5. */
  readonly confidence?: number;
  /** Proposals below this confidence are marked as unsure. Default 0: a model's own figures are not calibrated. */
  readonly threshold?: number;
}

/**
 * A planner that asks an endpoint. `propose` rejects with an InferError (`INFER_ENDPOINT_…`) where the endpoint cannot be used.
 * Throws a ConfigError for options that are wrong.
 *
 * @example
 * const planner = createEndpointPlanner({ url: "http://localhost:11434/v1", model: "qwen3:8b" });
 * const drafted = await draftPlan(task, catalogue, { planners: [planner] });
 */
export function createEndpointPlanner(options: EndpointOptions): Planner {
  const { maxTools, confidence, threshold } = checked(options);
  const endpoint: Endpoint = {
    address: endpointAddress(options.url, options.apiKey),
    model: options.model,
    apiKey: options.apiKey,
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? endpointLimits.timeoutMs,
    seed: options.seed ?? 7,
  };
  const preselect = options.preselect ?? preselectByWords;
  // What the server was found to take. A server that is upgraded meanwhile is asked for less than it could do until the process ends.
  let form = fullForm;
  return {
    async propose(task: string, tools: readonly DraftTool[], context: ValueContext): Promise<Proposal> {
      const shown = tools.length <= maxTools ? tools : (await preselect(task, tools, maxTools)).slice(0, maxTools);
      const decode = { tools: shown, context, model: options.model, confidence, threshold };
      if (shown.length === 0) return decodeAnswer(task, { outcome: "no_tool", calls: [] }, decode);
      const question = {
        schema: answerSchema(shown),
        messages: (schema: ReturnType<typeof answerSchema> | undefined) =>
          messagesOf(task, shown, { context, ...(schema === undefined ? {} : { schema }) }),
      };
      const asked = await ask(question, endpoint, { form });
      form = asked.form;
      const answer = readAnswer(asked.response);
      if (!answer.ok) throw new InferError(answer.error.code, `the endpoint at ${endpoint.address.host} ${answer.error.message}`);
      return decodeAnswer(task, answer.value, decode);
    },
  };
}

interface Checked {
  readonly maxTools: number;
  readonly confidence: number;
  readonly threshold: number;
}

function checked(options: EndpointOptions): Checked {
  const { model, timeoutMs = 1, maxTools = endpointLimits.tools, seed = 0, confidence = 0.5, threshold = 0 } = options;
  if (model === "" || model.length > 256) throw new ConfigError("`model` must be the name of a model, at most 256 characters");
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 3_600_000)
    throw new ConfigError("`timeoutMs` must be an integer from 1 to 3600000");
  if (!Number.isInteger(maxTools) || maxTools < 1 || maxTools > endpointLimits.tools)
    throw new ConfigError(`\`maxTools\` must be an integer from 1 to ${endpointLimits.tools}`);
  if (!Number.isSafeInteger(seed)) throw new ConfigError("`seed` must be an integer");
  for (const [name, share] of Object.entries({ confidence, threshold }))
    if (!(share >= 0 && share <= 1)) throw new ConfigError(`\`${name}\` must be a number from 0 to 1`);
  return { maxTools, confidence, threshold };
}
