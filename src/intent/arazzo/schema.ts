/**
 * The form of an Arazzo document (OpenAPI Initiative, Arazzo 1.0.1; what 1.1 adds is read where it can be said): value → typed document.
 * Pure. The only file of this folder that imports zod; never shows zod's own text, and never follows a reference.
 */
import * as z from "zod";
import { isObject, type Json } from "../../json/value.ts";
import { quoted, refuse } from "./fault.ts";

const text = z.string("expected text");
const words = z.exactOptional(text);
const json = z.unknown() as unknown as z.ZodType<Json>;
const idRule = "expected a name of `A-Z a-z 0-9 _ -` (and `.`)";
const id = z.string(idRule).regex(/^[A-Za-z0-9_.-]{1,128}$/, idRule);

/** An object with these fields, and with extensions (`x-…`). Unknown fields are refused: they may be what restricts the others. */
function fields<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$loose> {
  const known = new Set(Object.keys(shape));
  return z.looseObject(shape, "expected an object").check((payload) => {
    for (const key of Object.keys(payload.value))
      if (!known.has(key) && !key.startsWith("x-"))
        payload.issues.push({
          code: "custom",
          input: payload.value,
          path: [key],
          message: `unknown field ${quoted(key)}; Arazzo has ${[...known].map((name) => `\`${name}\``).join(", ")} here`,
        });
  });
}

const list = <Element extends z.ZodType>(element: Element): z.ZodArray<Element> => z.array(element, "expected a list");
const byKey = <Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> =>
  z.record(text, value, "expected an object from names to values");

/** A reference into `components`, or the object itself: told apart by `reference`, so that each fault has its own place. */
function orReference<Value extends z.ZodType>(value: Value): z.ZodType<z.output<Value> | z.output<typeof reusable>> {
  return z.unknown().check((payload) => {
    const schema = isObject(payload.value as Json) && Object.hasOwn(payload.value as object, "reference") ? reusable : value;
    for (const issue of schema.safeParse(payload.value, { jitless: true }).error?.issues ?? [])
      payload.issues.push({ code: "custom", input: payload.value, path: [...issue.path], message: issue.message });
  }) as unknown as z.ZodType<z.output<Value> | z.output<typeof reusable>>;
}

/** Reusable Object (§4.6.10). */
const reusable = z.looseObject({ reference: text, value: z.exactOptional(json) }, "expected an object");

const criterion = fields({
  context: words,
  condition: z.union([text, z.number(), z.boolean()], "expected text: a condition"),
  type: z.exactOptional(
    z.union(
      [text, fields({ type: text, version: text })],
      "expected `simple`, `regex`, `jsonpath`, or an object with `type` and `version`",
    ),
  ),
});
const criteria = z.exactOptional(list(criterion));
const count = z.exactOptional(z.int("expected a whole number from 0").min(0, "expected a whole number from 0"));

const successAction = fields({
  name: text,
  type: z.enum(["end", "goto"], "expected `end` or `goto`"),
  workflowId: words,
  stepId: words,
  criteria,
  parameters: z.exactOptional(list(json)),
});
const failureAction = fields({
  name: text,
  type: z.enum(["end", "goto", "retry"], "expected `end`, `goto` or `retry`"),
  workflowId: words,
  stepId: words,
  retryAfter: z.exactOptional(z.number("expected a number of seconds").min(0, "expected a number of seconds")),
  retryLimit: count,
  criteria,
  parameters: z.exactOptional(list(json)),
});
const parameter = fields({
  name: text,
  in: z.exactOptional(
    z.enum(["path", "query", "querystring", "header", "cookie"], "expected `path`, `query`, `querystring`, `header` or `cookie`"),
  ),
  value: json,
});
const requestBody = fields({
  contentType: words,
  payload: z.exactOptional(json),
  replacements: z.exactOptional(list(fields({ target: text, targetSelectorType: z.exactOptional(json), value: json }))),
});
const outputs = z.exactOptional(byKey(json));

const step = fields({
  stepId: id,
  description: words,
  operationId: words,
  operationPath: words,
  workflowId: words,
  channelPath: words,
  correlationId: words,
  action: words,
  timeout: z.exactOptional(json),
  dependsOn: z.exactOptional(list(text)),
  parameters: z.exactOptional(list(orReference(parameter))),
  requestBody: z.exactOptional(requestBody),
  successCriteria: criteria,
  onSuccess: z.exactOptional(list(orReference(successAction))),
  onFailure: z.exactOptional(list(orReference(failureAction))),
  outputs,
});
const workflow = fields({
  workflowId: id,
  summary: words,
  description: words,
  inputs: z.exactOptional(json),
  dependsOn: z.exactOptional(list(text)),
  steps: list(step).min(1, "expected at least one step"),
  successActions: z.exactOptional(list(orReference(successAction))),
  failureActions: z.exactOptional(list(orReference(failureAction))),
  outputs,
  parameters: z.exactOptional(list(orReference(parameter))),
});
const document = fields({
  arazzo: z.string("expected the version of the specification, as in `1.0.1`"),
  $self: words,
  info: fields({ title: text, summary: words, description: words, version: text }),
  sourceDescriptions: list(
    fields({
      name: id,
      url: text,
      type: z.exactOptional(z.enum(["openapi", "arazzo", "asyncapi"], "expected `openapi`, `arazzo` or `asyncapi`")),
    }),
  ).min(1, "expected at least one source description"),
  workflows: list(workflow).min(1, "expected at least one workflow"),
  components: z.exactOptional(
    fields({
      inputs: z.exactOptional(byKey(json)),
      parameters: z.exactOptional(byKey(parameter)),
      successActions: z.exactOptional(byKey(successAction)),
      failureActions: z.exactOptional(byKey(failureAction)),
    }),
  ),
});

/** An Arazzo document whose form was checked. Members that begin with `x-` are there too. */
export type ArazzoDocument = z.output<typeof document>;
/** A workflow (§4.6.4). */
export type Workflow = z.output<typeof workflow>;
/** A step (§4.6.5). */
export type Step = z.output<typeof step>;
/** A parameter of a step (§4.6.6). */
export type Parameter = z.output<typeof parameter>;
/** The body of a request (§4.6.13). */
export type RequestBody = z.output<typeof requestBody>;
/** A success action (§4.6.7). */
export type SuccessAction = z.output<typeof successAction>;
/** A failure action (§4.6.8). */
export type FailureAction = z.output<typeof failureAction>;
/** A reference into `components` (§4.6.10). */
export type Reusable = z.output<typeof reusable>;
/** A criterion (§4.6.11). */
export type Criterion = z.output<typeof criterion>;

/** Reads a value as an Arazzo document of version 1.0 or 1.1, untouched. Throws `ArazzoFault`: `IMPORT_ARAZZO_FORM`, the first fault. */
export function readDocument(value: Json): ArazzoDocument {
  // Without `jitless` zod would try `new Function`, which Workers forbid.
  const result = document.safeParse(value, { jitless: true });
  const issue = result.error?.issues[0];
  if (issue !== undefined) {
    const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
    const missing =
      path.length > 0 && issue.code !== "custom" && isAbsent(value, path) ? `${quoted(String(path.at(-1)))} is missing: ` : "";
    return refuse("IMPORT_ARAZZO_FORM", path, `${missing}${issue.message}`);
  }
  const read = value as unknown as ArazzoDocument;
  if (!/^1\.[01]\.\d+(?:-.+)?$/.test(read.arazzo))
    return refuse("IMPORT_ARAZZO_FORM", ["arazzo"], "expected version 1.0 or 1.1 of the specification, as in `1.0.1`");
  return read;
}

function isAbsent(root: Json, path: readonly (string | number)[]): boolean {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return true;
    value = (value as { readonly [key: string | number]: unknown })[key];
  }
  return false;
}
