/**
 * `sluice model-proxy`: a proxy in front of a model's API. Agents set a base URL; the model's calls are checked before they see them.
 * Never keeps or prints a credential of the model's provider.
 */
import type { Command } from "commander";
import { modelApi, type ModelUpstream } from "../../surfaces/model-api.ts";
import { InputError } from "../input.ts";
import type { Context } from "../main.ts";
import { listen, untilAsked } from "../runtime.ts";
import { addSurfaceOptions, openSurface, type SurfaceOptions } from "../surface.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends SurfaceOptions {
  readonly upstream: string;
  readonly keyEnv?: string;
  readonly keyHeader: string;
  readonly tokenInPath?: true;
  readonly allowMember?: readonly string[];
}

const portDefault = 8790;

/** Adds `model-proxy --upstream URL --plan FILE…`. Ends with exit 0 when it is asked to (SIGINT, SIGTERM). */
export function addModelProxy(program: Command, { terminal }: Context): void {
  const command = program
    .command("model-proxy")
    .description(
      "check the tool calls of a model before its client sees them: OpenAI chat completions and responses, Anthropic messages",
    )
    .requiredOption("--upstream <url>", "the model's API, such as https://api.openai.com")
    .option("--key-env <name>", "environment variable with the API key to send; default: the client's own key is passed on")
    .option("--key-header <name>", "header of that key: authorization, or x-api-key", "authorization")
    .option("--token-in-path", "let clients name their session in the path, /s/TOKEN/v1/…, also beyond this machine")
    .option("--allow-member <name...>", "further members of requests that go to the model as they are");
  addSurfaceOptions(command, portDefault).action(async (options: Options) => serve(options, terminal));
}

async function serve(options: Options, terminal: Terminal): Promise<void> {
  const upstream = upstreamOf(options);
  // A path is written into logs of what stands between: on one machine nothing does.
  const tokenInPath = options.tokenInPath === true || /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/.test(options.host);
  const surface = await openSurface(options, terminal);
  try {
    const app = modelApi({ enforcer: surface.enforcer, upstream, tokenInPath, members: options.allowMember ?? [] });
    app.route("/", surface.app);
    const server = await listen({ fetch: app.fetch, hostname: options.host, port: options.port });
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    const url = `http://${host}:${server.port}`;
    const { say, paint } = terminal;
    say(`${paint.bold("sluice model-proxy")} ${url} in front of ${new URL(upstream.url).origin}`);
    surface.announce(url);
    const base = surface.session !== undefined && tokenInPath ? `${url}/s/${surface.session.token}` : url;
    say(
      `base URL: ${base}/v1 (OpenAI), ${base} (Anthropic)${base === url ? "; the session goes in the header Sluice-Session" : ""}`,
    );
    await untilAsked();
    say("closing: open answers may end");
    await server.close();
  } finally {
    await surface.close();
  }
}

function upstreamOf({ upstream: url, keyEnv, keyHeader }: Options): ModelUpstream {
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
  if (keyEnv === undefined) return { url };
  const key = process.env[keyEnv];
  if (key === undefined || !/^[\x21-\x7e]{1,4096}$/.test(key))
    throw new InputError(`--key-env: the environment variable ${keyEnv} holds no key of printable ASCII characters`);
  return { url, credential: { header, value: header === "authorization" ? `Bearer ${key}` : key } };
}
