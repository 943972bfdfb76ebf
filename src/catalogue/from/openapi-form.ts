/**
 * The form of the parts of an OpenAPI document that are read (OpenAPI 3.0.4, 3.1.1 and 3.2.0 §4), as schemas.
 * Pure. Never lets a part through whose members have another type than the specification says; members that are not read are not looked at.
 */
import * as z from "zod";
import type { Json } from "../../json/value.ts";
import type { Place, Report } from "../report.ts";

const object = z.record(z.string(), z.custom<Json>());
const objects = z.array(object);
const maps = z.record(z.string(), object);

/** OpenAPI Object. */
export const documentForm = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ title: z.string().optional(), version: z.string().optional() }).optional(),
  servers: objects.optional(),
  paths: maps.optional(),
  security: objects.optional(),
  webhooks: maps.optional(),
  components: z.looseObject({ securitySchemes: maps.optional() }).optional(),
});

/** Path Item Object. */
export const pathItemForm = z.looseObject({
  summary: z.string().optional(),
  description: z.string().optional(),
  servers: objects.optional(),
  parameters: objects.optional(),
  additionalOperations: maps.optional(),
});

/** Operation Object. */
export const operationForm = z.looseObject({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  deprecated: z.boolean().optional(),
  parameters: objects.optional(),
  requestBody: object.optional(),
  responses: maps.optional(),
  callbacks: object.optional(),
  security: objects.optional(),
  servers: objects.optional(),
  "x-sluice": object.optional(),
});

const schema = z.union([object, z.boolean()]);
const encoding = z.looseObject({
  contentType: z.string().optional(),
  style: z.string().optional(),
  explode: z.boolean().optional(),
});
const mediaType = z.looseObject({ schema: schema.optional(), encoding: z.record(z.string(), encoding).optional() });
const content = z.record(z.string(), mediaType);

/** Parameter Object. */
export const parameterForm = z.looseObject({
  name: z.string().min(1),
  in: z.string(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  deprecated: z.boolean().optional(),
  schema: schema.optional(),
  content: content.optional(),
  style: z.string().optional(),
  explode: z.boolean().optional(),
});

/** Request Body Object. */
export const bodyForm = z.looseObject({ description: z.string().optional(), required: z.boolean().optional(), content });

/** Response Object. */
export const responseForm = z.looseObject({
  description: z.string().optional(),
  content: content.optional(),
  links: object.optional(),
});

/** Server Object. */
export const serverForm = z.looseObject({
  url: z.string(),
  variables: z.record(z.string(), z.looseObject({ default: z.string(), enum: z.array(z.string()).optional() })).optional(),
});

/** Security Scheme Object. */
export const securitySchemeForm = z.looseObject({
  type: z.string(),
  in: z.string().optional(),
  name: z.string().optional(),
  scheme: z.string().optional(),
});

/** Security Requirement Object. */
export const requirementForm = z.record(z.string(), z.array(z.string()));

/** A Parameter Object that was read. */
export type Parameter = z.infer<typeof parameterForm>;
/** A Path Item Object that was read. */
export type PathItem = z.infer<typeof pathItemForm>;
/** An Operation Object that was read. */
export type Operation = z.infer<typeof operationForm>;
/** An OpenAPI Object that was read. */
export type OpenApiDocument = z.infer<typeof documentForm>;
/** Media types with their schemas. */
export type Content = z.infer<typeof content>;

/** A value of the form, or `undefined` and an error at the place of its first fault. */
export function readForm<Form extends z.ZodType>(
  form: Form,
  value: unknown,
  { place, report }: { readonly place: Place; readonly report: Report },
): z.infer<Form> | undefined {
  const read = form.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  // The library's own sentence is not shown; the name of the type that it expected is a word of a closed list.
  const wanted =
    issue?.code === "invalid_type"
      ? `must be ${names[issue.expected] ?? "of another type"}`
      : "has not the form that OpenAPI gives it";
  report.error([...place, ...path], wanted, "CATALOGUE_SOURCE");
  return undefined;
}

const names: { readonly [type: string]: string } = {
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
