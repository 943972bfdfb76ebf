/**
 * What the workflows may do: read their text, never run it. A workflow that is not here is a file that these rules have not read.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { root } from "../tidy/source.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github/workflows");
const texts = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")] as const);
const workflows = texts.map(([file, text]) => [file, load(text) as Workflow] as const);
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file}#${name}`, job] as const),
);

/** The jobs that have a permission to write. */
function writersOf(scope: string): readonly string[] {
  return jobs.filter(([, { permissions }]) => permissions?.[scope] === "write").map(([name]) => name);
}

describe("every workflow", () => {
  it("names each action by the hash of its commit, with the version beside it", () => {
    const lines = texts.flatMap(([file, text]) =>
      text
        .split("\n")
        .filter((line) => /\buses:/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => !/: (?:- )?uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("names one commit of an action everywhere", () => {
    const pins = new Map<string, Set<string>>();
    for (const [, { steps }] of jobs) {
      for (const { uses } of steps) {
        const [action = "", hash = ""] = uses?.split("@") ?? [];
        if (action !== "") pins.set(action, (pins.get(action) ?? new Set()).add(hash));
      }
    }
    expect([...pins].filter(([, hashes]) => hashes.size > 1)).toEqual([]);
  });

  it("gives no permission to all jobs, and each job what it names", () => {
    for (const [file, { permissions }] of workflows) expect(permissions, file).toEqual({});
    expect(jobs.filter(([, { permissions }]) => permissions === undefined).map(([name]) => name)).toEqual([]);
  });

  it("never runs with the repository's rights for what a stranger has sent", () => {
    for (const [file, { on }] of workflows) {
      for (const event of ["pull_request_target", "workflow_run", "issue_comment", "issues"])
        expect(Object.keys(on), file).not.toContain(event);
    }
  });

  it("puts no text of an event, a branch or a tag into a shell", () => {
    const runs = jobs.flatMap(([name, { steps }]) => steps.map(({ run = "" }) => [name, run] as const));
    expect(runs.filter(([, run]) => /\$\{\{(?!\s*matrix\.)/.test(run)).map(([name]) => name)).toEqual([]);
  });

  it("holds no secret of the repository: GitHub's own token, which ends with the job, is all there is", () => {
    for (const [file, text] of texts) expect(text, file).not.toMatch(/\bsecrets\s*[.[]|NODE_AUTH_TOKEN|NPM_TOKEN/);
  });

  it("leaves no token in the checkout, where a script of a dependency could read it", () => {
    const checkouts = jobs.flatMap(([name, { steps }]) =>
      steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@")).map((step) => [name, step.with] as const),
    );
    expect(checkouts.length).toBeGreaterThan(5);
    for (const [name, options] of checkouts) expect(options?.["persist-credentials"], name).toBe(false);
  });

  it("names only scripts, tests and files that are there", () => {
    const scripts = Object.keys((JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts);
    const runs = jobs.flatMap(([name, { steps }]) =>
      steps.flatMap(({ run = "" }) => run.split("\n").map((line) => [name, line] as const)),
    );
    const wrong = runs.flatMap(([name, line]) => {
      const called = [...line.matchAll(/\bnpm (?:run )?(test|start|bench|(?<=run )[\w:]+)\b/g)].map(([, script = ""]) => script);
      const paths = [...line.matchAll(/(?<![\w$"/.-])((?:\.ci|\.github|bench|docs|models|plans|src|test)\/[\w./-]+)/g)].map(
        ([, path = ""]) => path,
      );
      const made = ["docs/site/dist", "test/fuzz/found"];
      return [
        ...called.filter((script) => !scripts.includes(script)),
        ...paths.filter((path) => !made.includes(path) && !existsSync(join(root, path))),
      ].map((what) => `${name}: ${what}`);
    });
    expect(wrong).toEqual([]);
    expect(runs.filter(([, line]) => line.includes("npm run ")).length).toBeGreaterThan(0);
  });

  it("ends in time, on a machine that is named", () => {
    for (const [name, job] of jobs) {
      expect(job["timeout-minutes"], name).toBeGreaterThan(0);
      expect(job["runs-on"], name).not.toMatch(/latest|self-hosted/);
    }
  });
});

describe("the release", () => {
  const release = workflows.find(([file]) => file === "release.yml")?.[1];

  it("begins with a tag, and with nothing else", () => {
    expect(release?.on).toEqual({ push: { tags: ["v*"] } });
  });

  it("is where alone something may be signed, published or written", () => {
    expect(writersOf("id-token")).toEqual(["release.yml#attest", "release.yml#publish"]);
    expect(writersOf("attestations")).toEqual(["release.yml#attest"]);
    expect(writersOf("contents")).toEqual(["release.yml#announce"]);
    const scopes = new Set(jobs.flatMap(([, { permissions = {} }]) => Object.keys(permissions)));
    expect([...scopes].sort()).toEqual(["attestations", "contents", "id-token"]);
  });

  it("runs in the jobs that may do so no code of the checkout and none of a dependency", () => {
    for (const name of ["attest", "publish", "announce"]) {
      const steps = release?.jobs[name]?.steps ?? [];
      expect(steps.length, name).toBeGreaterThan(1);
      expect(
        steps.filter(
          ({ uses = "", run = "" }) => uses.startsWith("actions/checkout@") || /\b(?:npm (?:ci|install|run)|npx)\b/.test(run),
        ),
        name,
      ).toEqual([]);
    }
  });

  it("publishes with provenance, without a script, in an environment that people guard, what `build` has made", () => {
    const { environment, steps = [] } = release?.jobs.publish ?? {};
    expect(environment).toBe("npm");
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(runs.at(-1)).toBe("npm publish ./release/sluice-[0-9]*.tgz --provenance --access public --ignore-scripts");
    expect(runs.at(-2)).toContain("npm publish ./release/sluice-models-*.tgz --provenance --access public --ignore-scripts");
    expect(runs.at(-3)).toContain("sha256sum --check --strict");
  });

  it("attests the package and its bill of materials", () => {
    const actions = (release?.jobs.attest?.steps ?? []).flatMap(({ uses }) => uses?.split("@")[0] ?? []);
    expect(actions).toContain("actions/attest-build-provenance");
    expect(actions).toContain("actions/attest-sbom");
  });
});
