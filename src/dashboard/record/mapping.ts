/**
 * The mapping that a form of reports has brought: what labels, tools and plans stand for.
 * Never reads a long one: any viewer may send it, and calls wait meanwhile.
 */
import { type Mapping, readMapping } from "../../audit/report/mapping.ts";
import { readYaml } from "../../json/yaml.ts";
import { ok, type Result } from "../../result.ts";
import type { PageProblem } from "../dashboard.ts";
import { problem } from "../shell.ts";
import { mappingBytesMax } from "./bounds.ts";

/** The mapping of a text, YAML or JSON; none of an empty one. */
export function mappingOf(text: string): Result<Mapping | undefined, PageProblem> {
  if (text.trim() === "") return ok(undefined);
  if (text.length > mappingBytesMax) return problem(413, `a mapping has at most ${mappingBytesMax} bytes`);
  const value = readYaml(text, { maxBytes: mappingBytesMax });
  if (!value.ok) return problem(422, `the mapping cannot be read: ${value.error.message}`);
  const read = readMapping(value.value);
  if (read.ok) return read;
  const [first] = read.error;
  return problem(422, `the mapping cannot be read: ${first?.pointer ?? ""}: ${first?.message ?? ""}`);
}
