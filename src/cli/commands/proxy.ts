/**
 * `sluice proxy`: a proxy in front of plain HTTP APIs. Requests become calls of a frozen plan, and calls requests; agents change a URL and nothing else.
 * Never prints a secret of an upstream, and starts with no address that its plans or its operator do not name.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import { catalogueFromOpenApi } from "../../catalogue/from/from.ts";
import { type Catalogue, readCatalogue } from "../../catalogue/catalogue.ts";
import { jsonEqual } from "../../json/value.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { serverName } from "../../plan/tool-name.ts";
import { createHttpProxy, type Credential, fetchTool, type HttpProxy, type UpstreamOptions } from "../../surfaces/http-proxy.ts";
import type { Firewall } from "../../surfaces/hono.ts";
import { type Settled, settle } from "../config/config.ts";
import { secretAt } from "../config/secret.ts";
import { addFile, configured, InputError, readCatalogueFile, readValue, refuseFindings } from "../read/input.ts";
import { openDoors } from "../server/host-door.ts";
import type { Context } from "../context.ts";
import { listenProxy } from "../server/proxy-server.ts";
import { urlOf } from "../server/runtime.ts";
import { addSurfaceOptions, openSurface, type Surface, type SurfaceOptions } from "../server/surface.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface Options extends SurfaceOptions {
  readonly openapi?: readonly string[];
  readonly catalog?: readonly string[];
  readonly upstream?: readonly string[];
  readonly credential?: readonly string[];
  readonly allowPrivate?: readonly string[];
  readonly showHeader?: readonly string[];
  readonly forward?: true;
}

const portDefault = 8788;

/** Adds `proxy --plan FILE…`. Ends when it is asked to (SIGINT, SIGTERM): with exit 0, or 1 if calls were still in flight after the grace. */
export function addProxy(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("proxy")
    .description(
      "enforce frozen plans on plain HTTP: requests to /SERVER/… become calls of the operations of SERVER's OpenAPI document",
    );
  addSurfaceOptions(command, portDefault)
    .option(
      "--openapi <[name=]file>",
      "the document of a server, to be compared with what the plans pin; several times for several",
      addFile,
    )
    .option("--catalog <file>", "a catalogue of servers, likewise", addFile)
    .option("--upstream <name=url>", "where a server is, if its document does not say one address", addFile)
    .option(
      "--credential <server=kind:variable>",
      "a secret from the environment: bearer:VAR, basic:VAR (user:password), header:NAME:VAR, query:NAME:VAR, cookie:NAME:VAR",
      addFile,
    )
    .option("--allow-private <server>", "the server's name may lead to private addresses", addFile)
    .option("--show-header <name>", "a response header that agents see with results, such as link", addFile)
    .option("--forward", "serve absolute addresses too, as HTTP_PROXY; what is no known operation is the tool http/fetch")
    .action(async () => {
      const settled = await settle<Options>(command, { env: process.env, warn: terminal.say });
      if (!(await run(settled, { command, terminal }))) exit(1);
    });
}

/** Serves until the end. `false`: calls were still in flight then. */
async function run(
  settled: Settled<Options>,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): Promise<boolean> {
  const { options } = settled;
  const catalogues = await readCatalogues(options);
  const upstreams = readUpstreams(settled);
  const { createNodeConnector } = await import("../../surfaces/http-proxy/node-connector.ts");
  const connector = createNodeConnector();
  let make: ((enforcer: Firewall) => HttpProxy) | undefined;
  let proxy: HttpProxy | undefined;
  const surface = await openSurface(settled, terminal, {
    command,
    serving: {
      accepts: ({ frozen }) => changedTool(frozen, catalogues),
      prepare: ({ guards }) => {
        const next = make?.({ ...surface.enforcer, guards });
        return () => {
          if (next !== undefined) proxy = make?.(surface.enforcer);
        };
      },
    },
  });
  try {
    const { enforcer, gate } = surface;
    make = (over) =>
      createHttpProxy({
        enforcer: over,
        connector,
        upstreams,
        catalogues,
        forward: options.forward === true,
        showHeaders: options.showHeader ?? [],
      });
    const first = await configured(() => make?.(enforcer) as HttpProxy);
    proxy = first;
    const doors = await openDoors({ host: surface.host, gate, options }, (beside) => {
      const app = new Hono();
      app.route("/", surface.agents);
      app.route("/", beside);
      return listenProxy({ proxy: () => proxy ?? first, gate, app, hostname: options.host, port: options.port });
    });
    const url = urlOf(options.host, doors.server.port);
    announce(url, { surface, proxy, options, terminal, host: doors.hostUrl(url) });
    return await surface.untilAsked({
      closers: [(left) => doors.close(left), () => connector.close?.()],
    });
  } finally {
    await surface.close();
  }
}

