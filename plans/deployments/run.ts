/**
 * A deployment of the trading example on this machine: `node plans/deployments/run.ts NAME [--once] [--port N] [--store URL]`
 * Starts it and says how to try it; with --once plays every recorded run through it, and ends with exit 1 if a verdict is not the expected one.
 */
import { parseArgs } from "node:util";
import { InputError } from "../../src/cli/read/input.ts";
import { readPort } from "../../src/cli/read/port.ts";
import { untilAsked } from "../../src/cli/server/runtime.ts";
import { type Deployment, names, startDeployment } from "./start.ts";

const portDefault = "8787";

async function playAll({ example, play }: Deployment): Promise<boolean> {
  const outcomes = [];
  for (const { file } of example.runs) outcomes.push(...(await play(file)));
  const denied = outcomes.filter(({ verdict }) => verdict === "deny").length;
  const wrong = outcomes.filter(({ isExpected }) => !isExpected).length;
  console.log(`${example.runs.length} runs, ${outcomes.length} calls: ${outcomes.length - denied} allowed, ${denied} denied`);
  console.log(wrong === 0 ? "every verdict is the expected one" : `${wrong} verdicts are not the expected ones`);
  return wrong === 0;
}

function help({ url, admin, example }: Deployment): string {
  const json = "-H 'content-type: application/json'";
  const body = { plan: example.frozen.plan.name, principal: "you", params: example.runs[0]?.params ?? {} };
  return `
TOKEN=$(curl -s ${url}/sluice/sessions ${json} -H 'authorization: Bearer ${admin}' \\
  -d '${JSON.stringify(body)}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -s ${url}/tools/market/quotes ${json} -H "sluice-session: $TOKEN" -d '{"symbols":["VTI","BND"]}'; echo
curl -s ${url}/tools/broker/withdraw ${json} -H "sluice-session: $TOKEN" -d '{"account":"AC104233","amount":90000}'; echo

The first call is answered by the tool, the second by the firewall. Ctrl+C ends this.
`;
}

/** Stores that are servers of their own: started here, empty, and gone afterwards. The command runs on Node. */
const services = {
  redis: async (): Promise<Service> => {
    const { startRedis } = await import("../../test/services/redis.ts");
    const { url, remove } = await startRedis();
    return { url, stop: remove };
  },
  postgres: async (): Promise<Service> => {
    const { startPostgres } = await import("../../test/services/postgres.ts");
    const { url, stop } = await startPostgres();
    return { url, stop };
  },
};

interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { once: { type: "boolean" }, port: { type: "string" }, store: { type: "string" } },
    });
  } catch {
    throw new InputError("node plans/deployments/run.ts NAME [--once] [--port NUMBER] [--store URL]");
  }
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [name = ""] = positionals;
  const program = names.find((each) => each === name);
  const service = Object.hasOwn(services, name) ? services[name as keyof typeof services] : undefined;
  if ((program === undefined && service === undefined) || positionals.length > 1)
    throw new InputError(`name a deployment: ${[...names, ...Object.keys(services)].join(", ")}`);
  const server = values.store === undefined ? await service?.() : undefined;
  try {
    const store = values.store ?? server?.url;
    const deployment = await startDeployment(program ?? "node", {
      port: readPort(values.port ?? (values.once === true ? "0" : portDefault)),
      ...(store === undefined ? {} : { store }),
    });
    return await tried(deployment, name, values.once === true);
  } finally {
    await server?.stop();
  }
}

async function tried(deployment: Deployment, name: string, isOnce: boolean): Promise<number> {
  try {
    console.log(`${name}: ${deployment.url} was ready after ${Math.round(deployment.readyAfterMs)} ms`);
    if (isOnce) return (await playAll(deployment)) ? 0 : 1;
    console.log(help(deployment));
    await untilAsked();
    return 0;
  } finally {
    await deployment.stop();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(`sluice: ${error instanceof InputError ? error.message : error}`);
    process.exitCode = error instanceof InputError ? 2 : 3;
  },
);
