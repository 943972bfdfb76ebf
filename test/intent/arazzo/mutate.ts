/**
 * JSON documents that are almost Arazzo: values replaced, members taken away, renamed or doubled, elements moved.
 * Test support. Pure: what comes out follows from what fast-check draws.
 */
import * as fc from "fast-check";
import { isArray, isObject, type Json } from "../../../src/json/value.ts";

/** What stands where something else is expected. */
const odd: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2n ** 60n,
  "",
  "x",
  " ",
  "$",
  "$inputs",
  "$inputs.",
  "$inputs.q",
  "$inputs.a.b[0]",
  "$inputs.a#/b",
  "$outputs.x",
  "$steps.find.outputs.id",
  "$steps.plan.outputs.planId#/a/-1/~2",
  "$steps.order.outputs.x",
  "$workflows.a.outputs.b",
  "$response.body",
  "$response.body#/a/0",
  "$response.body#a",
  "$response.header.X",
  "$request.body#/amount",
  "$url",
  "$method",
  "$statusCode",
  "$message.payload",
  "$components.parameters.x",
  "$sourceDescriptions.loans.url",
  "a {$inputs.token} b",
  "{$inputs.token",
  "{$}",
  "{{$inputs.token}}",
  '{"a": {$inputs.token}}',
  "$statusCode == 404",
  "$statusCode == 200 || $response.body#/a == 1",
  "$response.body#/a == 'b'",
  "!($response.body.a[0] > 1) && true",
  "$response.body#/a ==",
  "((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))",
  "$[?@.a == 1]",
  "$..a",
  "^(a+)+$",
  "(?=a)",
  "end",
  "goto",
  "retry",
  "regex",
  "jsonpath",
  "xpath",
  "checkCustomer",
  "order",
  "pay-later",
  "path",
  "header",
  "#/components/inputs/basket",
  "http://example.com/x.yaml",
  "\u0000",
  "\u202e",
  "__proto__",
  "constructor",
  [],
  {},
  [[]],
  { reference: "$components.parameters.none" },
  { $ref: "#/components/inputs/basket" },
  { condition: "$statusCode == 200" },
  { name: "a", type: "end" },
  { name: "a", type: "goto", stepId: "order" },
  { name: "a", type: "retry", retryLimit: 2 },
  { context: "$response.body", selector: "/a", type: "jsonpointer" },
  { type: "object", properties: { q: { type: "string" } } },
];
const keys: readonly string[] = [
  "value",
  "in",
  "name",
  "steps",
  "when",
  "x-sluice",
  "x-other",
  "workflowId",
  "operationId",
  "operationPath",
  "dependsOn",
  "onSuccess",
  "onFailure",
  "successCriteria",
  "outputs",
  "inputs",
  "parameters",
  "requestBody",
  "replacements",
  "__proto__",
  "set",
  "drop",
  "over",
];

/** Paths of all values of a document. */
export function pathsOf(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  const inner = isArray(value)
    ? value.flatMap((element, at) => pathsOf(element, [...path, at]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))
      : [];
  return [path, ...inner];
}

/** The value with a change at a path; `undefined` takes it away. */
export function changed(value: Json, path: readonly (string | number)[], change: (value: Json) => Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change(value) ?? null;
  if (isArray(value)) return value.flatMap((element, at) => (at === step ? listed(rest, element, change) : [element]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      key === step ? listed(rest, member, change).map((next) => [key, next]) : [[key, member]],
    ),
  );
}

function listed(rest: readonly (string | number)[], value: Json, change: (value: Json) => Json | undefined): readonly Json[] {
  if (rest.length > 0) return [changed(value, rest, change)];
  const next = change(value);
  return next === undefined ? [] : [next];
}

/** Documents with one to three changes. `isOpen`: where a change may be made. */
export function mutated(
  document: Json,
  isOpen: (path: readonly (string | number)[]) => boolean = () => true,
): fc.Arbitrary<Json> {
  const open = pathsOf(document).filter((path) => path.length > 0 && isOpen(path));
  const one = fc.record({
    path: fc.constantFrom(...open),
    other: fc.constantFrom(...open),
    kind: fc.constantFrom("replace", "remove", "add", "copy", "double"),
    value: fc.constantFrom(...odd),
    key: fc.constantFrom(...keys),
  });
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((current, { path, other, kind, value, key }) => {
      if (kind === "replace") return changed(current, path, () => value);
      if (kind === "remove") return changed(current, path, () => undefined);
      if (kind === "add")
        return changed(current, path, (old) =>
          isObject(old) ? { ...old, [key]: value } : isArray(old) ? [...old, value] : value,
        );
      if (kind === "double") return changed(current, path, (old) => (isArray(old) ? [...old, ...old] : old));
      const found = at(current, other);
      return found === undefined ? current : changed(current, path, () => found);
    }, document),
  );
}

/** The value at a path. */
export function at(value: Json, path: readonly (string | number)[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path)
    current = isArray(current)
      ? current[Number(step)]
      : isObject(current) && Object.hasOwn(current, step)
        ? current[step]
        : undefined;
  return current;
}
