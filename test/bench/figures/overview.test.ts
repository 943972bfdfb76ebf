/** The plot shows what was measured, where it belongs, to everyone, and always in the same bytes. */
import { describe, expect, it } from "vitest";
import { overviewSvg } from "../../../bench/overview.ts";
import { madeFigures } from "./made-figures.ts";

const svg = overviewSvg(madeFigures);

/** Where the filled circles stand, from left to right. */
function filled(text: string): readonly number[] {
  return [...text.matchAll(/<circle class="(?:floor|sluice|peer|claim)" cx="([\d.]+)"/g)].map((match) => Number(match[1]));
}

describe("the plot", () => {
  it("is the same for the same figures, in whatever order they come", () => {
    expect(overviewSvg([...madeFigures].reverse())).toBe(svg);
  });

  it("draws each contender that was measured, and no other", () => {
    expect(filled(svg)).toHaveLength(4);
    expect(svg).not.toContain("not installed");
    expect(svg).not.toContain("throughput");
    expect(svg).not.toContain("NaN");
  });

  it("has a logarithmic axis: a thousand times is three times as far from one as ten times", () => {
    const [one = 0, three = 0, thousand = 0] = filled(svg);
    expect((three - one) / (thousand - one)).toBeCloseTo(Math.log10(3) / 3, 2);
    for (const tick of ["1×", "10×", "100×", "1,000×", "10,000×"]) expect(svg).toContain(`>${tick}</text>`);
    expect(svg).toContain(">times JSON.parse (logarithmic)</text>");
  });

  it("draws faster than the floor, too", () => {
    const fast = overviewSvg(
      madeFigures.map((figure) => (figure.kind === "sluice" ? { ...figure, ratio: 0.5, ratioP99: 0.05 } : figure)),
    );
    expect(fast).toContain(">0.01×</text>");
    expect(Math.min(...filled(fast))).toBeGreaterThan(200);
  });

  it("stands up to what is in names, and is well-formed", () => {
    expect(svg).toContain("Sluice &lt;check&gt; &amp; state");
    const open: string[] = [];
    for (const [, close, name = "", own] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (close === "/") expect(open.pop()).toBe(name);
      else if (own !== "/") open.push(name);
    }
    expect(open).toEqual([]);
  });

  it("says in words what it shows", () => {
    expect(svg).toMatch(/role="img" aria-labelledby="title desc"/);
    expect(svg).toMatch(/<title id="title">[^<]*JSON\.parse/);
    expect(svg).toMatch(/<desc id="desc">[^<]*Sluice &lt;check&gt; &amp; state 3\.00×, p99 10\.0×\.[^<]*an article 2,800×\./);
  });

  it("has colours for a light and for a dark ground, each of which is legible there", () => {
    const [light = "", dark = ""] = svg.split("prefers-color-scheme: dark");
    for (const name of ["ink", "soft", "floor", "sluice", "peer", "claim"]) {
      expect(contrast(colourOf(light, name), "#ffffff")).toBeGreaterThan(4.5);
      expect(contrast(colourOf(dark, name), "#0d1117")).toBeGreaterThan(4.5);
    }
  });

  it("of nothing is empty, not broken", () => {
    expect(overviewSvg([])).toContain("</svg>");
    expect(overviewSvg([])).not.toContain("NaN");
  });
});

function colourOf(css: string, name: string): string {
  return new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)?.[1] ?? "#808080";
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
