/**
 * sluice ready: the answer of a server of ours, as a health check sees it.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "./cli-process.ts";

let status = 200;
const asked: string[] = [];
const server: Server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
  if (status === 0) return;
  response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {});
  response.end("{}");
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.closeAllConnections());
afterAll(() => void server.close());

function port(): string {
  return `${(server.address() as AddressInfo).port}`;
}

describe("sluice ready", () => {
  it.each([
    [200, 0, "ready"],
    [503, 1, "not ready: status 503"],
    [302, 1, "not ready: status 302"],
  ])("answers a %i with exit %i", async (answer, code, said) => {
    status = answer;
    asked.length = 0;
    const ended = await sluice(["ready", "--url", `http://127.0.0.1:${port()}/x?y`], {
      env: { SLUICE_ADMIN_TOKEN: "a-secret-of-somebody" },
    });
    expect([ended.status, ended.stdout, ended.stderr]).toEqual([
      code,
      "",
      code === 0 ? `${said}\n` : `${said} from http://127.0.0.1:${port()}\n`,
    ]);
    expect(asked).toEqual(["GET /sluice/ready "]);
  });

  it("finds the port in the environment", async () => {
    status = 200;
    expect((await sluice(["ready"], { env: { SLUICE_PORT: port() } })).status).toBe(0);
  });

  it("is not ready where nothing answers, or nothing listens", async () => {
    status = 0;
    const silent = await sluice(["ready", "--url", `http://127.0.0.1:${port()}`, "--seconds", "0.2"]);
    expect([silent.status, silent.stderr]).toEqual([1, `not ready: no answer from http://127.0.0.1:${port()}\n`]);
    expect((await sluice(["ready", "--url", "http://127.0.0.1:1"])).status).toBe(1);
  });

  it.each([
    ["--url", "file:///etc/passwd", /--url: an http or https URL/],
    ["--url", "http://user:secret@127.0.0.1", /--url: an http or https URL/],
    ["--seconds", "0", /--seconds: a number from 0.1 to 60/],
  ])("refuses %s %s", async (option, value, said) => {
    const { status: code, stderr } = await sluice(["ready", option, value]);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});
