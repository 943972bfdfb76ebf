/**
 * JSONPath (RFC 9535), compiled at freeze and run per call in bounded time, and the plan's `node$.path` references.
 * Never runs a regular expression and never reads through a prototype. Pure. No I/O, no clock.
 */
import { isObject, type Json } from "../json/value.ts";
import { nameCharsMax, pathCharsMax, pathVisitsMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import { type LangError, langError } from "./error.ts";
import { parseQuery } from "./path/parse.ts";
import { compileSegments, type Found, leadingSteps, readsRoot, singularSteps } from "./path/select.ts";

/** A selected value and where it was: raw member names and non-negative indexes from the root. */
export interface Located {
  readonly path: readonly (string | number)[];
  readonly value: Json;
}

/** A compiled JSONPath query. */
export interface Path {
  readonly source: string;
  /** A singular query (RFC 9535 §2.3.5.1): names and indexes only, so it selects at most one value. */
  readonly singular: boolean;
  /** The longest run of leading names and non-negative indexes: all that the query selects lies below it. */
  readonly prefix: readonly (string | number)[];
  /**
   * Selects in document order; the members of an object come in UTF-16 order of their names, whatever order they were sent in.
   * The only error is `LANG_PATH_LIMIT`: more than `pathVisitsMax` values visited or compared, or nested deeper than `jsonDepthMax`.
   */
  select(value: Json): Result<readonly Located[], LangError>;
  /** Of a singular query: the value that it selects, or `undefined`. Makes nothing. */
  readonly first?: (value: Json) => Json | undefined;
}

const nothing: Result<readonly Located[], LangError> = ok(Object.freeze([]));

/**
 * Compiles a JSONPath query. All of RFC 9535 but the functions `match` and `search` (`LANG_PATH_FUNCTION`): the standard's
 * I-Regexp is not what `re` of the expressions runs, and one dialect is enough. Other errors: `LANG_PATH_SYNTAX` with an offset,
 * `LANG_PATH_LIMIT` for a source that is too long or nests too deep.
 */
export function compilePath(source: string): Result<Path, LangError> {
  if (source.length > pathCharsMax)
    return err(langError("LANG_PATH_LIMIT", `a path has at most ${pathCharsMax} characters`, pathCharsMax));
  const parsed = parseQuery(source);
  if ("fault" in parsed) return err(parsed.fault);
  const { query } = parsed;
  // A filter that looks at the root reads all of the value, whatever stands before it.
  const prefix = readsRoot(query) ? [] : leadingSteps(query, false);
  const steps = singularSteps(query);
  if (steps !== undefined) {
    const isFixed = steps.length === prefix.length;
    const first = (value: Json): Json | undefined => follow(steps, value);
    return ok({ source, singular: true, prefix, select: (value) => selectOne(steps, value, isFixed), first });
  }
  const select = compileSegments(query.segments);
  return ok({
    source,
    singular: false,
    prefix,
    select: (root) => {
      const work = { left: pathVisitsMax };
      const found = select({ value: root, key: "", parent: undefined }, { root, work });
      if (work.left < 0) return err(langError("LANG_PATH_LIMIT", `the path visits more than ${pathVisitsMax} values`));
      return ok(found.map(locate));
    },
  });
}

/** The hot case, `$.a.b[3].c`: one loop, no closures. `undefined`: it selects nothing. */
function follow(steps: readonly (string | number)[], value: Json): Json | undefined {
  let current: Json = value;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as string | number;
    if (typeof step === "string") {
      if (!isObject(current) || !Object.hasOwn(current, step)) return undefined;
      current = current[step] as Json;
    } else {
      if (!Array.isArray(current)) return undefined;
      const at: number = step < 0 ? step + current.length : step;
      if (at < 0 || at >= current.length) return undefined;
      current = current[at] as Json;
    }
  }
  return current;
}

/** `isFixed` says that no index is negative, so the path is known already. */
function selectOne(steps: readonly (string | number)[], value: Json, isFixed: boolean): Result<readonly Located[], LangError> {
  const found = follow(steps, value);
  return found === undefined ? nothing : ok([{ path: isFixed ? steps : positions(steps, value), value: found }]);
}

/** Steps with their negative indexes counted from the start; only called where every step selects. */
function positions(steps: readonly (string | number)[], value: Json): readonly (string | number)[] {
  let current: Json = value;
  return steps.map((step) => {
    const at: string | number = typeof step === "number" && step < 0 && Array.isArray(current) ? step + current.length : step;
    current = (current as never)[at];
    return at;
  });
}

function locate(found: Found): Located {
  const path: (string | number)[] = [];
  for (let node = found; node.parent !== undefined; node = node.parent) path.push(node.key);
  return { path: path.reverse(), value: found.value };
}

/** A reference of the plan: a node and a path into its recorded result. */
export interface Reference {
  readonly node: string;
  readonly path: Path;
}

const nodeName = /^[A-Za-z0-9_.-]+$/;

/**
 * Reads `node$.path`: the name of a node up to the first `$`, and from that `$` on a JSONPath query (`quotes$` is the whole result).
 * Errors: `LANG_REFERENCE_SYNTAX`, and those of {@link compilePath} with offsets into the whole reference.
 */
export function parseReference(source: string): Result<Reference, LangError> {
  const dollar = source.indexOf("$");
  if (dollar === -1)
    return err(langError("LANG_REFERENCE_SYNTAX", "a reference names a node and a path, as in `node$.path`", source.length));
  const node = source.slice(0, dollar);
  if (node.length > nameCharsMax || !nodeName.test(node)) {
    return err(langError("LANG_REFERENCE_SYNTAX", "before `$` comes the name of a node, of `A-Za-z0-9_.-`", 0));
  }
  const path = compilePath(source.slice(dollar));
  if (path.ok) return ok({ node, path: path.value });
  const { code, message, offset } = path.error;
  return err(langError(code, message, offset === undefined ? undefined : offset + dollar));
}
