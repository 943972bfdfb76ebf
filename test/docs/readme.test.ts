/**
 * README.md: what holds of every document, and its picture.
 */
import { afterAll, describe, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { must } from "../plans/example.ts";
import { blocksOf, readProjectFile } from "./blocks.ts";
import { describeDocument, freezeBlock, removeDocuments } from "./document.ts";

afterAll(removeDocuments);

describeDocument("README.md");

describe("the picture", () => {
  const picture = blocksOf(readProjectFile("README.md")).find(({ language }) => language === "mermaid");
  const inGuide = blocksOf(readProjectFile("docs/plan-language.md"));
  const plan = inGuide.find(({ text }) => text.includes("name: rebalance-portfolio"));
  if (plan === undefined) throw new Error("the guide has not the plan of the picture");
  const { nodes } = must(createGuard(freezeBlock(plan, inGuide), { clock: () => 0 }), "createGuard").program.plan;

  it("has the edges that the plan has", () => {
    const drawn = [...(picture?.text ?? "").matchAll(/^\s*(\w+)(?:\[.*?"\])? --> (\w+)/gm)].map(
      (match) => `${match[1]} ${match[2]}`,
    );
    const edges = nodes.flatMap((node) => node.predecessors.map((index) => `${nodes[index]?.name} ${node.name}`));
    expect(drawn.sort()).toEqual(edges.sort());
  });

  it("says what the tool of each node is", () => {
    const named = [...(picture?.text ?? "").matchAll(/(\w+)\["[^"]*?<br>([\w/]+)/g)].map((match) => [match[1], match[2]]);
    expect(named.sort()).toEqual(nodes.map((node) => [node.name, node.tool?.name]).sort());
  });
});
