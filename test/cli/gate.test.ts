/**
 * The door of a server: what it counts, what it refuses, and whom.
 */
import { describe, expect, it } from "vitest";
import { createGate } from "../../src/cli/server/gate.ts";
import { denialOf } from "../../src/surfaces/enforce.ts";
import { denialResponse } from "../../src/surfaces/mcp/http-guard.ts";
import { chat } from "../../src/surfaces/model-api/chat.ts";
import { refusal } from "../../src/surfaces/model-api/exchange.ts";
import { messages } from "../../src/surfaces/model-api/messages.ts";
import { hostProblemResponse, problemResponse } from "../../src/surfaces/wire.ts";

/** Refused credentials, as every surface says it. */
const answers: { readonly [status: number]: () => Response } = {
  401: () => hostProblemResponse({ code: "AUTH_REQUIRED" }),
  403: () => hostProblemResponse({ code: "AUTH_DENIED" }),
};

const ask = (path: string, method = "POST"): Request => new Request(`http://host.example${path}`, { method });

describe("a gate", () => {
  it("counts a request until it is answered, and a stream of events until it has ended", async () => {
    const gate = createGate({ clock: () => 0 });
    let answer: (response: Response) => void = () => undefined;
    const open = gate.serve(
      ask("/tools/a"),
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    expect(gate.open).toBe(1);
    answer(new Response("x"));
    await open;
    expect(gate.open).toBe(0);
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
    });
    const events = await gate.serve(
      ask("/mcp"),
      () => new Response(stream, { headers: { "content-type": "text/event-stream" } }),
    );
    expect(gate.open).toBe(1);
    controller?.enqueue(new TextEncoder().encode("data: 1\n\n"));
    controller?.close();
    expect(await events.text()).toBe("data: 1\n\n");
    expect(gate.open).toBe(0);
  });

  it("does not count a stream that only listens, nor one that the client has let go of", async () => {
    const gate = createGate({ clock: () => 0 });
    const events = (): Response =>
      new Response(new ReadableStream<Uint8Array>(), { headers: { "content-type": "text/event-stream" } });
    await gate.serve(ask("/mcp", "GET"), events);
    expect(gate.open).toBe(0);
    const posted = await gate.serve(ask("/mcp"), events);
    expect(gate.open).toBe(1);
    await posted.body?.cancel();
    expect(gate.open).toBe(0);
  });

  it("counts nothing that was thrown", async () => {
    const gate = createGate({ clock: () => 0 });
    const thrown = gate.serve(ask("/a"), () => {
      throw new TypeError("no");
    });
    await expect(thrown).rejects.toThrow(TypeError);
    expect(gate.open).toBe(0);
  });

  it("that is closing refuses what is new, but not health, nor what stays open", async () => {
    const gate = createGate({ clock: () => 0, staysOpen: (path) => path === "/mcp" });
    gate.close();
    const statuses: number[] = [];
    for (const path of ["/tools/a", "/sluice/sessions", "/sluice/live", "/sluice/ready", "/mcp", "/mcp/x"])
      statuses.push((await gate.serve(ask(path), () => new Response("x"))).status);
    expect(statuses).toEqual([503, 503, 200, 200, 200, 503]);
  });

  it("lets an address wait that has guessed too often, and no other, and believes no header about it", async () => {
    let now = 0;
    const gate = createGate({ clock: () => now, failuresPerMinute: 2 });
    const from = async (address: string | undefined, status: number): Promise<number> =>
      (
        await gate.serve(
          new Request("http://host.example/a", { headers: { "x-forwarded-for": "192.0.2.9" } }),
          () => answers[status]?.() ?? new Response("x", { status }),
          address,
        )
      ).status;
    expect([await from("192.0.2.1", 403), await from("192.0.2.1", 401), await from("192.0.2.1", 403)]).toEqual([403, 401, 403]);
    expect(await from("192.0.2.1", 200)).toBe(429);
    expect(await from("192.0.2.2", 200)).toBe(200);
    expect(await from(undefined, 403)).toBe(403);
    now += 60_000;
    expect(await from("192.0.2.1", 200)).toBe(200);
  });

  it("knows a refused credential of the APIs of models, too", async () => {
    for (const dialect of [chat, messages]) {
      const gate = createGate({ clock: () => 0, failuresPerMinute: 1 });
      const serve = async (): Promise<number> =>
        (await gate.serve(ask("/v1/x"), () => refusal(dialect, denialOf("AUTH_DENIED")), "192.0.2.1")).status;
      expect([await serve(), await serve(), await serve()]).toEqual([403, 403, 429]);
    }
  });

  it("knows a refused credential of MCP, too", async () => {
    for (const refused of ["AUTH_DENIED", "AUTH_REQUIRED"] as const) {
      const gate = createGate({ clock: () => 0, failuresPerMinute: 1 });
      const serve = async (): Promise<number> =>
        (await gate.serve(ask("/mcp"), () => denialResponse(denialOf(refused)), "192.0.2.1")).status;
      const status = refused === "AUTH_DENIED" ? 403 : 401;
      expect([await serve(), await serve(), await serve()]).toEqual([status, status, 429]);
    }
  });

  it("does not take a call that the plan denies, or what a tool answers, for a guessed credential", async () => {
    const gate = createGate({ clock: () => 0, failuresPerMinute: 1 });
    const others: readonly (() => Response)[] = [
      () => problemResponse(denialOf("CALL_NOT_IN_PLAN")),
      () => problemResponse(denialOf("FLOW_SINK_DENIED")),
      () => new Response("x", { status: 403 }),
      () => new Response("x", { status: 401, headers: { "www-authenticate": 'Bearer realm="tools"' } }),
    ];
    for (const answer of [...others, ...others]) {
      const response = await gate.serve(ask("/tools/a"), answer, "192.0.2.1");
      expect(response.status).toBe(answer().status);
      expect(await response.text()).toBe(await answer().text());
    }
  });
});
