import { describe, expect, it } from "vitest";
import { bareName, qualifiedName, serverName } from "../../src/plan/tool-name.ts";

describe("the name of a tool", () => {
  it.each([
    ["mail/send", "mail", "send"],
    ["mail/a/b", "mail", "a/b"],
    ["send", "", "send"],
    ["/send", "", "send"],
  ])("is taken apart at its first slash: %s", (tool, server, bare) => {
    expect([serverName(tool), bareName(tool)]).toEqual([server, bare]);
  });

  it.each([
    ["mail/send", "mail/send"],
    ["send", "mail/send"],
    ["read", "read"],
    ["delete", "delete"],
    ["files/send", "files/send"],
  ])("is completed only where one tool can be meant: %s", (name, meant) => {
    expect(qualifiedName(name, ["mail/send", "mail/read", "files/read"])).toBe(meant);
  });
});
