/**
 * Holds src/ to the dependency rule of layers.ts.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Layer, layers, nodeAllowed } from "./layers.ts";
import { filesIn, importsOf, root } from "./source.ts";

const files = filesIn("src")
  .filter((file) => file.path.endsWith(".ts"))
  .map((file) => ({ path: file.path.slice("src/".length), imports: importsOf(file.text) }));

function covers(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path === prefix || (!prefix.endsWith(".ts") && path.startsWith(prefix)));
}

function layerOf(path: string): Layer | undefined {
  const fits = layers.flatMap((layer) =>
    layer.paths.filter((prefix) => covers(path, [prefix])).map((prefix) => ({ layer, prefix })),
  );
  return fits.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.layer;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Why an import is not allowed, or nothing. */
function complaint(path: string, specifier: string): string | undefined {
  const layer = layerOf(path);
  if (!layer) return "in no layer: add it to test/tidy/layers.ts";
  if (specifier.startsWith(".")) {
    const target = join(dirname(path), specifier);
    const other = layerOf(target);
    if (!other) return `imports ${target}, which is in no layer`;
    return other === layer || layer.may.includes(other.name)
      ? undefined
      : `${layer.name} may not import ${other.name} (${target})`;
  }
  if (specifier.startsWith("node:")) return covers(path, nodeAllowed) ? undefined : `may not import ${specifier}`;
  const name = packageName(specifier);
  const allowed = layer.packages && Object.hasOwn(layer.packages, name) ? layer.packages[name] : undefined;
  return allowed && covers(path, allowed) ? undefined : `may not import the package ${specifier}`;
}

describe("the layers", () => {
  it("import only what the table allows", () => {
    const complaints = files.flatMap(({ path, imports }) =>
      [...new Set(imports)]
        .map((specifier) => ({ path, why: complaint(path, specifier) }))
        .filter(({ why }) => why !== undefined),
    );
    expect(complaints).toEqual([]);
  });

  it("contain every file", () => {
    expect(files.filter(({ path }) => !layerOf(path)).map(({ path }) => path)).toEqual([]);
  });

  it("name only layers of earlier rows, so that there is no cycle", () => {
    const upward = layers.flatMap((layer, i) =>
      layer.may.filter((name) => !layers.slice(0, i).some((other) => other.name === name)),
    );
    expect(upward).toEqual([]);
  });

  it("are read from every form of import", () => {
    const text =
      'import a, { b } from "a";\nimport type {\n  C,\n} from "./c.ts";\nimport "d";\nexport * from "e";\nconst f = await import("f");\nexport const g = { h: "g" };\n// import "i";\n';
    expect(importsOf(text)).toEqual(["a", "./c.ts", "d", "e", "f"]);
  });

  it("import at most one package in a file of lang", () => {
    const many = files
      .filter(({ path }) => path.startsWith("lang/"))
      .map(({ path, imports }) => ({
        path,
        packages: [...new Set(imports.filter((name) => !name.startsWith(".")).map(packageName))],
      }))
      .filter(({ packages }) => packages.length > 1);
    expect(many).toEqual([]);
  });

  it("of the core are all compiled without the DOM and without Node's types", () => {
    const config = JSON.parse(readFileSync(join(root, "tsconfig.core.json"), "utf8")) as { readonly include: readonly string[] };
    const uncovered = layers
      .filter((layer) => layer.isCore)
      .flatMap((layer) => layer.paths)
      .filter((path) => !config.include.some((entry) => `src/${path}`.startsWith(entry)));
    expect(uncovered).toEqual([]);
  });
});
