/**
 * Threat 11, and requests that two readers would read in two ways (RFC 9112 §11): whatever bytes come to a port, nothing is done that a whole, plain
 * request did not ask for, and the next one is served.
 */
import { afterEach, describe, expect, it } from "vitest";
import { chunked, dial, exchange, type Listener, listeners, type RawRequest, statusesOf, wire } from "./servers.ts";

type Attack = readonly [name: string, bytes: (request: RawRequest) => string];

const lengthOf = ({ body }: RawRequest): number => Buffer.byteLength(body);
const withHeader = (request: RawRequest, ...more: readonly string[]): RawRequest => ({
  ...request,
  headers: [...request.headers, ...more],
});
const withLine = (request: RawRequest, of: (line: string) => string): RawRequest => ({ ...request, line: of(request.line) });

/** Bytes of which nothing may come: the request that they hold is not whole, not plain, or not one. */
const refused: readonly Attack[] = [
  ["two lengths", (r) => wire(r, [`content-length: ${lengthOf(r)}`, "content-length: 0"])],
  ["two lengths in one header", (r) => wire(r, [`content-length: ${lengthOf(r)}, ${lengthOf(r)}`])],
  ["a length and chunks", (r) => wire(r, [`content-length: ${lengthOf(r)}`, "transfer-encoding: chunked"], chunked(r.body))],
  ["chunks and a length", (r) => wire(r, ["transfer-encoding: chunked", "content-length: 5"], chunked(r.body))],
  [
    "a request in the rest of one with a length and chunks",
    (r) => wire(r, ["content-length: 5", "transfer-encoding: chunked"], `0\r\n\r\n${wire(r)}`),
  ],
  ["an unknown transfer coding", (r) => wire(r, ["transfer-encoding: xchunked"], chunked(r.body))],
  ["chunks that are not the last coding", (r) => wire(r, ["transfer-encoding: chunked, identity"], chunked(r.body))],
  ["chunks twice", (r) => wire(r, ["transfer-encoding: chunked", "transfer-encoding: cow"], chunked(r.body))],
  ["a coding with a vertical tab", (r) => wire(r, ["transfer-encoding: \x0bchunked"], chunked(r.body))],
  ["compressed chunks", (r) => wire(r, ["transfer-encoding: gzip, chunked"], chunked(r.body))],
  ["a length with a sign", (r) => wire(r, [`content-length: +${lengthOf(r)}`])],
  ["a length in hexadecimal", (r) => wire(r, [`content-length: 0x${lengthOf(r).toString(16)}`])],
  ["a negative length", (r) => wire(r, ["content-length: -1"])],
  ["a length beyond every integer", (r) => wire(r, [`content-length: ${"9".repeat(40)}`])],
  ["a length that is longer than what comes", (r) => wire(r, [`content-length: ${lengthOf(r) + 10}`])],
  ["a length that cuts the body", (r) => wire(r, [`content-length: ${lengthOf(r) - 1}`])],
  ["a size of a chunk in another form", (r) => wire(r, ["transfer-encoding: chunked"], `0x${chunked(r.body)}`)],
  ["a size of a chunk beyond every integer", (r) => wire(r, ["transfer-encoding: chunked"], `${"f".repeat(30)}\r\n${r.body}`)],
  ["chunks without an end", (r) => wire(r, ["transfer-encoding: chunked"], chunked(r.body).slice(0, -5))],
  [
    "a chunk that is longer than its size",
    (r) => wire(r, ["transfer-encoding: chunked"], `${(lengthOf(r) - 2).toString(16)}\r\n${r.body}\r\n0\r\n\r\n`),
  ],
  [
    "extensions of chunks without end",
    (r) => wire(r, ["transfer-encoding: chunked"], chunked(r.body, `;a=${"x".repeat(200_000)}`)),
  ],
  ["a name with a blank before the colon", (r) => wire(withHeader(r, "x-a : b"))],
  ["a name with a blank in it", (r) => wire(withHeader(r, "x a: b"))],
  ["a line without a name", (r) => wire(withHeader(r, ": b"))],
  ["a line without a colon", (r) => wire(withHeader(r, "x"))],
  ["a carriage return alone in a value", (r) => wire(withHeader(r, "x-a: b\rsluice-node: order"))],
  ["a zero byte in a value", (r) => wire(withHeader(r, "x-a: b\0c"))],
  ["a zero byte in a name", (r) => wire(withHeader(r, "x\0a: b"))],
  ["lines that end with a line feed alone", (r) => wire(r).replaceAll("\r\n", "\n")],
  ["headers of many kilobytes", (r) => wire(withHeader(r, `x-a: ${"x".repeat(70_000)}`))],
  ["many thousand headers", (r) => wire(withHeader(r, ...Array.from({ length: 20_000 }, (_, i) => `x-${i}: 1`)))],
  ["no host", (r) => wire({ ...r, headers: r.headers.filter((each) => !each.startsWith("host:")) })],
  ["another version", (r) => wire(withLine(r, (line) => line.replace("HTTP/1.1", "HTTP/3.7")))],
  ["a method in small letters", (r) => wire(withLine(r, (line) => line.replace("POST", "post")))],
  ["a blank in the target", (r) => wire(withLine(r, (line) => line.replace(" HTTP", " x HTTP")))],
  ["a credential in a trailer", (r) => inTrailer(r)],
  ["an expectation that nobody knows", (r) => wire(withHeader(r, "expect: 200-maybe"))],
];

