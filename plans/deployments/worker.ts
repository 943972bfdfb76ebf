/**
 * `sluice serve` as a Cloudflare Worker on this machine: `node plans/deployments/worker.ts serve --plan FILE --port N --upstream URL`
 * Makes the tables of D1, runs the Worker in workerd by `wrangler dev`, and uploads the plan. State is kept in `--store` (a folder) or nowhere.
 * Never asks the network for anything, and never puts a secret on a command line.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
const offline = { CI: "1", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_LOG_PATH: tmpdir() };

function started(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [wrangler, ...args, "--config", join(root, "wrangler.jsonc")], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...offline },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Everything that it said until it ended, or until it said what is looked for; its text if it ended before. */
function saying(child: ChildProcess, wanted: RegExp): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-8_000);
      const found = wanted.exec(said);
      if (found !== null) resolve(found);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`wrangler ended with ${code}: ${said.trim()}`)));
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once("close", resolve);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      plan: { type: "string", multiple: true, default: [] },
      store: { type: "string", default: "" },
      port: { type: "string", default: "8787" },
      upstream: { type: "string", default: "" },
    },
  });
  const admin = process.env.SLUICE_ADMIN_TOKEN ?? "";
  const folder = mkdtempSync(join(tmpdir(), "sluice-worker-"));
  const state = values.store === "" || values.store.endsWith(".db") ? join(folder, "state") : values.store;
  const secrets = join(folder, "vars");
  writeFileSync(secrets, `SLUICE_ADMIN_TOKEN=${admin}\nSLUICE_UPSTREAM=${values.upstream}\n`, { mode: 0o600 });
  let child: ChildProcess | undefined;
  let isAsked = false;
  const end = (): void => {
    isAsked = true;
    child?.kill("SIGTERM");
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  try {
    child = started(["d1", "migrations", "apply", "SLUICE_DB", "--local", "--persist-to", state]);
    await saying(child, /0001_sluice\.sql[^\n]*✅|No migrations to apply/);
    await ended(child);
    if (isAsked) return;
    child = started(["dev", "--local", "--ip", "127.0.0.1", "--port", values.port, "--persist-to", state, "--env-file", secrets]);
    const [, url = ""] = await saying(child, /Ready on (http:\/\/127\.0\.0\.1:\d+)/);
    for (const plan of values.plan) await upload(url, admin, readFileSync(plan, "utf8"));
    console.error(`sluice ${url}  tools: POST /tools/…  host: /sluice/sessions, /sluice/plans`);
    await ended(child);
    if (!isAsked) throw new Error("wrangler ended by itself");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function upload(url: string, admin: string, plan: string): Promise<void> {
  const response = await fetch(`${url}/sluice/plans`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${admin}` },
    body: plan,
  });
  if (response.status !== 201) throw new Error(`the Worker does not take the plan: ${await response.text()}`);
}

main().catch((error: unknown) => {
  console.error(`sluice: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 3;
});
