/**
 * What comes with the package: few packages, pinned to the byte, each with a reason, and no script that runs when one is installed.
 * Reads the manifest and the lockfile, never the network.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeSbom } from "../../.ci/sbom.mjs";
import { codesOf, readProjectFile, tableBelow } from "../docs/blocks.ts";
import { root } from "../tidy/source.ts";

interface Entry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string }[];
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[];
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as T;
}

const manifest = read<Manifest>("package.json");
const { packages } = read<{ readonly packages: Readonly<Record<string, Entry>> }>("package-lock.json");
const entries = Object.entries(packages).filter(([path]) => path !== "");
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** Where the package that `name` means for the one at `path` is: the nearest above it. */
function resolve(path: string, name: string): string {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (at === "" || !at.includes("/node_modules/")) {
      if (packages[`node_modules/${name}`] === undefined) throw new Error(`${name} of ${path} is not in the lockfile`);
      return `node_modules/${name}`;
    }
  }
}

/** Everything that `dependencies` bring, by the lockfile: our own walk, to hold npm's against it. */
function brought(): ReadonlySet<string> {
  const found = new Set<string>();
  const open = Object.keys(manifest.dependencies).map((name) => resolve("", name));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const name of Object.keys(packages[path]?.dependencies ?? {})) open.push(resolve(path, name));
  }
  return found;
}

describe("the lockfile", () => {
  it("has the SHA-512 of every package", () => {
    expect(entries.length).toBeGreaterThan(300);
    const open = entries.filter(
      ([, { integrity = "", inBundle }]) => inBundle !== true && !/^sha512-[\w+/]{86}==$/.test(integrity),
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it("takes packages from the registry alone: no repository, address or folder", () => {
    const foreign = entries.filter(
      ([, { resolved, link }]) =>
        link === true || (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")),
    );
    expect(foreign.map(([path]) => path)).toEqual([]);
  });
});

describe("scripts", () => {
  it("of ours run at no installation", () => {
    const names = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies"];
    expect(Object.keys(manifest.scripts).filter((name) => names.includes(name))).toEqual([]);
  });

  it("of others run only where `allowScripts` says so, and of none that a user installs", () => {
    const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(scripted.map(([path]) => nameOf(path)).filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
    expect(scripted.filter(([path, { dev }]) => dev !== true || brought().has(path))).toEqual([]);
  });
});

describe("the dependencies", () => {
  const rows = tableBelow(readProjectFile(".github/SECURITY.md"), "## Dependencies");

  it("are at most twenty, and bring at most forty", () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(20);
    expect(brought().size).toBeLessThanOrEqual(40);
  });

  it("have a row each that says what for, and no other package has one", () => {
    expect(rows.flatMap(([names = ""]) => codesOf(names)).sort()).toEqual(Object.keys(manifest.dependencies).sort());
    for (const [name, reason = ""] of rows) expect(reason.length, name).toBeGreaterThan(15);
  });

  it("have licences that ask for nothing but their notice", () => {
    const free = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "PSF-2.0", "Python-2.0", "MIT or MPL-2.0"];
    const others = [...brought()].filter((path) => !free.includes(packages[path]?.license ?? ""));
    expect(others.map((path) => `${path}: ${packages[path]?.license}`)).toEqual([]);
  });
});

describe("the bill of materials", () => {
  interface Sbom {
    readonly bomFormat: string;
    readonly metadata: { readonly component: Component };
    readonly components: readonly Component[];
  }

  it("names everything that a user installs, with version, licence and hash, and nothing else", { timeout: 60_000 }, () => {
    const sbom = JSON.parse(makeSbom()) as Sbom;
    expect(sbom.bomFormat).toBe("CycloneDX");
    expect(sbom.metadata.component).toMatchObject({ name: "sluice", version: manifest.version });
    const expected = [...brought()].map((path) => `${nameOf(path)}@${packages[path]?.version}`);
    expect(sbom.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(expected.sort());
    for (const { name, purl, licenses = [], hashes = [] } of sbom.components) {
      expect(purl, name).toMatch(/^pkg:npm\//);
      expect(licenses.map(({ license, expression }) => license?.id ?? expression).join(), name).not.toBe("");
      expect(
        hashes.map(({ alg }) => alg),
        name,
      ).toContain("SHA-512");
    }
  });
});