/** The same with its credential behind the body, where trailers stand. */
function inTrailer(request: RawRequest): string {
  const isCredential = (header: string): boolean => /^(?:sluice-session|authorization):/.test(header);
  const headers = request.headers.filter((header) => !isCredential(header));
  const trailer = request.headers.filter(isCredential).join("\r\n");
  const text = chunked(request.body).replace(/\r\n\r\n$/, `\r\n${trailer}\r\n\r\n`);
  return wire({ ...request, headers }, ["transfer-encoding: chunked"], text);
}

/** Bytes of which at most one thing may come, whichever way they are read. */
const atMostOnce: readonly Attack[] = [
  ["a header that goes on in the next line", (r) => wire(withHeader(r, "x-a: b\r\n c"))],
  ["extensions of a chunk", (r) => wire(r, ["transfer-encoding: chunked"], chunked(r.body, ";a=b;c"))],
  ["no version", (r) => wire(withLine(r, (line) => line.replace(" HTTP/1.1", "")))],
  ["two hosts", (r) => wire(withHeader(r, "host: other.example"))],
  ["the same length twice", (r) => wire(r, [`content-length: ${lengthOf(r)}`, `content-length: ${lengthOf(r)}`])],
  ["bytes behind the body", (r) => `${wire(r)}GARBAGE / HTTP/9.9\r\n\r\n`],
  ["a target with another host", (r) => wire(withLine(r, (line) => line.replace(" /", " http://evil.example/")))],
];

let server: Listener | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function open(name: string): Promise<Listener> {
  server = await (listeners[name] as () => Promise<Listener>)();
  return server;
}

describe.each(Object.keys(listeners))("the port of %s", (name) => {
  it("does what an honest request says, once", async () => {
    const { port, honest, done } = await open(name);
    const answer = await exchange(port, wire(honest));
    expect([done(), statusesOf(answer).length]).toEqual([1, 1]);
    expect(statusesOf(answer)[0]).toBeLessThan(300);
  });

  it("does what an honest request in chunks says, once", async () => {
    const { port, honest, done } = await open(name);
    await exchange(port, wire(honest, ["transfer-encoding: chunked"], chunked(honest.body)));
    expect(done()).toBe(1);
  });

  it("does nothing for bytes that are no whole and plain request, and serves the next", { timeout: 60_000 }, async () => {
    const { port, honest, done } = await open(name);
    const answers = await Promise.all(
      refused.map(async ([title, bytes]) => [title, await exchange(port, bytes(honest))] as const),
    );
    const accepted = answers.filter(([, answer]) => statusesOf(answer).some((status) => status < 400));
    expect(accepted.map(([title, answer]) => [title, answer.slice(0, 200)])).toEqual([]);
    expect(done()).toBe(0);
    await exchange(port, wire(honest));
    expect(done()).toBe(1);
  });

  it.each(atMostOnce)("does at most one thing for %s", async (_, bytes) => {
    const { port, honest, done } = await open(name);
    await exchange(port, bytes(honest));
    expect(done()).toBeLessThanOrEqual(1);
  });

  it("is not held up by bodies that come slowly, and does nothing for those that break off", async () => {
    const { port, honest, done } = await open(name);
    const slow = Array.from({ length: 20 }, () => dial(port));
    const text = wire(honest);
    for (const [i, socket] of slow.entries()) socket.write(text.slice(0, text.length - 1 - (i % 20)));
    // A byte at a time, while the honest one is served.
    for (const [i, socket] of slow.entries())
      if (i % 20 > 5) socket.write(text.slice(text.length - 1 - (i % 20), text.length - 5));
    await exchange(port, text);
    expect(done()).toBe(1);
    for (const [i, socket] of slow.entries()) {
      if (i % 2 === 0) socket.destroy();
      else socket.end();
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(done()).toBe(1);
  });
});
