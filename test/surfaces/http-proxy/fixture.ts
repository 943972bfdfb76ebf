/**
 * An OpenAPI document with every way of writing a parameter, a plan that lets its operations be called freely, and a firewall in front.
 */
import { catalogueFromOpenApi } from "../../../src/catalogue/from/from.ts";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { readYaml } from "../../../src/json/yaml.ts";
import { readJson } from "../../../src/json/read.ts";
import { isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Enforcer } from "../../../src/surfaces/hono.ts";
import { operationOf, type Operation } from "../../../src/surfaces/http-proxy/operation.ts";
import { createRouter, type Router } from "../../../src/surfaces/http-proxy/router.ts";
import {
  createFirewall,
  createHttpProxy,
  type HttpProxy,
  type HttpProxyOptions,
  type Outgoing,
} from "../../../src/surfaces/http-proxy.ts";

/** Reads YAML of a test. */
export function yaml(text: string): Json {
  const read = readYaml(text);
  if (!read.ok) throw new Error(`${read.error.line}: ${read.error.message}`);
  return read.value;
}

/** A shop with pets. */
export const petsDocument = yaml(`
openapi: 3.1.1
info: { title: pets, version: "1" }
servers: [{ url: "https://api.pets.example/v1" }]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - { name: limit, in: query, schema: { type: integer } }
        - { name: price, in: query, schema: { type: number } }
        - { name: sold, in: query, schema: { type: boolean } }
        - { name: q, in: query, schema: { type: string } }
        - { name: id, in: query, schema: { type: array, items: { type: integer } } }
        - { name: tags, in: query, explode: false, schema: { type: array, items: { type: string } } }
        - { name: pipes, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: blanks, in: query, style: spaceDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: filter, in: query, style: deepObject, schema: { type: object, properties: { color: { type: string }, age: { type: integer } } } }
        - { name: where, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: X-Ids, in: header, schema: { type: array, items: { type: integer } } }
        - { name: region, in: cookie, schema: { type: string } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
    post:
      operationId: addPet
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [name], properties: { name: { type: string }, age: { type: integer }, extra: {} } }
      responses: { "201": { description: made } }
  /pets/{petId}:
    get:
      operationId: getPet
      parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: ok } }
    delete:
      operationId: deletePet
      parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
      responses: { "204": { description: gone } }
  /pets/mine:
    get: { operationId: myPets, responses: { "200": { description: ok } } }
  /pets/{petId}/photos/{number}.{ext}:
    get:
      operationId: photo
      parameters:
        - { name: petId, in: path, required: true, schema: { type: string } }
        - { name: number, in: path, required: true, schema: { type: integer } }
        - { name: ext, in: path, required: true, schema: { enum: [png, jpg] } }
      responses: { "200": { description: ok } }
  /compare/{ids}:
    get:
      operationId: compare
      parameters: [{ name: ids, in: path, required: true, schema: { type: array, items: { type: string } } }]
      responses: { "200": { description: ok } }
  /forms:
    post:
      operationId: form
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { to: { type: string }, n: { type: array, items: { type: integer } }, meta: { type: object } } }
      responses: { "200": { description: ok } }
  /notes:
    put:
      operationId: note
      requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }
      responses: { "200": { description: ok } }
  /upload:
    post:
      operationId: upload
      requestBody: { content: { multipart/form-data: { schema: { type: object, properties: { file: { type: string } } } } } }
      responses: { "200": { description: ok } }
`);

/** A catalogue of an OpenAPI document; `labels` are those of every tool. */
export function catalogueOf(
  document: Json,
  options: { readonly server?: string; readonly labels?: readonly string[] } = {},
): Catalogue {
  const made = catalogueFromOpenApi(document, { server: options.server ?? "pets" });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const { tools } = made.value.catalogue as { readonly tools: readonly JsonObject[] };
  const labelled = tools.map((tool) => ({
    ...tool,
    sluice: { ...(isObject(tool.sluice) ? tool.sluice : {}), labels: [...(options.labels ?? ["external_api"])] },
  }));
  const read = readCatalogue({ ...made.value.catalogue, tools: labelled });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** The catalogue of the shop. */
export const pets = catalogueOf(petsDocument);

/** The operations of a catalogue. */
export function operationsOf(catalogue: Catalogue): readonly Operation[] {
  return [...catalogue.tools.values()].flatMap((tool) => {
    const operation = operationOf(tool, catalogue.servers.get(tool.name.split("/")[0] ?? ""));
    return operation === undefined || "why" in operation ? [] : [operation];
  });
}

/** A router over the shop. */
export const petsRouter: Router = createRouter(operationsOf(pets));

/** An operation of the shop. */
export function operation(name: string): Operation {
  const found = petsRouter.of(`pets/${name}`);
  if (found === undefined) throw new Error(name);
  return found;
}

/** Freezes a plan. */
export function freeze(plan: Plan, catalogue: Catalogue): FrozenPlan {
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

/** What an upstream was sent. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A proxy, and what left it. */
export interface Scene {
  readonly proxy: HttpProxy;
  readonly firewall: Enforcer;
  readonly sent: Sent[];
  token: string;
  ask(
    method: string,
    target: string,
    init?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array; readonly token?: string },
  ): Promise<Reply>;
}

/** An answer, read. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly value: Json;
  readonly code: string | undefined;
  readonly headers: Headers;
}

/** Reads a response. */
export async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const read = readJson(text);
  const value = read.ok ? read.value : text;
  const code = response.headers.get("content-type") === "application/problem+json" ? (value as { code: string }).code : undefined;
  return { status: response.status, text, value, code, headers: response.headers };
}

/** Makes a proxy over a scripted connector. */
export async function openScene(
  frozen: FrozenPlan,
  options: {
    readonly answer?: (outgoing: Outgoing) => Response | Promise<Response>;
    readonly proxy?: Partial<HttpProxyOptions>;
    readonly params?: JsonObject;
  } = {},
): Promise<Scene> {
  const sent: Sent[] = [];
  const firewall = createFirewall({ plans: [frozen], store: createMemoryStore() });
  const { answer = () => Response.json({ ok: true }) } = options;
  const proxy = createHttpProxy({
    enforcer: firewall,
    connector: {
      checksAddresses: true,
      send: async (outgoing) => {
        sent.push({
          method: outgoing.method,
          url: outgoing.url.href,
          headers: Object.fromEntries(outgoing.headers),
          body: new TextDecoder().decode(outgoing.body),
        });
        return answer(outgoing);
      },
    },
    ...options.proxy,
  } as HttpProxyOptions);
  const opened = await firewall.open({ plan: frozen.digest, principal: "ada", params: options.params ?? {} });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const scene: Scene = {
    proxy,
    firewall,
    sent,
    token: opened.value.token,
    ask: async (method, target, { headers = {}, body, token } = {}) =>
      replyOf(
        await proxy.handle({
          method,
          target,
          headers: [["host", "proxy.test"], ["sluice-session", token ?? scene.token], ...Object.entries(headers)].filter(
            ([name], i, all) => name !== "host" || i === all.findLastIndex(([other]) => other === "host"),
          ) as [string, string][],
          body: body === undefined ? null : (new Response(body as BodyInit).body as never),
          signal: new AbortController().signal,
        }),
      ),
  };
  return scene;
}

/** A body that comes in pieces. */
export function streamOf(pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}
