/**
 * What is said of the own tools of coding agents: whole, cautious, and a catalogue that freezes.
 */
import { describe, expect, it } from "vitest";
import { inputProperties, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { hookFormats } from "../../../src/surfaces/hook/hook.ts";
import { agentCatalogue, cataloguedAgents } from "../../../src/surfaces/hook/tools.ts";

describe.each(cataloguedAgents)("the tools of %s", (name) => {
  const catalogue = readCatalogue(agentCatalogue(name) ?? {});
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const tools = [...catalogue.value.tools.values()];

  it("stand under the server under which its hook looks for them, and nothing of them is inferred", () => {
    expect(new Set(tools.map((tool) => tool.name.split("/")[0]))).toEqual(new Set([hookFormats[name]?.server]));
    expect(catalogue.value.findings).toEqual([]);
    expect(tools.flatMap(({ facts }) => facts.inferred)).toEqual([]);
  });

  it("have a role for every argument, an untrusted result, and steer by what acts", () => {
    for (const tool of tools) {
      expect(Object.keys(tool.facts.roles).sort(), tool.name).toEqual([...inputProperties(tool).keys()].sort());
      expect(tool.facts.labels).toEqual([tool.facts.effects.includes("network") ? "web_content" : "workspace"]);
      const isActing = tool.facts.effects.some((effect) => ["write", "execute", "network"].includes(effect));
      if (isActing)
        expect(Object.values(tool.facts.roles), tool.name).toEqual(
          expect.arrayContaining([expect.stringMatching(/^(target|command)$/)]),
        );
    }
  });

  it("can be planned with", () => {
    const [first] = tools;
    const args = Object.fromEntries([...inputProperties(first as never).keys()].slice(0, 1).map((arg) => [arg, "npm test"]));
    const frozen = freezePlan({ sluice: 1, name: "one", nodes: { one: { tool: first?.name ?? "", args } } }, catalogue.value);
    expect(frozen.ok).toBe(true);
  });
});

describe("agents whose tools are not documented", () => {
  it("have no catalogue", () => {
    for (const name of ["cursor", "copilot", "toString", ""]) expect(agentCatalogue(name)).toBeUndefined();
  });
});
