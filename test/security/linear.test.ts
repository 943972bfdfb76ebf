/**
 * Texts that make a careless pattern try every start: with quadratic work these take minutes, with linear work no time.
 */
import { describe, expect, it } from "vitest";
import { plain } from "../../src/cli/show/terminal.ts";
import { isRunner } from "../../src/constraints/argv.ts";
import { looksLikeEmail } from "../../src/constraints/email.ts";
import type { DraftParam } from "../../src/infer/tools.ts";
import { listItems } from "../../src/infer/values/lists.ts";
import { readTasks } from "../../src/intent/llm-compiler-text.ts";
import { readTask } from "../../src/learn/task-words.ts";
import { readEvents } from "../../src/surfaces/event-stream.ts";
import { readRequest } from "../../src/surfaces/http-proxy/exchange.ts";
import { operation } from "../surfaces/http-proxy/fixture.ts";

/** A parameter that takes a list of texts. */
function stringsOf(words: string): DraftParam {
  const none = { description: "", listed: [], isClosed: false, isRequired: true, hasDefault: false };
  return { ...none, path: [words], words, type: "array", itemType: "string", schema: { type: "array" } };
}

const many = 1_000_000;

it("threat 5: blanks in a header that is a list take linear time", () => {
  const read = (text: string) =>
    readRequest(operation("listPets"), {
      segments: ["pets"],
      query: "",
      headers: new Map([["x-ids", [text]]]),
      body: { bytes: new Uint8Array(), contentType: undefined },
    });
  const blanks = " ".repeat(many);
  expect(read(`1${blanks},${blanks}2`)).toMatchObject({ ok: true, value: { "X-Ids": [1, 2] } });
  expect(read(`1${blanks}2`)).toMatchObject({ ok: false, fault: { kind: "parameter-value" } });
});

describe("threat 5: linear time is enough", () => {
  it("to say that an argument is no address, and that one is", () => {
    expect(looksLikeEmail(`${"@".repeat(many)} x`)).toBe(false);
    expect(["a@b", "@@b", "a@b@", "<a@b>", "Ada <a@b>", "mailto:a@b"].filter((text) => !looksLikeEmail(text))).toEqual([]);
    expect(["@b", "a@", "@", "@@", "a b@c", "a@b c"].filter(looksLikeEmail)).toEqual([]);
  });

  it("for the name of a program without its version", () => {
    expect(isRunner(`${"1".repeat(many)}x`)).toBe(false);
    expect(isRunner("env8.32")).toBe(true);
  });

  it("to print a text on one line", () => {
    expect(plain(`${" ".repeat(many)}x`)).toHaveLength(many + 1);
    expect(plain("a \r\n\t b  c\n")).toBe("a b  c ");
  });

  it("for the shares that a task names", () => {
    expect(readTask("1".repeat(many)).text.length).toBe(many);
  });

  it("for a plan of calls as text", () => {
    expect(readTasks(`Question:${" ".repeat(many)}x\u2028x`)).toEqual({ ok: true, value: { question: "x\u2028x", tasks: [] } });
    expect(readTasks(`1. a/b()${" ".repeat(many)}x`).ok).toBe(false);
  });

  it("for the end of a list in words", () => {
    const text = `a${".".repeat(many)}x`;
    expect(listItems(text, stringsOf("names"))).toEqual([text]);
  });

  it("for an event that comes one byte at a time", async () => {
    const byte = new Uint8Array([0x61]);
    const head = new TextEncoder().encode("data: ");
    let left = 2 * many;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(head),
      pull: (controller) => {
        if (left > 0) controller.enqueue(byte);
        else controller.enqueue(new TextEncoder().encode("\n\n"));
        if (left-- === 0) controller.close();
      },
    });
    const lengths: number[] = [];
    for await (const { data } of readEvents(body)) lengths.push(data.length);
    expect(lengths).toEqual([2 * many]);
  });
});
