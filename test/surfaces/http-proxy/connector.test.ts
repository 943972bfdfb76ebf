import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressKind } from "../../../src/surfaces/http-proxy/addresses.ts";
import { AddressRefused, type Outgoing } from "../../../src/surfaces/http-proxy/connector.ts";
import { createNodeConnector } from "../../../src/surfaces/http-proxy/node-connector.ts";

describe("an address", () => {
  it.each(["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888"])("%s is public", (address) => {
    expect(addressKind(address)).toBe("public");
  });

  it.each([
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:c0a8:101",
  ])("%s is private, in whatever spelling", (address) => {
    expect(addressKind(address)).toBe("private");
  });

  it.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "::1%lo",
    "fd00:ec2::254",
    "168.63.129.16",
    "100.100.100.200",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fec0::1",
    "ff02::1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "2001:db8::1",
    "4000::1",
    "010.0.0.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.1",
    "localhost",
    "",
  ])("%s is open to nobody", (address) => {
    expect(addressKind(address)).toBe("never");
  });
});

describe("the connector for Node", () => {
  const seen: { readonly host: string | undefined; readonly url: string | undefined }[] = [];
  const server: Server = createServer((request, response) => {
    seen.push({ host: request.headers.host, url: request.url });
    if (request.url === "/slow") return;
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "100" });
      response.write("part");
      setTimeout(() => response.destroy(), 20);
      return;
    }
    response.end("hello");
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const port = (): number => (server.address() as AddressInfo).port;
  const outgoing = (host: string, over: Partial<Outgoing> = {}): Outgoing => ({
    url: new URL(`http://${host}:${port()}/x`),
    method: "GET",
    headers: [],
    body: undefined,
    isPrivateOpen: true,
    signal: AbortSignal.timeout(5_000),
    ...over,
  });

  it("connects to the resolved address, under the name that was asked for", async () => {
    const connector = createNodeConnector({ resolve: async () => ["127.0.0.1"] });
    const response = await connector.send(outgoing("api.internal"));
    expect([response.status, await response.text()]).toEqual([200, "hello"]);
    expect(seen.at(-1)).toEqual({ host: `api.internal:${port()}`, url: "/x" });
    connector.close?.();
  });

  it.each<readonly [string, readonly string[], boolean]>([
    ["a private one", ["127.0.0.1"], false],
    ["a public one and a private one", ["93.184.216.34", "127.0.0.1"], false],
    ["one behind a mapping", ["::ffff:127.0.0.1"], false],
    ["one behind NAT64", ["64:ff9b::7f00:1"], true],
    ["that of the cloud's metadata", ["169.254.169.254"], true],
    ["an open one and that of the cloud's metadata", ["127.0.0.1", "169.254.169.254"], true],
    ["none", [], true],
  ])("sends nothing where the addresses of a name are %s (threat 18)", async (_, addresses, isPrivateOpen) => {
    const before = seen.length;
    const connector = createNodeConnector({ resolve: async () => addresses });
    await expect(connector.send(outgoing("rebind.example", { isPrivateOpen }))).rejects.toThrow(AddressRefused);
    expect(seen).toHaveLength(before);
  });

  it("asks for the addresses of a name once for a connection, so that a second answer leads nowhere (DNS rebinding)", async () => {
    const before = seen.length;
    let asked = 0;
    // TEST-NET-like public addresses answer nobody here: what matters is that the second answer is not used.
    const connector = createNodeConnector({
      resolve: async () => (asked++ === 0 ? ["93.184.216.34"] : ["127.0.0.1"]),
    });
    await expect(
      connector.send(outgoing("rebind.example", { isPrivateOpen: false, signal: AbortSignal.timeout(300) })),
    ).rejects.toThrow();
    expect([asked, seen.length]).toEqual([1, before]);
    // A new connection asks again, and judges again.
    await expect(connector.send(outgoing("rebind.example", { isPrivateOpen: false }))).rejects.toThrow(AddressRefused);
    expect([asked, seen.length]).toEqual([2, before]);
  });

  it("does not use a connection that was opened where private addresses are open where they are not", async () => {
    const connector = createNodeConnector({ resolve: async () => ["127.0.0.1"] });
    await (await connector.send(outgoing("api.internal"))).text();
    await expect(connector.send(outgoing("api.internal", { isPrivateOpen: false }))).rejects.toThrow(AddressRefused);
    connector.close?.();
  });

  it("judges addresses that are written out, too", async () => {
    const connector = createNodeConnector({ resolve: () => Promise.reject(new Error("not asked")) });
    await expect(connector.send(outgoing("127.0.0.1", { isPrivateOpen: false }))).rejects.toThrow(AddressRefused);
    for (const host of ["[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "0.0.0.0", "169.254.169.254"])
      await expect(connector.send(outgoing(host, { isPrivateOpen: host === "0.0.0.0" }))).rejects.toThrow(AddressRefused);
    expect(await (await connector.send(outgoing("127.0.0.1"))).text()).toBe("hello");
    connector.close?.();
  });

  it("gives up a server that says nothing, and a body that breaks off is no body", async () => {
    const connector = createNodeConnector({ resolve: async () => ["127.0.0.1"], idleMs: 150 });
    const slow = { ...outgoing("api.internal"), url: new URL(`http://api.internal:${port()}/slow`) };
    await expect(connector.send(slow)).rejects.toThrow();
    const cut = await connector.send({ ...slow, url: new URL(`http://api.internal:${port()}/cut`) });
    await expect(cut.text()).rejects.toThrow();
    connector.close?.();
  });

  it("refuses an answer that can be read in two ways (threat 4, request smuggling)", async () => {
    const answers = [
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
      "HTTP/1.1 200 OK\r\nx y: z\r\ncontent-length: 0\r\n\r\n",
    ];
    for (const answer of answers) {
      const odd = createTcpServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => socket.end(answer));
      });
      await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
      const connector = createNodeConnector();
      const url = new URL(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/`);
      const text = connector.send({ ...outgoing("127.0.0.1"), url }).then((response) => response.text());
      await expect(text).rejects.toThrow();
      odd.close();
    }
  });
});
