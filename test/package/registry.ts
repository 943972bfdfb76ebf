/**
 * A registry of npm packages on the loopback address: what is under test as it was packed, and everything else as this checkout has it installed.
 * So a project can be made as a stranger makes one, with npm, Bun or Deno, without a network. It never publishes, and never asks another registry.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One version of a package: the folder that it is installed in, or its tarball. */
interface Version {
  readonly folder?: string;
  readonly tarball?: string;
  readonly manifest: { readonly name: string; readonly version: string };
}

/** A registry that listens. */
export interface Registry {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  close(): void;
}

/** Serves the packages of a checkout, and those that were packed under their names; theirs are the only versions then. */
export async function serveRegistry(root: string, packed: readonly string[]): Promise<Registry> {
  const versions = installedIn(root);
  for (const tarball of packed) {
    const manifest = JSON.parse((await run("tar", ["-xzOf", tarball, "package/package.json"])).stdout) as Version["manifest"];
    versions.set(manifest.name, [{ tarball, manifest }]);
  }
  const made = new Map<string, Promise<Buffer>>();
  const bytesOf = (version: Version): Promise<Buffer> => {
    const key = `${version.manifest.name}@${version.manifest.version}`;
    const bytes = made.get(key) ?? tarballOf(version);
    made.set(key, bytes);
    return bytes;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://registry").pathname.slice(1));
    const [, name = path, version] = /^(.+)\/-\/(.+)\.tgz$/.exec(path) ?? [];
    const found = versions.get(name);
    if (found === undefined) answer(response, 404, "{}");
    else if (version === undefined) answer(response, 200, packument(name, `http://${request.headers.host}/`, found));
    else {
      const one = found.find(({ manifest }) => manifest.version === version);
      if (one === undefined) answer(response, 404, "{}");
      else
        bytesOf(one).then(
          (bytes) => response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes),
          (error: unknown) => answer(response, 500, String(error)),
        );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Name → versions, by the lockfile; packages for other platforms are not there. */
function installedIn(root: string): Map<string, Version[]> {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, unknown> };
  const found = new Map<string, Version[]>();
  for (const path of Object.keys(packages)) {
    const folder = join(root, path);
    if (path === "" || !existsSync(join(folder, "package.json"))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Version["manifest"];
    const others = found.get(manifest.name) ?? [];
    if (others.every((other) => other.manifest.version !== manifest.version))
      found.set(manifest.name, [...others, { folder, manifest }]);
  }
  return found;
}

async function tarballOf({ folder, tarball }: Version): Promise<Buffer> {
  if (tarball !== undefined) return readFileSync(tarball);
  const args = ["-c", "--exclude=./node_modules", "--transform=s,^\\.,package,", "-C", folder ?? "", "."];
  const { stdout } = await run("tar", ["-I", "gzip -1", ...args], { encoding: "buffer", maxBuffer: 512 * 1024 * 1024 });
  return stdout;
}

function packument(name: string, base: string, versions: readonly Version[]): string {
  const rows = versions.map((one) => [one.manifest.version, { ...one.manifest, dist: distOf(base, one) }] as const);
  // The first is the one at the top of node_modules, which is what the checkout means by the name.
  return JSON.stringify({ name, "dist-tags": { latest: rows[0]?.[0] }, versions: Object.fromEntries(rows) });
}

/** Where a tarball is. Only what was packed has its hashes there: an installed package is packed when it is asked for. */
function distOf(base: string, { tarball, manifest: { name, version } }: Version): object {
  const place = { tarball: `${base}${name}/-/${version}.tgz` };
  if (tarball === undefined) return place;
  const bytes = readFileSync(tarball);
  const hash = (kind: string, as: "hex" | "base64"): string => createHash(kind).update(bytes).digest(as);
  return { ...place, shasum: hash("sha1", "hex"), integrity: `sha512-${hash("sha512", "base64")}` };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}
