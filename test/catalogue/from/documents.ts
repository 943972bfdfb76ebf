/**
 * OpenAPI documents in the manner of well-known services, written from the specification for these tests.
 * Never a copy of a service's own document.
 */
import { readYaml } from "../../../src/json/yaml.ts";
import type { Json } from "../../../src/json/value.ts";

function yaml(text: string): Json {
  const read = readYaml(text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** A shop with pets: 3.0, server variables, an API key in the query, readOnly and writeOnly, a recursive schema, a link. */
export const petstore = yaml(`
openapi: 3.0.4
info: { title: Pet Store, version: "1.2", license: { name: MIT, url: "https://pets.example/license" } }
servers: [{ url: "https://{region}.pets.example/v1", variables: { region: { default: eu, enum: [eu, us] } } }]
security: [{ key: [] }]
paths:
  /pets:
    parameters: [{ name: X-Trace, in: header, schema: { type: string } }]
    get:
      operationId: listPets
      summary: List all pets
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100, exclusiveMaximum: true, nullable: true } }
        - { name: tags, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: api_key, in: query, schema: { type: string } }
        - { name: Accept, in: header, schema: { type: string } }
      responses:
        "200":
          description: the pets
          content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Pet" } } } }
          links: { next: { operationId: listPets } }
        "400": { description: no, content: { application/json: { schema: { type: object } } } }
    post:
      summary: Create a pet
      requestBody: { $ref: "#/components/requestBodies/Pet" }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
        "400": { description: no }
  /pets/{petId}:
    delete:
      deprecated: true
      summary: Delete a pet
      parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
      responses: { "204": { description: gone }, "400": { description: no } }
components:
  securitySchemes: { key: { type: apiKey, in: query, name: api_key } }
  requestBodies:
    Pet: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
  schemas:
    Pet:
      type: object
      required: [id, name, secret]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string }
        secret: { type: string, writeOnly: true }
        parent: { $ref: "#/components/schemas/Pet" }
        price: { type: number, minimum: 0, exclusiveMinimum: true }
`);

/** A place for code: 3.1, ids with slashes, a reference with siblings, path items by reference, callbacks, webhooks. */
export const hub = yaml(`
openapi: 3.1.1
info: { title: Hub, version: "2", license: { name: MIT, identifier: MIT } }
servers: [{ url: "https://api.hub.example" }]
security: [{ token: [] }]
paths:
  /repos/{owner}/{repo}/issues:
    $ref: "#/components/pathItems/Issues"
  /repos/{owner}/{repo}/contents/{path}:
    get:
      operationId: repos/get-content
      summary: Get repository content
      parameters:
        - { $ref: "#/components/parameters/owner" }
        - { $ref: "#/components/parameters/repo" }
        - { name: path, in: path, required: true, schema: { type: string } }
        - { name: path, in: query, description: The same name elsewhere, schema: { type: string } }
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: { oneOf: [{ $ref: "#/components/schemas/File" }, { type: array, items: { $ref: "#/components/schemas/File" } }] }
            application/vnd.hub.raw: { schema: { type: string } }
        "404": { description: no }
  /repos/{owner}/{repo}/dispatches:
    post:
      operationId: repos/create-dispatch-event
      description: Send an event to the repository.
      parameters: [{ $ref: "#/components/parameters/owner" }, { $ref: "#/components/parameters/repo" }]
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [event], properties: { event: { type: string }, owner: { type: string } } } } }
      callbacks: { done: { "{$request.body#/event}": { post: { responses: { "200": { description: ok } } } } } }
      responses: { "204": { description: ok }, "422": { description: no } }
webhooks: { push: { post: { responses: { "200": { description: ok } } } } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  parameters:
    owner: { name: owner, in: path, required: true, schema: { type: string } }
    repo: { name: repo, in: path, required: true, schema: { type: string } }
  pathItems:
    Issues:
      parameters: [{ $ref: "#/components/parameters/owner" }, { $ref: "#/components/parameters/repo" }]
      post:
        operationId: issues/create
        summary: Create an issue
        x-sluice: { effects: [write, network, message], roles: { title: content }, labels: [hub_text] }
        requestBody:
          required: true
          content:
            application/json:
              schema:
                type: object
                required: [title]
                properties: { title: { type: string }, body: { type: [string, "null"] }, milestone: { $ref: "#/components/schemas/Id", description: Which one } }
        responses:
          "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Issue" } } } }
          "202": { description: later, content: { application/json: { schema: { type: object, properties: { url: { type: string } } } } } }
          "422": { description: no }
  schemas:
    Id: { type: integer, minimum: 1 }
    File: { type: object, properties: { name: { type: string }, size: { type: integer } } }
    Issue: { type: object, properties: { id: { $ref: "#/components/schemas/Id" }, labels: { type: array, items: { type: string } } } }
`);

/** Payments: form bodies, deep objects, an optional body with required members, basic or key authentication. */
export const billing = yaml(`
openapi: 3.0.3
info: { title: Billing API, version: "2024", license: { name: MIT, url: "https://billing.example/license" } }
servers: [{ url: "https://api.billing.example/" }, { url: "https://files.billing.example:8443/" }]
security: [{ basic: [] }, { bearer: [] }]
paths:
  /v1/charges:
    post:
      operationId: PostCharges
      description: Use this to move funds of a customer.
      requestBody:
        content:
          application/x-www-form-urlencoded:
            encoding: { metadata: { style: deepObject, explode: true } }
            schema:
              type: object
              additionalProperties: false
              properties: { amount: { type: integer }, customer: { type: string }, description: { type: string }, metadata: { type: object, additionalProperties: { type: string } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } }, "400": { description: no } }
  /v1/customers/search:
    get:
      operationId: SearchCustomers
      parameters: [{ name: expand, in: query, style: deepObject, explode: true, schema: { type: array, items: { type: string } } }]
      requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object, properties: {} } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } }, "400": { description: no } }
  /v1/files:
    post:
      operationId: PostFiles
      servers: [{ url: "https://files.billing.example:8443/" }]
      requestBody: { required: true, content: { text/csv: {}, multipart/form-data: { schema: { type: object, required: [file], properties: { file: { type: string, format: binary }, purpose: { type: string } } } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } }, "400": { description: no } }
  /v1/refunds:
    post:
      operationId: PostRefunds
      requestBody: { content: { application/json: { schema: { type: object, required: [charge], properties: { charge: { type: string } } } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } }, "400": { description: no } }
components:
  securitySchemes: { basic: { type: http, scheme: basic }, bearer: { type: http, scheme: bearer } }
`);

/** A document of one operation. */
export function oneOperation(operation: Json, more: { readonly [key: string]: Json } = {}, method = "get"): Json {
  return {
    openapi: "3.1.0",
    info: { title: "One", version: "1" },
    servers: [{ url: "https://one.example" }],
    paths: { "/one": { [method]: operation } },
    ...more,
  };
}
