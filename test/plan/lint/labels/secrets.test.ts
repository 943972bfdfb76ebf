/** Secrets: who may read them, who is shown them, and those that stand in the plan. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const reader = (name: string, labels: readonly string[], more: object = {}): object =>
  tool(name, ["q"], { effects: ["read"], labels, roles: { q: "selector" }, ...more });
const catalogue = catalogueOf(
  [
    ...["secret", "secrets", "password", "passwords", "passphrase", "credential", "credentials", "apikey"].map((word) =>
      reader(`vault/get_${word}`, ["own"]),
    ),
    reader("vault/list", ["own"]),
    reader("vault/secret_list", ["own"]),
    reader("kept/secret", ["own", "key"]),
    reader("raw/secret", ["unknown"]),
    reader("net/secret", ["own"], { effects: ["read", "network"] }),
    reader("own/get", ["own"]),
    reader("mixed/get", ["own", "key"]),
    tool("door/open", ["pin", "who"], { effects: ["write"], labels: ["own"], roles: { pin: "credential", who: "target" } }),
  ],
  { own: { integrity: "trusted" }, key: { integrity: "trusted", readers: ["me"] } },
);
const read = (name: string, more: object = {}): object => ({ tool: name, args: { q: "x" }, ...more });
const open = (args: object, more: object = {}): object => ({ tool: "door/open", args, ...more });

describe("what is called a secret may be read by everyone:", () => {
  it.each(["secret", "secrets", "password", "passwords", "passphrase", "credential", "credentials", "apikey"])("%s", (word) => {
    expect(said(plan({ get: read(`vault/get_${word}`) }), catalogue, "LINT_SECRET_READERS")).toEqual([
      `warning LINT_SECRET_READERS /nodes/get: what \`vault/get_${word}\` returns may be sent to everyone: \`readers\` on its label would say who may see it`,
    ]);
  });

  it.each(["vault/list", "vault/secret_list", "kept/secret", "raw/secret", "net/secret"])("not %s", (name) => {
    expect(said(plan({ get: read(name) }), catalogue, "LINT_SECRET_READERS")).toEqual([]);
  });
});

const shown = (show: unknown, from = "get$.a.b", more: object = {}): Plan =>
  plan({ get: read("own/get", show === undefined ? {} : { show }), open: open({ pin: { from }, ...more }) });
const finding =
  "warning LINT_SECRET_SHOWN /nodes/get: the agent is shown what `door/open` needs as `pin`; with `show: none` Sluice fills it in unseen";

describe("the agent is shown a credential", () => {
  it.each<[string, Plan, readonly string[]]>([
    ["by default", shown(undefined), [finding]],
    ["with all of the result", shown("all"), [finding]],
    ["with nothing of the result", shown("none"), []],
    ["with the very place", shown(["$.a.b"]), [finding]],
    ["with what is around it", shown(["$.a"]), [finding]],
    ["with a part of it", shown(["$.a.b.c"]), [finding]],
    ["with another place", shown(["$.a.c"]), []],
    ["with another place of the same depth", shown(["$.c.b"]), []],
    ["with one place of two", shown(["$.c", "$.a.b"]), [finding]],
    ["with the places of a list", shown(["$.a.b[*]"]), [finding]],
    ["with a place that is none", shown(["$.a["]), []],
    ["for two arguments, said once", shown("all", "get$.a", { who: { from: "get$.b" } }), [finding]],
    ["in an argument that is no credential", plan({ get: read("own/get"), open: open({ who: { from: "get$.a" } }) }), []],
    ["within a list", plan({ get: read("own/get"), open: open({ pin: ["x", { from: "get$.a" }] }) }), [finding]],
    ["that only a guard reads", plan({ get: read("own/get"), open: open({ pin: "x" }, { when: "get.ok" }) }), []],
    ["of a computation", plan({ sum: { let: "'1'" }, open: open({ pin: { from: "sum$" } }) }), []],
    [
      "that was made of something hidden",
      plan({
        hidden: read("own/get", { show: "none" }),
        get: { tool: "own/get", args: { q: { from: "hidden$" } } },
        open: open({ pin: { from: "get$" } }),
      }),
      [],
    ],
    [
      "that was made of something that is partly hidden",
      plan({
        hidden: read("own/get", { show: ["$.b"] }),
        get: { tool: "own/get", args: { q: { from: "hidden$" } } },
        open: open({ pin: { from: "get$" } }),
      }),
      [],
    ],
    [
      "that was made of something that is shown",
      plan({
        other: read("own/get", { show: "all" }),
        get: { tool: "own/get", args: { q: { from: "other$" } } },
        open: open({ pin: { from: "get$" } }),
      }),
      [finding],
    ],
    [
      "that was made of what was made of something hidden",
      plan({
        hidden: read("own/get", { show: "none" }),
        mid: { tool: "own/get", args: { q: { from: "hidden$" } } },
        get: { tool: "own/get", args: { q: { from: "mid$" } } },
        open: open({ pin: { from: "get$" } }),
      }),
      [],
    ],
    [
      "that was computed from something hidden",
      plan({
        hidden: read("own/get", { show: "none" }),
        sum: { let: "hidden.x" },
        get: { tool: "own/get", args: { q: { from: "sum$" } } },
        open: open({ pin: { from: "get$" } }),
      }),
      [],
    ],
    [
      "that came after something hidden",
      plan({
        hidden: read("own/get", { show: "none" }),
        get: read("own/get", { after: ["hidden"] }),
        open: open({ pin: { from: "get$" } }),
      }),
      [finding],
    ],
  ])("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_SECRET_SHOWN")).toEqual(lines);
  });
});

describe("a credential in the plan", () => {
  it.each<[string, object, readonly string[]]>([
    ["is a text", { pin: "1234" }, ["/nodes/open/args/pin"]],
    ["is a text in a list", { pin: ["1234"] }, ["/nodes/open/args/pin/0"]],
    ["is no empty text", { pin: "" }, []],
    ["is no number", { pin: 5 }, []],
    ["is no parameter", { pin: { param: "p" } }, []],
    ["is no other argument", { who: "1234" }, []],
  ])("%s", (_what, args, places) => {
    const lines = said(plan({ open: open(args) }, { params: { p: { type: "string" } } }), catalogue, "LINT_CREDENTIAL_CONST");
    expect(lines).toEqual(
      places.map(
        (place) =>
          `warning LINT_CREDENTIAL_CONST ${place}: the credential \`pin\` of \`door/open\` stands in the plan, which many read; a parameter or a hidden result would not`,
      ),
    );
  });
});

describe("what is hidden and not for everyone is shown again", () => {
  const again = (source: object, more: object = {}): readonly string[] =>
    said(
      plan({ get: source, sum: { tool: "own/get", args: { q: { from: "get$" } }, show: "all", ...more } }),
      catalogue,
      "LINT_HIDDEN_SHOWN",
    );
  const line =
    "warning LINT_HIDDEN_SHOWN /nodes/sum/show: `own/get` is given data of `get` that is hidden and not for everyone, and `show: all` gives the agent whatever it makes of it";

  it.each<[string, readonly string[], readonly string[]]>([
    ["of what nothing is shown", again(read("mixed/get", { show: "none" })), [line]],
    ["of what a part is shown", again(read("mixed/get", { show: ["$.a"] })), [line]],
    ["of what all is shown", again(read("mixed/get", { show: "all" })), []],
    ["of what is shown by default", again(read("mixed/get")), []],
    ["of what everyone may read", again(read("own/get", { show: "none" })), []],
    ["of a computation", again({ let: "1" }), []],
    ["and is not, where the node is hidden itself", again(read("mixed/get", { show: "none" }), { show: "none" }), []],
    [
      "and is not, where the node only waits",
      again(read("mixed/get", { show: "none" }), { args: { q: "x" }, after: ["get"] }),
      [],
    ],
  ])("%s", (_what, lines, expected) => {
    expect(lines).toEqual(expected);
  });
});
