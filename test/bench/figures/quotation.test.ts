/** A quotation is put in its place, and nowhere else. */
import { describe, expect, it } from "vitest";
import { quotedIn } from "../../../bench/quotation.ts";

const file = "docs/made-up.md";

describe("a quotation between markers", () => {
  const document = "# Title\n\n<!-- figures -->\n\nold\n\n<!-- /figures -->\n\nEnd.\n";

  it("replaces what stood between them, and leaves the rest of the document", () => {
    const quoted = quotedIn(document, { file, name: "figures", text: "| new |\n" });
    expect(quoted).toBe("# Title\n\n<!-- figures -->\n\n| new |\n\n<!-- /figures -->\n\nEnd.\n");
  });

  it("is the same document when it is put there twice", () => {
    const quotation = { file, name: "figures", text: "new" };
    const once = quotedIn(document, quotation) ?? "";
    expect(quotedIn(once, quotation)).toBe(once);
  });

  it("takes a text with `$&` as it stands", () => {
    expect(quotedIn(document, { file, name: "figures", text: "$& $1" })).toContain("\n$& $1\n");
  });

  it.each([
    ["has none of the markers", "# Title\n"],
    ["has markers of another name", "<!-- other -->\n<!-- /other -->\n"],
    ["has no end", "<!-- figures -->\n"],
    ["has them the wrong way round", "<!-- /figures -->\n<!-- figures -->\n"],
  ])("has no place in a document that %s", (_, other) => {
    expect(quotedIn(other, { file, name: "figures", text: "new" })).toBeUndefined();
  });
});

describe("a quotation without a name", () => {
  it("is the section `Results` to the document's end", () => {
    const quoted = quotedIn("# Title\n\nMethod.\n\n## Results\n\nold\n", { file, text: "## Results\n\nnew\n" });
    expect(quoted).toBe("# Title\n\nMethod.\n\n## Results\n\nnew\n");
  });

  it("has no place in a document without that section", () => {
    expect(quotedIn("# Title\n\n### Results\n", { file, text: "## Results\n" })).toBeUndefined();
  });
});
