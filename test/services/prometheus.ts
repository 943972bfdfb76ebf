/**
 * Prometheus for tests: `promtool`, which reads what is exposed, and a server that scrapes it. Both of Debian's package.
 * Never leaves a server behind that outlives the test.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./redis.ts";
import { service } from "./service.ts";

/** The program that reads the text format, or why there is none. */
export const promtool = service({ program: "promtool", package: "prometheus" });

/** The server's program, or why there is none. */
export const prometheus = service({ program: "prometheus", package: "prometheus" });

/** What `promtool check metrics` says of a text: nothing, where there is nothing to say. Throws what it says where the text is none. */
export function checkMetrics(text: string): string {
  if ("missing" in promtool) throw new Error(promtool.missing);
  return execFileSync(promtool.path, ["check", "metrics"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

/** A server that scrapes one target every second. */
export interface PrometheusService {
  /** Values of an instant query, by their labels without `instance` and `job`. */
  query(text: string): Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server that scrapes `url` with a bearer's credential. */
export async function startPrometheus(url: URL, credential: string): Promise<PrometheusService> {
  if ("missing" in prometheus) throw new Error(prometheus.missing);
  const folder = mkdtempSync(join(tmpdir(), "sluice-prometheus-"));
  const port = await freePort();
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: [
      {
        job_name: "sluice",
        metrics_path: url.pathname,
        authorization: { credentials: credential },
        static_configs: [{ targets: [url.host] }],
      },
    ],
  };
  // JSON is YAML.
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
  const child = spawn(
    prometheus.path,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    query: async (text) => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
      const { data } = (await response.json()) as {
        readonly data: {
          readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
        };
      };
      return data.result.map(({ metric: { instance: _i, job: _j, __name__: _n, ...labels }, value }) => ({
        labels,
        value: Number(value[1]),
      }));
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
