/**
 * `sluice model-proxy`: a proxy in front of a model's API. Agents set a base URL; the model's calls are checked before they see them.
 * Never keeps or prints a credential of the model's provider.
 */
import type { Command } from "commander";
import { modelApi, type ModelUpstream } from "../../surfaces/model-api.ts";
import { type Settled, settle } from "../config/config.ts";
import { secretAt } from "../config/secret.ts";
import { InputError } from "../read/input.ts";
import { openAppDoors } from "../server/host-door.ts";
import type { Context } from "../context.ts";
import { urlOf } from "../server/runtime.ts";
import { addSurfaceOptions, openSurface, type SurfaceOptions } from "../server/surface.ts";
import type { Terminal } from "../show/terminal.ts";

interface Options extends SurfaceOptions {
  readonly upstream?: string;
  readonly keyEnv?: string;
  readonly keyHeader: string;
  readonly tokenInPath?: true;
  readonly allowMember?: readonly string[];
}

const portDefault = 8790;

/** Adds `model-proxy --upstream URL --plan FILE…`. Ends when it is asked to (SIGINT, SIGTERM): with exit 0, or 1 if answers were still open after the grace. */
export function addModelProxy(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("model-proxy")
    .description(
      "check the tool calls of a model before its client sees them: OpenAI chat completions and responses, Anthropic messages",
    )
    .option("--upstream <url>", "the model's API, such as https://api.openai.com")
    .option("--key-env <name>", "environment variable with the API key to send; default: the client's own key is passed on")
    .option("--key-header <name>", "header of that key: authorization, or x-api-key", "authorization")
    .option("--token-in-path", "let clients name their session in the path, /s/TOKEN/v1/…, also beyond this machine")
    .option("--allow-member <name...>", "further members of requests that go to the model as they are");
  addSurfaceOptions(command, portDefault).action(async () => {
    const settled = await settle<Options>(command, { env: process.env, warn: terminal.say });
    if (!(await serve(settled, { command, terminal }))) exit(1);
  });
}

/** Serves until the end. `false`: answers were still open then. */
async function serve(
  settled: Settled<Options>,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): Promise<boolean> {
  const { options } = settled;
  const upstream = upstreamOf(settled);
  // A path is written into logs of what stands between: on one machine nothing does.
  const tokenInPath = options.tokenInPath === true || /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/.test(options.host);
  const surface = await openSurface(settled, terminal, { command });
  try {
    const { gate, enforcer } = surface;
    const app = modelApi({ enforcer, upstream, tokenInPath, members: options.allowMember ?? [] });
    app.route("/", surface.agents);
    const doors = await openAppDoors({ host: surface.host, gate, options }, app);
    const url = urlOf(options.host, doors.server.port);
    const { say, paint } = terminal;
    say(`${paint.bold("sluice model-proxy")} ${url} in front of ${new URL(upstream.url).origin}`);
    surface.announce(doors.hostUrl(url));
    const base = surface.session !== undefined && tokenInPath ? `${url}/s/${surface.session.token}` : url;
    say(
      `base URL: ${base}/v1 (OpenAI), ${base} (Anthropic)${base === url ? "; the session goes in the header Sluice-Session" : ""}`,
    );
    return await surface.untilAsked({
      // Calls come with the model's answers, and their results with requests that other processes can take.
      drain: "after",
      closers: [(left) => doors.close(left)],
    });
  } finally {
    await surface.close();
  }
}

function upstreamOf(settled: Settled<Options>): ModelUpstream {
  const { upstream: url, keyEnv, keyHeader } = settled.options;
  if (url === undefined) throw new InputError("--upstream: the model's API is needed, such as https://api.openai.com");
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.search !== "" ||
    parsed.hash !== "" ||
    parsed.username !== ""
  )
    throw new InputError(
      "--upstream: an http or https URL without query and credentials is needed, such as https://api.openai.com",
    );
  const header = keyHeader.toLowerCase();
  if (header !== "authorization" && header !== "x-api-key") throw new InputError("--key-header: authorization or x-api-key");
  const { config, source, world } = settled;
  const place = config.modelProxy?.key;
  if (keyEnv === undefined && place === undefined) return { url };
  const key = keyEnv === undefined ? secretAt(place ?? {}, `${source ?? ""}: /modelProxy/key`, world) : process.env[keyEnv];
  if (key === undefined || !/^[\x21-\x7e]{1,4096}$/.test(key))
    throw new InputError(
      keyEnv === undefined
        ? `${source ?? ""}: /modelProxy/key: there is no key of printable ASCII characters`
        : `--key-env: the environment variable ${keyEnv} holds no key of printable ASCII characters`,
    );
  return { url, credential: { header, value: header === "authorization" ? `Bearer ${key}` : key } };
}
