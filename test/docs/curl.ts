/**
 * As much of `curl` as the README uses, for machines that have none: `-s`, `-H`, `-d`, and `--retry` until a server listens.
 * Never talks to anything but the loopback address.
 */
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    header: { type: "string", short: "H", multiple: true },
    data: { type: "string", short: "d" },
    retry: { type: "string" },
    "retry-connrefused": { type: "boolean" },
  },
});
const url = new URL(positionals[0] ?? "");
if (url.hostname !== "127.0.0.1") throw new Error("only the loopback address");
const headers = (values.header ?? []).map((line): [string, string] => {
  const at = line.indexOf(":");
  return [line.slice(0, at), line.slice(at + 1).trim()];
});
const request: RequestInit = values.data === undefined ? { headers } : { method: "POST", headers, body: values.data };

async function send(attempts: number): Promise<string> {
  try {
    return await (await fetch(url, request)).text();
  } catch (error) {
    if (attempts === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return send(attempts - 1);
  }
}

process.stdout.write(await send(values.retry === undefined ? 0 : 40));
