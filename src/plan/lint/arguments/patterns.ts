/**
 * Rules about patterns that let through more than they seem to: tried on texts that only a mistake accepts.
 * Pure. Never guesses from the pattern alone that a text is accepted: the compiled pattern is asked.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../../json/value.ts";
import { compilePattern } from "../../../lang/pattern.ts";
import type { Finding } from "../../finding.ts";
import { classify, optionsOf, rulesOf } from "../../walk.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

type Step = string | number;

interface PlacedPattern {
  readonly path: readonly Step[];
  readonly source: string;
}

/** Every pattern of a plan that says which values an argument or a parameter may have. */
function patternsOf(subject: LintSubject): readonly PlacedPattern[] {
  const found: PlacedPattern[] = [];
  for (const [name, spec] of Object.entries(subject.plan.params ?? {})) collect(spec as JsonObject, ["params", name], found);
  for (const { name, node } of subject.nodes) {
    for (const { path, rule } of rulesOf(name, node)) {
      const { match } = optionsOf(rule);
      if (match !== undefined) collect(match, [...path, "match"], found);
      const classed = classify(rule);
      if (classed.kind === "choose") collect(classed.rule.choose, [...path, "choose"], found);
    }
  }
  return found;
}

/** The patterns in a constraint, however deep; `not` turns the meaning round and is left out. Depth is bounded by `jsonDepthMax`. */
function collect(spec: Json | undefined, path: readonly Step[], found: PlacedPattern[]): void {
  if (isArray(spec)) for (const [i, inner] of spec.entries()) collect(inner, [...path, i], found);
  if (!isObject(spec)) return;
  for (const [key, value] of Object.entries(spec)) {
    if (key === "pattern" && typeof value === "string") found.push({ path, source: value });
    else if (key !== "not" && key !== "enum" && key !== "const") collect(value, [...path, key], found);
  }
}

/** A domain as it stands in a pattern, with or without escapes. */
const domainInPattern = /(?<![a-z0-9-](?:\\?\.)?)(?:[a-z0-9-]+\\?\.)+[a-z]{2,24}/gi;

/**
 * `LINT_PATTERN_CLASS`: a character class that is written like a word. `LINT_PATTERN_DOT`: a dot of a domain that is not escaped.
 * `LINT_PATTERN_HOST`: a pattern over a host that other hosts have, too. `LINT_PATTERN_PATH`: likewise for a folder.
 */
export const narrowPatterns: LintRule = (subject) =>
  patternsOf(subject).flatMap(({ path, source }): readonly Finding[] => {
    const compiled = compilePattern(source);
    if (!compiled.ok) return [];
    const accepts = (text: string): boolean => compiled.value.test(text);
    const judged = [wordClass(source), openDot(source, accepts), openHost(source, accepts), openPath(source, accepts)];
    return judged
      .filter((one) => one !== undefined)
      .map(({ code, message }) => findingAt(path, { code, severity: "warning", message }));
  });

type Judgement = Pick<Finding, "code" | "message"> | undefined;

/** A class that holds a dot between letters, or an anchor at its end: no set of characters is written like that. */
function wordClass(source: string): Judgement {
  const classes = source.match(/\[(?:\\.|[^\]\\])*\]/g) ?? [];
  const odd = classes.find(
    (text) =>
      /[a-z]{2}\\?\.[a-z]{2}/i.test(text) || (text.endsWith("$]") && /[a-z]{3}/i.test(text) && !/[a-z]-[a-z]/i.test(text)),
  );
  if (odd === undefined) return undefined;
  const message = `\`${odd.slice(0, 60)}\` is one character out of a set (or none of it), and no word: write \`(a|b)\`, or the text itself with \`\\.\` for a dot`;
  return { code: "LINT_PATTERN_CLASS", message };
}

/** A domain whose dots are any character. */
function openDot(source: string, accepts: (text: string) => boolean): Judgement {
  const outside = source.replace(/\[(?:\\.|[^\]\\])*\]/g, (text) => " ".repeat(text.length));
  for (const found of outside.matchAll(domainInPattern)) {
    const text = found[0];
    const end = found.index + text.length;
    const dots = [...text.matchAll(/\./g)].map(({ index }) => index).filter((at) => text[at - 1] !== "\\");
    // `ab.cd+` or `ab.c*`: a dot before something repeated is meant as any character as often as not.
    if (dots.length === 0 || /[*+?{]/.test(outside[end] ?? "")) continue;
    const domain = text.replaceAll("\\.", ".");
    const twin = domain.replace(/\./g, "x");
    const probes = [`a@${twin}`, `https://${twin}/`, `https://${twin}`, twin, `${twin}/`];
    const probe = probes.find(accepts) ?? (/@|:\/\//.test(source.slice(0, found.index)) ? `…${twin}` : undefined);
    if (probe === undefined) continue;
    const message = `a dot is any character, so \`${probe}\` has the pattern, too: \`\\.\` is a dot`;
    return { code: "LINT_PATTERN_DOT", message };
  }
  return undefined;
}

/** A domain of the pattern that other hosts have as their beginning or end. */
function openHost(source: string, accepts: (text: string) => boolean): Judgement {
  for (const [written] of source.matchAll(domainInPattern)) {
    const domain = written.replaceAll("\\.", ".");
    // Where the pattern asks for a name before the domain, a host without one would not be accepted.
    const longer = [domain, `a.${domain}`].flatMap((host) => [`${host}.evil.example`, `${host}@evil.example`]);
    const hosts = [...longer, `evil-${domain}`, `evil${domain}`];
    const probe = hosts
      .flatMap((host) => [
        `https://${host}/`,
        `https://${host}`,
        `https://${host}/x`,
        host,
        ...(host.includes("@") ? [] : [`x@${host}`]),
      ])
      .find((text) => accepts(text) && !accepts("https://evil.example/") && !accepts("x@evil.example"));
    if (probe === undefined) continue;
    const message = `\`${probe}\` has the pattern, too, and is another host: \`hosts\` or \`domains\` compare hosts, or end it with \`/\` and begin it with \`\\.\``;
    return { code: "LINT_PATTERN_HOST", message };
  }
  return undefined;
}

/** A folder of the pattern that other folders begin like, or that can be left by `..`. */
function openPath(source: string, accepts: (text: string) => boolean): Judgement {
  const literal = /^\^?((?:\\?\.){0,2}(?:\\?\/[A-Za-z0-9_-]+)+\\?\/?|[A-Za-z0-9_-]+\\?\/(?:[A-Za-z0-9_-]+\\?\/)*)/
    .exec(source)?.[1]
    ?.replaceAll("\\", "");
  if (literal === undefined) return undefined;
  const tail = /((?:\\?\.[A-Za-z0-9]+)+)\$?$/.exec(source)?.[1]?.replaceAll("\\", "") ?? "";
  const folder = literal.endsWith("/") ? literal : `${literal.slice(0, literal.lastIndexOf("/") + 1)}`;
  const climbing = [
    `${literal}/../../etc/passwd${tail}`,
    `${folder}../../etc/passwd${tail}`,
    `${literal}../../etc/passwd${tail}`,
  ].find(accepts);
  const beside = literal.endsWith("/")
    ? undefined
    : [`${literal}base/x${tail}`, `${literal}-old/x${tail}`].find((text) => accepts(text) && accepts(`${literal}/x${tail}`));
  const probe = beside ?? climbing;
  if (probe === undefined) return undefined;
  const message = `\`${probe}\` has the pattern, too: end a folder with \`/\`, and take characters without a dot and a slash for names, or use \`paths\``;
  return { code: "LINT_PATTERN_PATH", message };
}
