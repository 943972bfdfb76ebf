import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { definePolicy } from "../../src/policy/define.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import {
  ConfigError,
  createFirewall,
  createMemoryTraceSink,
  hostRoutes,
  type ObserveMode,
  type OwnEnforcement,
  sluice,
} from "../../src/surfaces/hono.ts";
import { createGuard, type GuardOptions } from "../../src/guard.ts";
import { createObserver } from "../../src/surfaces/observe.ts";
import { makeShop, shop, shopPlan, tools } from "../surfaces/firewall-fixture.ts";
import { before, until, watchShop } from "./fixture.ts";

const sink = createMemoryTraceSink();
const good = { reason: "why", until, sink };

function make(mode: unknown, over: Partial<OwnEnforcement> = {}): ReturnType<typeof createFirewall> {
  return createFirewall({ plans: [shop], store: createMemoryStore(), clock: () => before, mode: mode as ObserveMode, ...over });
}

describe("observing", () => {
  it("needs an object with a reason, an end and a sink: nothing less turns it on", () => {
    const wrong: readonly unknown[] = [
      true,
      "observe",
      1,
      null,
      [],
      {},
      { observe: true },
      { observe: "true" },
      { observe: {} },
      { observe: null },
      { observe: [good] },
      { observe: { reason: "why", until } },
      { observe: { ...good, sink: "folder" } },
      { observe: { ...good, reason: "" } },
      { observe: { ...good, reason: "   " } },
      { observe: { ...good, reason: "a\u202eb" } },
      { observe: { reason: "why", sink } },
      { observe: { ...good, until: "2026-12-01" } },
      { observe: { ...good, until: "2026-12-01T00:00:00" } },
      { observe: { ...good, until: "tomorrow" } },
      { observe: { ...good, until: before + 1_000 } },
      { observe: { ...good, until: "2027-12-01T00:00:00Z" } },
      { observe: good, enforce: false },
      { observe: { ...good, record: { default: "everything" } } },
      { observe: { ...good, key: new Uint8Array(4) } },
      { observe: { ...good, idleSeconds: 0 } },
    ];
    for (const mode of wrong) expect(() => make(mode), JSON.stringify(mode)).toThrow(ConfigError);
    expect(make({ observe: good }).observer?.isOn()).toBe(true);
    expect(make(undefined).observer).toBeUndefined();
  });

  it("cannot be written as JSON, so that no file of settings turns it on", () => {
    const text = JSON.stringify({ observe: { reason: "why", until, sink: { append: "x" } } });
    const read = readJson(text);
    expect(() => make(read.ok ? read.value : null)).toThrow("`mode.observe.sink`");
  });

  it("is a type error as a switch", () => {
    // @ts-expect-error: a switch is no mode
    expect(() => createFirewall({ plans: [shop], store: createMemoryStore(), mode: true })).toThrow(ConfigError);
    // @ts-expect-error: nor is one inside
    expect(() => createFirewall({ plans: [shop], store: createMemoryStore(), mode: { observe: true } })).toThrow(ConfigError);
    // @ts-expect-error: nor without an end
    expect(() => createFirewall({ plans: [shop], store: createMemoryStore(), mode: { observe: { reason: "a", sink } } })).toThrow(
      ConfigError,
    );
    const plain = { plans: [shop], store: createMemoryStore() };
    // @ts-expect-error: the option of a firewall is `mode`
    expect(createFirewall({ ...plain, observe: true }).observer).toBeUndefined();
    const switched: GuardOptions = {
      // @ts-expect-error: a guard has no mode at all
      observe: true,
    };
    const verdict = createGuard(shop, switched)
      .session()
      .check({ tool: "shop/order", args: { symbol: "EVIL" } });
    expect(verdict.decision).toBe("deny");
    const enforcer = createFirewall(plain);
    // What has its own mode is not given another.
    expect(() => sluice({ enforcer, mode: { observe: good } } as never)).toThrow("`mode` is said to `createFirewall`");
    // @ts-expect-error: an observer is no guard
    const notAGuard: { session(): { check(): unknown } } = createObserver({ mode: { observe: good }, clock: () => before });
    expect(Object.keys(notAGuard)).not.toContain("check");
    expect(Object.keys(notAGuard)).not.toContain("session");
  });

  it("is reached by no header, query, body, parameter, plan or variable of the environment", async () => {
    for (const name of ["SLUICE_OBSERVE", "SLUICE_MODE", "OBSERVE", "MODE", "NODE_ENV"]) process.env[name] = "observe";
    try {
      const made = makeShop();
      made.app.route("/sluice", hostRoutes({ enforcer: made.firewall, credentials: { admin: "admin-secret-0123456789" } }));
      const token = await made.open();
      const headers = {
        "sluice-mode": "observe",
        "x-observe": "true",
        "sluice-run": "a",
        "sluice-observe": "1",
        cookie: "mode=observe",
      };
      for (const path of ["order", "order?mode=observe", "order?observe=true"]) {
        const reply = await made.call(token, path, { symbol: "EVIL", mode: { observe: good }, observe: true }, { headers });
        expect([reply.status >= 400, reply.headers.get("sluice-mode")]).toEqual([true, null]);
      }
      expect(made.seen).toEqual([]);
      const opened = await made.app.request("/sluice/sessions", {
        method: "POST",
        headers: { authorization: "Bearer admin-secret-0123456789", "content-type": "application/json" },
        body: JSON.stringify({ plan: "shop", principal: "ada", mode: { observe: { reason: "why", until } } }),
      });
      expect(opened.status).toBe(422);
      const mode = await made.app.request("/sluice/mode", { headers: { authorization: "Bearer admin-secret-0123456789" } });
      expect([await mode.text(), mode.headers.get("sluice-mode")]).toEqual(['{"mode":{"mode":"enforce"}}', null]);
    } finally {
      for (const name of ["SLUICE_OBSERVE", "SLUICE_MODE", "OBSERVE", "MODE"]) delete process.env[name];
      process.env.NODE_ENV = "test";
    }
  });

  it("is no member of a plan", () => {
    for (const extra of [{ mode: "observe" }, { observe: true }, { enforce: false }])
      expect(parsePlan({ ...(shopPlan as object), ...extra } as never).ok).toBe(false);
  });

  it("is refused under a policy that asks for people's approval, given or frozen", () => {
    const policy = definePolicy({ sluicePolicy: 1, name: "ask", approve: { tools: ["shop/order"] } });
    expect(() => make({ observe: good }, { policy })).toThrow("people's approval");
    const catalogue = readCatalogue(tools);
    const frozen = catalogue.ok ? freezePlan(shopPlan, catalogue.value, { policy }) : undefined;
    if (!frozen?.ok) throw new Error("the plan freezes");
    expect(() => make({ observe: good }, { plans: [frozen.value] })).toThrow("people's approval");
    // Its end has come: everything is enforced, approvals included.
    expect(make({ observe: { ...good, until: "2026-11-01T00:00:00Z" } }, { policy }).observer?.isOn()).toBe(false);
  });

  it("leaves the enforcer enforcing: only the surfaces look at what is observed", async () => {
    const watched = watchShop();
    const token = await watched.open();
    expect((await watched.firewall.check(token, { tool: "order", args: { symbol: "EVIL" } })).allow).toBe(false);
  });

  it("is off for a firewall without a mode, whatever shares its options", () => {
    expect(() => createFirewall({ plans: [], store: createMemoryStore() })).toThrow("at least one frozen plan");
    const app = new Hono();
    expect(() => app.use(sluice({ plans: [], store: createMemoryStore() }))).toThrow(ConfigError);
  });
});

