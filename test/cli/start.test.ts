/**
 * npm start: the trading example, end to end over HTTP.
 */
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { begin, finished, firstMatch, sluice } from "./cli-process.ts";

const run = promisify(execFile);

describe("npm start", () => {
  it("plays every run with the expected verdicts and ends with exit 0 under --once", async () => {
    const { status, stdout, stderr } = await sluice(["--once", "--port", "0"], { program: "start" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/12 runs, 92 calls: 58 allowed, 34 denied; every verdict is the expected one\n$/);
    expect(stdout).toMatch(
      /broker\/order +deny +FLOW_SINK_DENIED .*\n +┌ result of market\/quotes .*external_api\n[\s\S]*└ into limit of broker\/order/,
    );
    expect(stdout).not.toContain("\u001b");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("stays up, and the lines that it prints for a shell work as they stand", async () => {
    const child = begin(["--port", "0"], { program: "start" });
    const end = finished(child);
    const script = await firstMatch(child, "stdout", /\n(TOKEN=[\s\S]*?echo\n)\n/);
    const { stdout } = await run("sh", ["-c", script]);
    child.kill("SIGTERM");
    expect(stdout).toMatch(/^\{"quotes":\[.*\n\{"code":"CALL_NOT_IN_PLAN".*\n$/);
    expect(script.split("\n").every((line) => line.length <= 100)).toBe(true);
    expect((await end).status).toBe(0);
  });

  it("refuses a port that is taken, with exit 2 and one line", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const { status, stdout, stderr } = await sluice(["--once", "--port", String(port)], { program: "start" });
    other.close();
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: `sluice: port ${port} on 127.0.0.1 is taken by another program: choose one with --port\n`,
    });
  });

  it("refuses an option that it does not know", async () => {
    expect(await sluice(["--twice"], { program: "start" })).toEqual({
      status: 2,
      stdout: "",
      stderr: "sluice: unknown option '--twice'\n",
    });
  });
});
