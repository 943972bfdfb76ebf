/**
 * Globs and lists of hosts that are not what their author took them for: regular expressions, and patterns that fit everything.
 * Pure. In a glob only `*` means something; in a list of hosts only a leading `*.`.
 */
import type { Finding } from "../../plan/finding.ts";
import type { Policy } from "../policy.ts";
import { policyFinding, type PolicyRule } from "./finding.ts";

type Steps = readonly (string | number)[];

interface Place {
  readonly path: Steps;
  readonly text: string;
}

function places(value: string | readonly string[] | undefined, path: Steps): readonly Place[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [{ path, text: value }] : value.map((text, at) => ({ path: [...path, at], text }));
}

/** Every tool glob of a policy. */
export function globsOf(policy: Policy): readonly Place[] {
  return [
    ...(policy.flows ?? []).flatMap(({ to }, at) => places(to, ["flows", at, "to"])),
    ...(policy.sanitizers ?? []).flatMap(({ to, through }, at) => [
      ...places(to, ["sanitizers", at, "to"]),
      ...places(through, ["sanitizers", at, "through"]),
    ]),
    ...(["roles", "effects", "audience"] as const).flatMap((kind) =>
      Object.keys(policy[kind] ?? {}).map((text) => ({ path: [kind, text], text })),
    ),
    ...places(policy.approve?.tools, ["approve", "tools"]),
    ...(["forbid", "constraints"] as const).flatMap((kind) =>
      (policy[kind] ?? []).flatMap(({ tools }, at) => places(tools, [kind, at, "tools"])),
    ),
  ];
}

/** What is no character of a tool's name and means something in a regular expression. */
const regexMarks = /[\^$()[\]{}|\\?+]|\.\*/;

/**
 * `POLICY_NOT_A_GLOB`: a regular expression where a glob, a host or a domain stands. `.*@[^ourcompany.com$].*` is a class of characters
 * to a regular expression and matches nothing here.
 */
export const notGlobs: PolicyRule = (policy) => {
  const hosts = (policy.constraints ?? []).flatMap(({ hold }, at) =>
    (["hosts", "domains", "emails"] as const).flatMap((kind) => places(hold[kind], ["constraints", at, "hold", kind])),
  );
  const findings = globsOf(policy).flatMap(({ path, text }): readonly Finding[] => {
    if (!regexMarks.test(text)) return [];
    const message =
      "this is written like a regular expression, and it is a glob: only `*` means something, and it stands for any text";
    return [policyFinding("error", "POLICY_NOT_A_GLOB", { path, message })];
  });
  const lists = hosts.flatMap(({ path, text }): readonly Finding[] => {
    const rest = text.startsWith("*.") ? text.slice(2) : text;
    if (!regexMarks.test(rest) && !rest.includes("*")) return [];
    const message = "this matches no host: entries are exact names, or `*.` and the end of a name; nothing else means anything";
    return [policyFinding("error", "POLICY_NOT_A_GLOB", { path, message })];
  });
  return [...findings, ...lists];
};

/** `POLICY_MATCHES_ALL`: a glob that fits every tool where that switches a protection off or makes it useless. */
export const wideGlobs: PolicyRule = (policy) =>
  globsOf(policy).flatMap(({ path, text }): readonly Finding[] => {
    if (!/^\*+(?:\/\*+)?$/.test(text)) return [];
    if (path[0] === "sanitizers" && path[2] === "through") {
      const message = "every tool is accepted as a sanitizer, so that any plan satisfies the rule: name the tools that sanitize";
      return [policyFinding("error", "POLICY_MATCHES_ALL", { path, message })];
    }
    if (path[0] !== "approve") return [];
    const message =
      "every call waits for a human: what is always asked is soon approved unread; name the tools or effects that matter";
    return [policyFinding("warning", "POLICY_MATCHES_ALL", { path, message })];
  });
