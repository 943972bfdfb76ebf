/** Drafts of plans: handed in, looked at, approved by somebody else, frozen as seen, in force. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import type { Policy, PublicKey } from "../../src/policy/policy.ts";
import { makeKey, must } from "../audit/fixture.ts";
import { type Desk, deskAnswers, deskPlan, makeDesk } from "./fixture.ts";

let desk: Desk;
let policy: Policy | undefined;

beforeEach(async () => {
  policy = undefined;
  desk = await makeDesk({ extra: () => ({ policy: () => policy, loaded: () => (policy === undefined ? {} : { policy }) }) });
});
afterEach(() => desk.close());

type Who = keyof Desk["tokens"] | "host";
interface Reply {
  readonly status: number;
  readonly body: { readonly [name: string]: Json };
}

async function ask(path: string, who: Who, body?: Json): Promise<Reply> {
  const authorization = `Bearer ${who === "host" ? desk.admin : desk.tokens[who]}`;
  const response = await fetch(`${desk.url}${path}`, {
    headers: { authorization, accept: "application/json", "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: response.status, body: must(readJson(await response.text())) as Reply["body"] };
}

const answerPlan: Json = {
  sluice: 1,
  name: "answer-desk",
  task: "Look up the customer and answer",
  nodes: {
    customer: { tool: "crm/customer", args: { ticket: "T-1" } },
    reply: { tool: "mail/send", args: { to: { from: "customer$.email" }, text: { write: { maxLength: 200, links: "none" } } } },
  },
};

async function handIn(plan: Json, who: Who = "ada", more: { readonly [name: string]: Json } = {}): Promise<string> {
  const { status, body } = await ask("/drafts", who, { plan, ...more });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return String(body.id);
}

/** The digest that the page shows. */
async function digestOf(id: string): Promise<string> {
  const { body } = await ask(`/drafts/${id}`, "vera");
  return ((body.look as { readonly frozen?: { readonly digest: string } }).frozen ?? { digest: "" }).digest;
}

