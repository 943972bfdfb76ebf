/**
 * The planner that a command line names: `--endpoint URL --model NAME --key-env VAR`.
 * Never takes a key itself, which would stay in a shell's history and in the list of processes: only the name of a variable.
 */
import { ConfigError } from "../../result.ts";
import type { Planner } from "../proposal.ts";
import { createEndpointPlanner } from "./planner.ts";

/** As a command line gives them. */
export interface NamedEndpoint {
  readonly endpoint?: string;
  readonly model?: string;
  /** Name of the environment variable that has the key. */
  readonly keyEnv?: string;
  /** Milliseconds. */
  readonly timeoutMs?: number;
}

/** The planner, or `undefined` if no endpoint is named. Throws a ConfigError that names the option which is wrong or missing. */
export function plannerFromEndpointOptions(
  { endpoint, model, keyEnv, timeoutMs }: NamedEndpoint,
  environment: Readonly<Record<string, string | undefined>>,
): Planner | undefined {
  if (endpoint === undefined) {
    if (model === undefined && keyEnv === undefined) return undefined;
    throw new ConfigError(`\`--${model === undefined ? "key-env" : "model"}\` needs \`--endpoint URL\` beside it`);
  }
  if (model === undefined) throw new ConfigError("`--endpoint` needs `--model NAME` beside it");
  const apiKey = keyEnv === undefined ? undefined : environment[keyEnv];
  if (keyEnv !== undefined && (apiKey === undefined || apiKey === ""))
    throw new ConfigError("the environment variable that `--key-env` names is not set");
  return createEndpointPlanner({
    url: endpoint,
    model,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}
