/**
 * Small arbitrary policies about the tools, labels and arguments of the generated plans of `test/spec`.
 * Never makes one that cannot be read.
 */
import type { ArgumentRole, Issuer, Policy, PolicyFlow } from "../../src/policy/policy.ts";
import type { Dice } from "../spec/dice.ts";

const globs = ["*", "t/*", "s/*", "t/send", "s/get", "*/put"];
const args = ["id", "n", "to", "body", "b"];
const keys = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"];

/** Generates a policy. */
export function generatePolicy(dice: Dice): Policy {
  const list = <T>(percent: number, make: (at: number) => T): readonly T[] | undefined =>
    dice.chance(percent) ? Array.from({ length: 1 + dice.below(2) }, (_, at) => make(at)) : undefined;
  const some = dice.some(["ana", "ben", "cem"], 60);
  const policy: { readonly [K in keyof Policy]: Policy[K] | undefined } = {
    sluicePolicy: 1,
    name: dice.pick(["a", "b", "c"]),
    readers: dice.chance(20) ? dice.pick(["open", "closed"] as const) : undefined,
    labels: {
      ext: { integrity: "untrusted" },
      risk: {
        integrity: dice.pick(["trusted", "untrusted"]),
        ...(dice.chance(30) ? { readers: dice.pick(["public", ["bob"], ["alice", "bob"]]) } : {}),
      },
      hr: { integrity: "trusted", ...(dice.chance(30) ? { readers: ["bob"] } : {}) },
      fin: { integrity: "untrusted", ...(dice.chance(30) ? { readers: [] } : {}) },
    },
    flows: list(50, (at) => generateFlow(dice, at)),
    sanitizers: list(20, (at) => ({
      id: `s${at}`,
      labels: dice.pick([["ext"], ["fin", "external_api"]]),
      to: dice.pick(globs),
      through: dice.pick(globs),
    })),
    roles: dice.chance(40)
      ? { [dice.pick(globs)]: { [dice.pick(args)]: generateRole(dice), [dice.pick(args)]: generateRole(dice) } }
      : undefined,
    effects: dice.chance(20) ? { [dice.pick(globs)]: [dice.pick(["network", "write", "message"])] } : undefined,
    audience: dice.chance(25) ? { [dice.pick(globs)]: dice.pick(["public", ["bob"], ["carol", "dave"]]) } : undefined,
    approve: dice.chance(20)
      ? dice.pick<Policy["approve"]>([
          { tools: [dice.pick(globs)] },
          { effects: ["write"] },
          { untrusted: ["target", "selector"] },
        ])
      : undefined,
    limits: dice.chance(25)
      ? dice.pick<Policy["limits"]>([{ calls: 3 }, { maxBytes: 40 }, { seconds: 100 }, { text: { maxLength: 5 } }])
      : undefined,
    forbid: dice.chance(10) ? [{ id: "f", tools: dice.pick(globs), classes: [dice.pick(["write", "choose"])] }] : undefined,
    constraints: list(40, (at) => ({
      id: `c${at}`,
      ...(dice.chance(70) ? { tools: dice.pick(globs) } : { effects: ["read"] as const }),
      hold: dice.pick([
        { hosts: ["h.example"] },
        { paths: ["u1"] },
        { rate: { calls: 1, per: "minute" as const } },
        { budget: { max: 2 } },
        { maxBytes: 45 },
        { approve: "human" as const },
      ]),
    })),
    approvers: Object.fromEntries(
      some.map((name) => [
        name,
        dice.chance(10) ? { revoked: true } : { key: { kty: "OKP", crv: "Ed25519", x: dice.pick(keys) } },
      ]),
    ),
    issuers: dice.chance(30) ? { x: generateIssuer(dice), ...(dice.chance(40) ? { y: generateIssuer(dice) } : {}) } : undefined,
    approval: some.length > 0 && dice.chance(50) ? { plans: { by: dice.some(some, 70), people: 1 + dice.below(2) } } : undefined,
  };
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as unknown as Policy;
}

function generateIssuer(dice: Dice): Issuer {
  if (dice.chance(10)) return { revoked: true };
  return {
    key: { kty: "OKP", crv: "Ed25519", x: dice.pick(keys) },
    ...(dice.chance(70) ? { labels: { web: dice.pick(["ext", ["ext", "fin"]]), [dice.pick(["hr", "fin"])]: "hr" } } : {}),
    ...(dice.chance(30) ? { constants: dice.pick(["ext", "risk"]) } : {}),
    ...(dice.chance(40) ? { readers: { ana: dice.pick(["ana", "bob"]), bob: "bob" } } : {}),
  };
}

function generateRole(dice: Dice): ArgumentRole {
  return dice.pick(["target", "command", "selector", "credential"]);
}

function generateFlow(dice: Dice, at: number): PolicyFlow {
  return {
    id: `f${at}`,
    deny: dice.pick([["ext"], ["untrusted"], ["hr", "risk"], ["fin", "unknown"], ["user_input"]]),
    to: dice.pick<string | readonly string[]>([...globs, ["s/get", "t/*"]]),
    ...(dice.chance(25) ? { args: dice.pick([["to"], ["n", "id"]]) } : {}),
    ...(dice.chance(35)
      ? { roles: dice.pick<NonNullable<PolicyFlow["roles"]>>([["target"], ["content"], ["control"], ["selector", "target"]]) }
      : {}),
    ...(dice.chance(20) ? { accepts: ["risk"] } : {}),
  };
}