describe("a draft", () => {
  it("is frozen as it was seen by another person than who handed it in, and is in force", async () => {
    const id = await handIn(answerPlan, "ada", { why: "less rights" });
    const digest = await digestOf(id);
    expect(await ask(`/drafts/${id}`, "ada", { decision: "approve", digest })).toMatchObject({ status: 403 });
    expect(await ask(`/drafts/${id}`, "vera", { decision: "approve", digest })).toMatchObject({ status: 403 });
    expect(await ask(`/drafts/${id}`, "host", { decision: "approve", digest })).toMatchObject({ status: 403 });
    const approved = await ask(`/drafts/${id}`, "bob", { decision: "approve", digest, reason: "fine" });
    expect(approved).toEqual({ status: 200, body: { status: "approved", digest, inForce: true } });
    expect([...desk.firewall.guards.values()].map(({ frozen }) => frozen.plan.name).sort()).toEqual([
      "answer-desk",
      "refund-desk",
    ]);
    const { token } = await desk.open({ plan: "answer-desk" });
    expect(await desk.call(token, "crm/customer", {}, deskAnswers.customer)).toBe("allow");
    expect(must(await desk.store.loadDocument("plan", digest))).toContain('"answer-desk"');
    const notes = must(await desk.store.journal({ limit: 1_000 })).flatMap(({ note }) => (note === undefined ? [] : [note]));
    expect(notes).toContainEqual(
      expect.objectContaining({ type: "plan-frozen", act: "draft-approved", by: "bob", digest, draft: id }),
    );
  });

  it("is decided on once", async () => {
    const id = await handIn(answerPlan);
    expect(await ask(`/drafts/${id}`, "ada", { decision: "deny", reason: "my mistake" })).toEqual({
      status: 200,
      body: { status: "denied" },
    });
    expect(await ask(`/drafts/${id}`, "bob", { decision: "approve", digest: await digestOf(id) })).toMatchObject({ status: 409 });
    expect(desk.firewall.guards.get(await digestOf(id))).toBeUndefined();
  });

  it("whose tools or policy have changed since it was looked at is not frozen", async () => {
    const id = await handIn(answerPlan);
    const digest = await digestOf(id);
    policy = { sluicePolicy: 1, name: "strict", limits: { calls: 9 } };
    expect(await ask(`/drafts/${id}`, "bob", { decision: "approve", digest })).toMatchObject({ status: 409 });
    expect(await ask(`/drafts/${id}`, "bob", { decision: "approve", digest: "" })).toMatchObject({ status: 409 });
  });

  it("with errors is shown with them and cannot be approved", async () => {
    const id = await handIn({
      sluice: 1,
      name: "bad",
      nodes: { a: { tool: "crm/nothing" }, b: { tool: "crm/note", args: { text: { from: "zz$.x" } } } },
    });
    const { body } = await ask(`/drafts/${id}`, "vera");
    const { findings, frozen } = body.look as {
      readonly findings: readonly { readonly severity: string }[];
      readonly frozen?: Json;
    };
    expect(findings[0]?.severity).toBe("error");
    expect(frozen).toBeUndefined();
    expect(await ask(`/drafts/${id}`, "bob", { decision: "approve", digest: "" })).toMatchObject({ status: 403 });
    expect((await ask(`/drafts/${await handIn({ name: 5 })}`, "vera")).status).toBe(200);
  });

  it("of a name in force takes its place: sessions go on under theirs", async () => {
    const [before] = desk.firewall.guards.values();
    const { token } = await desk.open();
    const id = await handIn({ ...(deskPlan as unknown as { readonly [name: string]: Json }), task: "Stricter" });
    const digest = await digestOf(id);
    expect((await ask(`/drafts/${id}`, "vera")).body).toMatchObject({ replaces: before?.digest });
    expect((await ask(`/drafts/${id}`, "bob", { decision: "approve", digest })).body).toMatchObject({ inForce: true });
    expect([...desk.firewall.guards.values()].map((guard) => guard.digest)).toEqual([digest]);
    expect(await desk.call(token, "crm/customer", {}, deskAnswers.customer)).toBe("allow");
    const { body } = await ask(`/plans/${digest}/compare/${before?.digest}`, "vera");
    expect(body.diff).toMatchObject({ relation: "same" });
    const { body: library } = await ask("/plans", "vera");
    expect(library.plans).toMatchObject([
      {
        name: "refund-desk",
        versions: [
          { digest, isInForce: true },
          { digest: before?.digest, isInForce: false },
        ],
      },
    ]);
  });

  it("needs as many people as the policy says, of those whom it names, and their signatures to be in force", async () => {
    const keyOf = async (): Promise<{ readonly key: PublicKey }> => ({
      key: { kty: "OKP", crv: "Ed25519", x: (await makeKey()).x ?? "" },
    });
    const approvers = { ada: await keyOf(), bob: await keyOf(), root: await keyOf() };
    policy = { sluicePolicy: 1, name: "two", approvers, approval: { plans: { by: ["ada", "bob", "root"], people: 2 } } };
    const id = await handIn(answerPlan, "host");
    const digest = await digestOf(id);
    expect(await ask(`/drafts/${id}`, "ada", { decision: "approve", digest })).toEqual({
      status: 202,
      body: { status: "waiting", approvals: 1 },
    });
    expect(await ask(`/drafts/${id}`, "ada", { decision: "approve", digest })).toMatchObject({ status: 403 });
    const second = await ask(`/drafts/${id}`, "bob", { decision: "approve", digest });
    expect(second).toMatchObject({
      status: 200,
      body: { status: "approved", inForce: false, why: expect.stringMatching(/signed approvals/) },
    });
    expect(desk.firewall.guards.get(digest)).toBeUndefined();
  });

  it("brings its own catalogue, or is refused with the place of what is wrong in it", async () => {
    const tools = {
      server: "lamp",
      tools: [{ name: "on", inputSchema: { type: "object", properties: {} }, sluice: { effects: ["write"] } }],
    };
    const id = await handIn({ sluice: 1, name: "lamp", nodes: { on: { tool: "lamp/on" } } }, "ada", { catalogue: tools });
    expect(await digestOf(id)).toMatch(/^sha256:/);
    expect(await ask("/drafts", "ada", { plan: answerPlan, catalogue: { tools: 5 } })).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/catalogue/) },
    });
    expect(await ask("/drafts", "ada", { plan: "x" })).toMatchObject({ status: 400 });
    expect(await ask("/drafts", "ada", {})).toMatchObject({ status: 400 });
    expect(await ask("/drafts", "ada", { plan: { name: "x".repeat(1_100_000) } })).toMatchObject({ status: 413 });
    expect(await ask("/drafts", "vera", { plan: answerPlan })).toMatchObject({ status: 403 });
  });

  it("that is frozen already is none", async () => {
    const [guard] = desk.firewall.guards.values();
    const frozen = must(
      readJson(
        await (
          await fetch(`${desk.url}/plans/${guard?.digest}/frozen.json`, {
            headers: { authorization: `Bearer ${desk.tokens.vera}` },
          })
        ).text(),
      ),
    );
    expect(await ask("/drafts", "ada", { plan: frozen })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/frozen already/) },
    });
  });
});
