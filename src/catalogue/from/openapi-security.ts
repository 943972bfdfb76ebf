/**
 * Which secrets the operations of an OpenAPI document need (3.1.1 §4.8.27 Security Scheme Object).
 * Pure. Never makes a secret an argument of a call: whoever sends the request puts it in, the agent never sees it.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { Place, Report } from "../report.ts";
import { type OpenApiDocument, readForm, requirementForm, securitySchemeForm } from "./openapi-form.ts";
import { follow } from "./references.ts";

/** One secret of an operation. */
export interface Credential {
  /** The scheme's name in the document. */
  readonly scheme: string;
  /** `apiKey`, `http`, `oauth2`, `openIdConnect`, `mutualTLS`. */
  readonly type: string;
  /** Where an API key goes. */
  readonly in?: "query" | "header" | "cookie";
  /** The name of the parameter, header or cookie of an API key; `authorization` for what goes there. */
  readonly name?: string;
}

/** The secrets that an operation may be sent with: those of every alternative of its requirements. */
export function credentialsOf(
  requirements: readonly JsonObject[],
  document: OpenApiDocument,
  options: { readonly root: Json; readonly report: Report; readonly place: Place },
): readonly Credential[] {
  const { root, report, place } = options;
  const found = new Map<string, Credential>();
  for (const [i, requirement] of requirements.entries()) {
    const read = readForm(requirementForm, requirement, { place: [...place, i], report });
    for (const name of Object.keys(read ?? {})) {
      const scheme = document.components?.securitySchemes?.[name];
      const at = ["components", "securitySchemes", name];
      const target = scheme === undefined ? undefined : follow(scheme, at, { root, report });
      if (scheme === undefined)
        report.warn([...place, i, name], "the document does not describe this security scheme", "CATALOGUE_SKIPPED");
      const form = target === undefined ? undefined : readForm(securitySchemeForm, target.value, { place: target.place, report });
      if (form === undefined) continue;
      const where = (["query", "header", "cookie"] as const).find((each) => form.type === "apiKey" && each === form.in);
      found.set(name, {
        scheme: name,
        type: form.type,
        ...(where === undefined ? {} : { in: where }),
        ...(where !== undefined && form.name !== undefined ? { name: form.name } : {}),
        ...(where === undefined && form.type !== "mutualTLS" ? { in: "header", name: "authorization" } : {}),
      });
    }
  }
  return [...found.values()];
}

/** Whether a parameter is one of the secrets. Names of headers have no case (RFC 9110 §5.1). */
export function isCredential(
  parameter: { readonly in: string; readonly name: string },
  credentials: readonly Credential[],
): boolean {
  const fold = (name: string | undefined): string | undefined => (parameter.in === "header" ? name?.toLowerCase() : name);
  return credentials.some((credential) => credential.in === parameter.in && fold(credential.name) === fold(parameter.name));
}
