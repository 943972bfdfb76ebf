/**
 * A Worker in workerd with Durable Objects and D1, for tests on Node: the entry is bundled as it would be deployed, without Node compatibility.
 * Offline; everything is on loopback and in a folder of its own.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Name of the Worker. */
export const workerName = "sluice";

/** What a Worker is started with. */
export interface WorkerOptions {
  /** Path of the entry, from the root of the repository. */
  readonly entry: string;
  /** Folder of the objects' and D1's files; absent: in memory. */
  readonly folder?: string;
  readonly vars?: Readonly<Record<string, string>>;
}

/** Bundles an entry into one module, as small as it is deployed if that is asked for. */
export async function bundled(entry: string, minify = false): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    minify,
    write: false,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker", "import"],
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

const migrations = join(root, "src/stores/cloudflare/migrations");

/** Statements of the migrations of D1, in order, as wrangler would run them. */
export function migrationStatements(): readonly string[] {
  const files = readdirSync(migrations).sort();
  return files
    .flatMap((file) => readFileSync(join(migrations, file), "utf8").split(/;\n/))
    .map((statement) => statement.replace(/^--.*\n/gm, "").trim())
    .filter((statement) => statement !== "");
}

/** Starts a Worker of a bundle, and makes the tables of D1 if they are not there. */
export async function startWorker(script: string, options: Omit<WorkerOptions, "entry"> = {}): Promise<Miniflare> {
  const object = (className: string) => ({ className, useSQLite: true });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: workerName,
      modules: true,
      script,
      compatibilityDate: "2026-07-01",
      host: "127.0.0.1",
      port: 0,
      log: new Log(LogLevel.NONE),
      durableObjects: { SLUICE_SESSIONS: object("SluiceSession"), SLUICE_SHARED: object("SluiceShared") },
      d1Databases: { SLUICE_DB: "sluice" },
      ...(options.folder === undefined ? {} : { resourcePersistencePath: options.folder }),
      bindings: { ...options.vars },
    } as never),
  );
  await miniflare.ready;
  const db = await miniflare.getD1Database("SLUICE_DB");
  const there = await db.prepare("SELECT name FROM sqlite_master WHERE name = 'documents'").all();
  if (there.results.length === 0) await db.batch(migrationStatements().map((statement) => db.prepare(statement)));
  return miniflare;
}

/** Rows of a query inside the object of a session; only the entry of `store-entry.ts` answers. */
export async function rowsOf(worker: Miniflare, name: string, query: string): Promise<unknown> {
  // Its own type is that of a proxy for more than this.
  const sessions = (await worker.getDurableObjectNamespace("SLUICE_SESSIONS")) as unknown as {
    idFromName(name: string): object;
    get(id: object): { fetch(url: string, init: { readonly method: string; readonly body: string }): Promise<Response> };
  };
  const response = await sessions.get(sessions.idFromName(name)).fetch("https://object/sql", { method: "POST", body: query });
  return response.json();
}