function announce(
  url: string,
  {
    surface,
    proxy,
    options,
    terminal,
    host,
  }: {
    readonly surface: Surface;
    readonly proxy: HttpProxy;
    readonly options: Options;
    readonly terminal: Terminal;
    readonly host: string;
  },
): void {
  const { say, paint } = terminal;
  const bases = new Map(proxy.routes.map(({ server, base }) => [server, base]));
  say(`${paint.bold("sluice")} ${url}  host: ${host === url ? "" : host}/sluice/sessions, /sluice/plans`);
  for (const [server, base] of bases) say(`${url}/${server}  in place of ${plain(base)}`);
  for (const { tool, why } of proxy.unmapped) say(paint.yellow(`${plain(tool)} is not served: ${why}`));
  surface.announce(host);
  if (surface.session === undefined) return;
  const { token } = surface.session;
  const [server] = bases.keys();
  if (server !== undefined) say(`clients that take a URL alone: ${url.replace("//", `//session:${token}@`)}/${server}`);
  if (options.forward === true) say(`or as a proxy: HTTP_PROXY=${url.replace("//", `//session:${token}@`)}`);
}

async function readCatalogues({ openapi = [], catalog = [] }: Options): Promise<readonly Catalogue[]> {
  const found: Catalogue[] = [];
  for (const given of openapi) {
    const [, name, file = given] = /^([A-Za-z0-9_.-]+)=(.+)$/s.exec(given) ?? [];
    const made = catalogueFromOpenApi(await readValue(file), name === undefined ? {} : { server: name });
    if (!made.ok) refuseFindings(file, made.error);
    const read = readCatalogue(made.value.catalogue);
    found.push(read.ok ? read.value : refuseFindings(file, read.error));
  }
  for (const file of catalog) {
    const read = await readCatalogueFile(file);
    if (read !== undefined) found.push(read);
  }
  return found;
}

/** Why a plan cannot be served: a document no longer describes a tool as it pins it (a definition that changed, a server that is another). */
function changedTool({ plan, tools }: FrozenPlan, catalogues: readonly Catalogue[]): string | undefined {
  for (const [name, { definition }] of Object.entries(tools)) {
    const server = serverName(name);
    for (const catalogue of catalogues) {
      const now = catalogue.tools.get(name);
      if (!catalogue.servers.has(server) || name === fetchTool) continue;
      // What the operator declares beside a definition is pinned with the plan; here the requests are compared.
      const isSame = now !== undefined && jsonEqual(bare(now.definition), bare(definition));
      if (!isSame)
        return `${plain(plan.name)}: ${plain(name)} is not what it was when the plan was frozen (TOOL_DESCRIPTOR_CHANGED): freeze it again`;
    }
  }
  return undefined;
}

function bare(definition: FrozenPlan["tools"][string]["definition"]): FrozenPlan["tools"][string]["definition"] {
  return Object.fromEntries(Object.entries(definition).filter(([member]) => member !== "sluice"));
}

function readUpstreams({ options, config, source, world }: Settled<Options>): { readonly [server: string]: UpstreamOptions } {
  const { upstream = [], credential = [], allowPrivate = [] } = options;
  const found = new Map<string, UpstreamOptions>();
  for (const [server, { credentials = [], ...given }] of Object.entries(config.proxy?.upstreams ?? {})) {
    const secrets = credentials.map(({ as, name, ...place }, at): Credential => {
      const pointer = `${source ?? ""}: /proxy/upstreams/${server}/credentials/${at}`;
      const isNamed = as === "header" || as === "query" || as === "cookie";
      if (isNamed !== (name !== undefined))
        throw new InputError(`${pointer}: \`name\` goes with \`header\`, \`query\` and \`cookie\`, and with nothing else`);
      const secret = secretAt(place, pointer, world);
      return isNamed ? { as, name: name ?? "", secret } : { as, secret };
    });
    found.set(server, { ...given, ...(secrets.length === 0 ? {} : { credentials: secrets }) });
  }
  const add = (server: string, more: UpstreamOptions): void => void found.set(server, { ...found.get(server), ...more });
  for (const given of upstream) {
    const [, server, url] = /^([A-Za-z0-9_.-]+)=(https?:\/\/.+)$/s.exec(given) ?? [];
    if (server === undefined || url === undefined)
      throw new InputError("--upstream: SERVER=URL is needed, such as pets=https://api.pets.example/v1");
    add(server, { url });
  }
  for (const server of allowPrivate) add(server, { allowPrivate: true });
  for (const given of credential) {
    const { server, credential: read } = readCredential(given);
    add(server, { credentials: [...(found.get(server)?.credentials ?? []), read] });
  }
  return Object.fromEntries(found);
}

/** `SERVER=KIND:VARIABLE`, `SERVER=KIND:NAME:VARIABLE`; the secret itself stands in the environment. */
function readCredential(given: string): { readonly server: string; readonly credential: Credential } {
  const [, server, kind, rest = ""] = /^([A-Za-z0-9_.-]+)=(bearer|basic|header|query|cookie):(.+)$/s.exec(given) ?? [];
  const [, name, variable] = /^(?:(.+):)?([A-Za-z_][A-Za-z0-9_]*)$/s.exec(rest) ?? [];
  const isNamed = kind === "header" || kind === "query" || kind === "cookie";
  if (server === undefined || kind === undefined || variable === undefined || isNamed !== (name !== undefined))
    throw new InputError(
      "--credential: SERVER=bearer:VARIABLE, basic:VARIABLE, header:NAME:VARIABLE, query:NAME:VARIABLE or cookie:NAME:VARIABLE",
    );
  const secret = process.env[variable];
  if (secret === undefined || secret === "") throw new InputError(`--credential: the environment has no ${variable}`);
  return isNamed
    ? { server, credential: { as: kind, name: name ?? "", secret } }
    : { server, credential: { as: kind as "bearer" | "basic", secret } };
}