describe("a firewall that observes", () => {
  const admin = { authorization: "Bearer admin-secret-0123456789" };
  const person = { authorization: "Bearer person-secret-0123456789" };

  it("says so on every answer of the host's routes, also on refusals, and at the top of every page", async () => {
    const watched = watchShop({ observe: { reason: "<b>first</b> & last" } });
    watched.app.route(
      "/sluice",
      hostRoutes({
        enforcer: watched.firewall,
        credentials: { admin: "admin-secret-0123456789", approvers: { kim: "person-secret-0123456789" } },
      }),
    );
    for (const path of ["/sluice/plans", "/sluice/sessions", "/sluice/mode", "/sluice/nowhere", "/sluice/approvals"]) {
      for (const headers of [admin, {}]) {
        const response = await watched.app.request(path, { headers });
        expect([path, response.headers.get("sluice-mode")]).toEqual([path, "observe"]);
      }
    }
    for (const path of ["/sluice/plans", "/sluice/sessions", "/sluice/mode"])
      expect(await (await watched.app.request(path, { headers: admin })).text()).toContain('"mode":"observe"');
    const page = await watched.app.request("/sluice/approvals", { headers: { ...person, accept: "text/html" } });
    const text = await page.text();
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(text).toContain("<strong>Nothing is enforced.</strong>");
    expect(text).toContain("&lt;b&gt;first&lt;/b&gt; &amp; last");
    expect(text.indexOf("Nothing is enforced")).toBeLessThan(text.indexOf("<h1>"));
    watched.time = before + 12 * 86_400_000;
    const later = await watched.app.request("/sluice/approvals", { headers: { ...person, accept: "text/html" } });
    expect([later.headers.get("sluice-mode"), (await later.text()).includes("Nothing is enforced")]).toEqual(["enforce", false]);
  });

  it("says so first of all in its log", () => {
    const watched = watchShop();
    expect(watched.log[0]).toEqual({ level: "error", event: "observe-mode", facts: { reason: "the first week", until } });
  });
});

describe("an observer", () => {
  it("watches a program that calls its own tools, and answers nothing that it could obey", async () => {
    const own = createMemoryTraceSink();
    const observer = createObserver({ mode: { observe: { ...good, sink: own } }, plans: [shop], clock: () => before });
    const run = observer.run({ task: "Buy VTI" });
    expect(run.call({ tool: "shop/order", args: { symbol: "VTI", amount: 5 } }).result({ id: 1 })).toBeUndefined();
    const call = run.call({ tool: "shop/order", args: { symbol: "VTI", amount: 5 } });
    call.result({ id: 2 });
    call.result({ id: 3 });
    run.call({ tool: "shop/order", args: [] as never }).result(null);
    run.call({ tool: "shop/feed", args: {} }).result(undefined as never);
    await observer.close();
    expect([...own.traces.keys()]).toEqual([run.trace]);
    const lines = own.traces.get(run.trace) ?? [];
    expect(lines.map((line) => /"type":"(\w+)"/.exec(line)?.[1])).toEqual(["task", "call", "result", "call", "result", "call"]);
    expect(lines[0]).toContain('"reason":"why"');
    expect(observer.status()).toMatchObject({ calls: 4, recorded: 3, wouldDeny: 1, unobserved: { malformed: 1, result: 1 } });
  });

  it("records nothing after its end", async () => {
    const own = createMemoryTraceSink();
    const observer = createObserver({
      mode: { observe: { ...good, until: "2026-11-01T00:00:00Z", sink: own } },
      clock: () => before,
    });
    observer.run({ task: "x" }).call({ tool: "a", args: {} }).result(1);
    await observer.close();
    expect([own.traces.size, observer.status().calls]).toEqual([0, 0]);
  });
});
