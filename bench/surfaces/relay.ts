/**
 * A hop that decides nothing: `node bench/surfaces/relay.ts http PORT`, or `relay.ts stdio COMMAND…`. What any process in between costs.
 * Never reads what it passes on.
 */
import { spawn } from "node:child_process";
import { Agent, createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";

const [kind, ...rest] = process.argv.slice(2);
if (kind === "stdio") {
  const [command = "", ...args] = rest;
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  process.stdin.pipe(child.stdin);
  child.stdout.pipe(process.stdout);
} else {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const path = url?.replace(/^\/shop\//, "/");
    const upstream = ask({ port: Number(rest[0]), host: "127.0.0.1", agent, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(upstream);
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
  process.stdin.resume().on("end", () => process.exit(0));
}
