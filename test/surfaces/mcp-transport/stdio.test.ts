/**
 * Standard input and output: frames survive any chunking, and a client that leaves is let go.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json } from "../../../src/json/value.ts";
import { serveStdio } from "../../../src/surfaces/mcp/stdio.ts";
import { type Frame, frameLine, readFrames } from "../../../src/surfaces/mcp/stdio-frames.ts";
import { fakeGateway, type Script, tokens } from "./fake-gateway.ts";

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    yield bytes.slice(from, Math.max(from, to));
    from = Math.max(from, to);
  }
  yield bytes.slice(from);
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("frames", () => {
  test("messages come out as they went in, wherever the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        async (messages, cuts) => {
          const values = messages.map((message) => JSON.parse(JSON.stringify(message)) as Json);
          const frames = await all(readFrames(chunksOf(utf8(values.map(frameLine).join("")), cuts), 100_000));
          expect(frames.map((frame) => (frame.kind === "message" ? canonicalJson(frame.value) : frame.kind))).toEqual(
            values.map(canonicalJson),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test("a line is one text to its end: empty ones are passed over, a rest without end is none", async () => {
    const frames = await all(readFrames(chunksOf(utf8('\n{"a":1}\r\n\r\n{"b":2}\n{"c":'), []), 100));
    expect(frames).toEqual<Frame[]>([
      { kind: "message", value: { a: 1 } },
      { kind: "message", value: { b: 2 } },
    ]);
  });

  test.each([[[]], [[3, 50, 51]], [Array.from({ length: 200 }, (_, i) => i)]])(
    "threat 11: a line beyond the bound is refused whole, and the next is read (cuts %j)",
    async (cuts) => {
      const frames = await all(readFrames(chunksOf(utf8(`"${"x".repeat(120)}"\n[1]\n`), cuts), 100));
      expect(frames).toEqual<Frame[]>([{ kind: "large" }, { kind: "message", value: [1] }]);
    },
  );

  test("threat 1: duplicate keys and what is no UTF-8 are no messages", async () => {
    const frames = await all(
      readFrames(chunksOf(Uint8Array.from([...utf8('{"a":1,"\\u0061":2}\n"'), 0xff, 0x22, 0x0a]), []), 100),
    );
    expect(frames).toEqual<Frame[]>([
      { kind: "invalid", isObject: true },
      { kind: "invalid", isObject: false },
    ]);
  });
});

/** Serves a client that writes these lines; `hold` keeps its input open. */
async function converse(
  lines: readonly string[],
  script?: Script,
  hold?: Promise<unknown>,
): Promise<{ out: Json[]; ms: number; closed: number }> {
  const gateway = fakeGateway(script);
  const out: string[] = [];
  async function* input(): AsyncGenerator<Uint8Array> {
    yield utf8(lines.map((line) => `${line}\n`).join(""));
    await hold;
  }
  const begun = performance.now();
  await serveStdio({ relay: gateway.relay(), token: tokens.ours, input: input(), write: (line) => void out.push(line) });
  return { out: out.map((line) => JSON.parse(line) as Json), ms: performance.now() - begun, closed: gateway.closed.size };
}

describe("a client", () => {
  test("is answered by its session's token, and what is no message is answered as such", async () => {
    const { out, closed } = await converse(['{"jsonrpc":"2.0","id":"a","method":"ping"}', "{", '{"jsonrpc":"2.0","method":"n"}']);
    expect(out).toHaveLength(2);
    expect(out).toContainEqual({ jsonrpc: "2.0", id: "a", result: { echo: "ping" } });
    expect(out).toContainEqual({ jsonrpc: "2.0", id: null, error: { code: -32_700, message: "the message is not strict JSON" } });
    expect(closed).toBe(1);
  });

  test("that ends its input still gets the answer to what runs", async () => {
    const { out } = await converse(['{"jsonrpc":"2.0","id":1,"method":"x"}'], async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { jsonrpc: "2.0", id: 1, result: {} };
    });
    expect(out).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
  });

  test("that has ended does not hold the server: what never answers is cancelled", async () => {
    let isCancelled = false;
    const { out, ms } = await converse(['{"jsonrpc":"2.0","id":1,"method":"x"}'], (_, { signal }) => {
      signal.addEventListener("abort", () => {
        isCancelled = true;
      });
      return new Promise(() => {});
    });
    expect([out, isCancelled]).toEqual([[], true]);
    expect(ms).toBeLessThan(5_000);
  });
});
