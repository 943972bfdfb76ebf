/**
 * The grammar of a claim: what names what, and one clear line for everything else.
 */
import { describe, expect, it } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parseNever } from "../../src/verify/never.ts";
import { must, readExample } from "../plans/example.ts";

const { plan, catalogue } = readExample("support");
const compiled = must(compilePlan(must(freezePlan(plan, catalogue), "support")), "support");
const parse = (text: string) => parseNever(compiled, text);
const sinks = (text: string): readonly string[] =>
  must(parse(`unknown -> ${text}`), text).sinks.map(({ node, argument }) => `${node}.${argument ?? "()"}`);
const sources = (text: string): readonly string[] => must(parse(`${text} -> *`), text).sources;

describe("a claim", () => {
  it.each([
    ["mail/send", ["answer.body", "answer.subject", "answer.to"]],
    ["mail/*.to", ["answer.to"]],
    ["mail/send:target", ["answer.to"]],
    ["db/query:command", ["history.sql", "order.sql"]],
    ["answer", ["answer.body", "answer.subject", "answer.to"]],
    ["node:answer.body", ["answer.body"]],
    ["refund:control", ["refund.()"]],
    ["ftp/put", []],
    ["*:credential", []],
  ])("takes `%s` for the arguments that it names", (text, expected) => {
    expect(sinks(text)).toEqual(expected);
  });

  it.each([
    ["untrusted", ["untrusted"]],
    ["external_api", ["external_api"]],
    ["desk", ["desk"]],
    ["ticket", ["node:ticket"]],
    ["node:ticket", ["node:ticket"]],
    ["db/*", ["node:customer", "node:history", "node:order"]],
    ["ftp/*", []],
  ])("takes `%s` for the sources that it names", (text, expected) => {
    expect(sources(text)).toEqual(expected);
  });

  it.each([
    ["external_api", "expected `SOURCE -> SINK`"],
    ["a -> b -> c", "expected `SOURCE -> SINK`"],
    [" -> *", "expected `SOURCE -> SINK`"],
    ["external -> *", "`external` is neither a label nor a node"],
    ["label:nothing -> *", "`nothing` is not a label"],
    ["node:nothing -> *", "`nothing` is not a tool node"],
    ["unknown -> mail/send.cc", "no node of `mail/send` has an argument `cc`"],
    ["unknown -> mail/send:taget", "`taget` is not a role"],
    ["unknown -> mail/send.to:target", "an argument has one role"],
    ["unknown -> mailer", "`mailer` is not a node"],
    ["unknown -> mail\u202eer", "`mail er` is not a node"],
  ])("refuses `%s` in one line", (text, message) => {
    const result = parse(text);
    expect(result.ok).toBe(false);
    if (!result.ok) {
      expect(result.error.message).toContain(message);
      expect(result.error.message).not.toContain("\n");
    }
  });
});
