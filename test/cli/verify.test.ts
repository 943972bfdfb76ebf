/**
 * sluice verify: proved, refuted with a run that `sluice replay` confirms, or unknown; one line for what is no claim.
 */
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { isArray, type Json, member } from "../../src/json/value.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const example = (file: string): string => fileURLToPath(new URL(`../../plans/trading/${file}`, import.meta.url));
const trading = [example("plan.yaml"), "--catalog", example("catalogue.json")];

const catalogue = folder.write(
  "catalogue.json",
  JSON.stringify({
    tools: [
      { name: "web/get", inputSchema: {}, sluice: { labels: ["web"], effects: ["read"] } },
      { name: "box/put", inputSchema: {}, sluice: { effects: ["write"], roles: { n: "target" } } },
      { name: "db/run", inputSchema: {}, sluice: { effects: ["read"], roles: { sql: "command" } } },
    ],
  }),
);

function planFile(name: string, nodes: Json): string {
  return folder.write(`${name}.json`, JSON.stringify({ sluice: 1, name, task: "t", nodes }));
}

const page = { tool: "web/get", args: {} };
const open = planFile("open", { page, put: { tool: "box/put", args: { n: { from: "page$.n" } } } });

/** The answers on standard output, which must be JSON alone. */
function resultsOf(stdout: string): readonly Json[] {
  const read = readJson(stdout);
  const results = read.ok ? member(read.value, "results") : undefined;
  if (!isArray(results)) throw new Error(`no results: ${stdout}`);
  return results;
}

describe("sluice verify", () => {
  it("exits with 0 if all claims are proved, and says what stops the data", async () => {
    const claims = ["--never", "external_api -> broker/*", "--never", "news -> broker/order.account"];
    const { status, stdout, stderr } = await sluice(["verify", ...trading, ...claims]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("proved   external_api -> broker/*");
    expect(stdout).toContain("unsanitized-market-data");
    expect(stdout).toMatch(/2 of 2 proved\n$/);
  }, 60_000);

  it("exits with 1 if one of several claims is refuted, and prints each with its answer", async () => {
    const claims = ["--never", "external_api -> broker/*", "--never", "quotes -> broker/order.quantity"];
    const { status, stdout } = await sluice(["verify", ...trading, ...claims]);
    expect(status).toBe(1);
    expect(stdout).toContain("refuted  quotes -> broker/order.quantity");
    expect(stdout).toMatch(/1 of 2 proved\n$/);
  }, 60_000);

  it("prints JSON alone, with a run that `replay` allows to its last call", async () => {
    const run = `${folder.path}/run.jsonl`;
    const claim = "quotes -> broker/order.quantity";
    const { status, stdout, stderr } = await sluice(["verify", ...trading, "--never", claim, "--json", "--trace", run]);
    expect([status, stderr]).toEqual([1, ""]);
    const [result = null] = resultsOf(stdout);
    expect(result).toMatchObject({ never: claim, answer: "refuted", node: "order", argument: "quantity" });
    const params = folder.write("params.json", JSON.stringify(member(result, "params")));
    const replay = await sluice(["replay", ...trading, run, "--params", `@${params}`, "--json"]);
    expect(replay.status).toBe(0);
    const trace = member(result, "trace");
    const calls = isArray(trace) ? trace.filter((event) => member(event, "type") === "call") : [];
    expect(replay.stdout.match(/"verdict":\s*"allow"/g)).toHaveLength(calls.length);
    expect(replay.stdout).toMatch(/"node":\s*"order"/);
  }, 60_000);

  it("says unknown, and exits with 1, where it neither proves nor finds a run", async () => {
    const cube = "args.n * args.n * args.n == 1030301";
    const plan = planFile("cube", { page, put: { tool: "box/put", args: { n: { from: "page$.n" } }, require: [cube] } });
    const { status, stdout } = await sluice(["verify", plan, "--catalog", catalogue, "--never", "web -> box/put", "--json"]);
    expect(status).toBe(1);
    expect(resultsOf(stdout)).toMatchObject([{ answer: "unknown", why: expect.stringContaining("CALL_REQUIRE") }]);
  }, 60_000);

  it("counts the rules of a policy", async () => {
    const policy = folder.write("policy.json", JSON.stringify({ sluicePolicy: 1, name: "house", approve: { tools: ["box/*"] } }));
    const plan = [open, "--catalog", catalogue, "--never", "web -> box/put", "--json"];
    const free = await sluice(["verify", ...plan]);
    expect(resultsOf(free.stdout)).toMatchObject([{ answer: "refuted" }]);
    expect(free.stdout).not.toContain("needsApproval");
    const held = await sluice(["verify", ...plan, "--policy", policy]);
    expect(held.stderr).toBe("");
    expect(resultsOf(held.stdout)).toMatchObject([{ answer: "refuted", needsApproval: true }]);
  }, 60_000);

  it("reads SQL with the parser of the dialect that the plan names", async () => {
    const sql = { template: "sql", text: "SELECT id FROM items WHERE name = {x}", with: { x: { from: "page$.x" } } };
    const constraints = { readOnly: true, sql: { dialect: "postgres", statements: ["select"], tables: ["items"] } };
    const plan = planFile("sql", { page, rows: { tool: "db/run", args: { sql }, constraints } });
    const { status, stdout, stderr } = await sluice(["verify", plan, "--catalog", catalogue, "--never", "web -> rows", "--json"]);
    expect([status, stderr]).toEqual([1, ""]);
    expect(resultsOf(stdout)).toMatchObject([{ answer: "refuted", node: "rows", argument: "sql" }]);
  }, 60_000);

  it.each([
    [["web"], 'sluice: --never "web": expected `SOURCE -> SINK`'],
    [["web -> box/put", "wbe -> box/put"], 'sluice: --never "wbe -> box/put": `wbe` is neither a label nor a node'],
    [["web -> box/put:taget"], 'sluice: --never "web -> box/put:taget": `taget` is not a role'],
  ])(
    "refuses %j in one line and answers nothing",
    async (claims, line) => {
      const never = claims.flatMap((claim) => ["--never", claim]);
      const { status, stdout, stderr } = await sluice(["verify", open, "--catalog", catalogue, ...never]);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(line);
      expect(stderr.trimEnd()).not.toContain("\n");
    },
    60_000,
  );
});
