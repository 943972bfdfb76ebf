/**
 * A support desk whose runs make every kind of row of a compliance report: personal data that is read, cleaned, sent by reference and by the
 * agent's words, held for a person, refused, and erased.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Json } from "../../../src/json/value.ts";
import type { AuditLog } from "../../../src/audit/log.ts";
import { reportOf } from "../../../src/audit/report/report-of.ts";
import type { Report } from "../../../src/audit/report/form.ts";
import type { Mapping } from "../../../src/audit/report/mapping.ts";
import type { ReportOptions } from "../../../src/audit/report/options.ts";
import { createSubjects } from "../../../src/audit/subjects.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../../src/plan/plan.ts";
import { systemRandom } from "../../../src/surfaces/random.ts";
import { type Audited, makeAudited, master, must } from "../fixture.ts";

const text = { type: "string" };
const object = (properties: Record<string, Json>): Json => ({ type: "object", properties });

const tools: Json = {
  servers: [{ name: "crm" }, { name: "mail", url: "https://mail.example/mcp" }, { name: "web" }],
  tools: [
    {
      name: "crm/customer",
      inputSchema: object({ id: text }),
      outputSchema: {
        type: "object",
        properties: { email: text, plan: { enum: ["basic", "pro"] } },
        required: ["email", "plan"],
      },
      sluice: { labels: ["customer_data"], effects: ["read"], roles: { id: "selector" } },
    },
    {
      name: "crm/note",
      inputSchema: object({ text }),
      sluice: { labels: ["desk"], effects: ["write"], roles: { text: "content" } },
    },
    {
      name: "mail/send",
      inputSchema: object({ to: text, tier: text, body: text }),
      sluice: {
        labels: ["desk"],
        effects: ["message"],
        roles: { to: "target", tier: "content", body: "content" },
        audience: { arg: "to" },
      },
    },
    {
      name: "web/search",
      inputSchema: object({ query: text }),
      sluice: { labels: ["web"], effects: ["read", "network"], roles: { query: "content" } },
    },
    {
      name: "crm/refund",
      inputSchema: object({ amount: { type: "number" } }),
      sluice: { labels: ["desk"], effects: ["money"], roles: { amount: "content" } },
    },
  ],
};

/** The plan of the desk. */
export const deskPlan: Plan = {
  sluice: 1,
  name: "support-desk",
  task: "Answer a customer",
  labels: {
    customer_data: { integrity: "trusted" },
    desk: { integrity: "trusted" },
    web: { integrity: "untrusted" },
    user_input: { integrity: "trusted" },
  },
  params: { customer: { type: "string", default: "c-1" } },
  nodes: {
    customer: {
      tool: "crm/customer",
      args: { id: { param: "customer" } },
      removes: { labels: ["customer_data"], paths: ["$.plan"] },
      optional: true,
      times: { max: 5 },
    },
    search: { tool: "web/search", args: { query: { write: { maxLength: 200 } } }, optional: true, times: { max: 50 } },
    answer: {
      tool: "mail/send",
      args: {
        to: { from: "customer$.email", pick: "last" },
        tier: { from: "customer$.plan", pick: "last" },
        body: { write: { maxLength: 2_000, links: "none" } },
      },
      optional: true,
      times: { max: 50 },
      constraints: { maxBytes: 10_000 },
    },
    note: { tool: "crm/note", args: { text: { write: { maxLength: 500 } } }, optional: true, times: { max: 50 } },
    refund: {
      tool: "crm/refund",
      args: { amount: { choose: { type: "number", minimum: 1, maximum: 50 } } },
      optional: true,
      times: { max: 20 },
      constraints: { approve: "human" },
    },
  },
  flows: [{ id: "no-customer-on-the-web", deny: ["customer_data"], to: "web/*" }],
};

/** Freezes a plan against the desk's tools. */
export function freezeDesk(plan: Plan): FrozenPlan {
  const catalogue = readCatalogue(tools);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const frozen = freezePlan(plan, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

/** The frozen desk. */
export const desk = freezeDesk(deskPlan);

/** What the desk's organisation declares. */
export const mapping: Mapping = {
  sluiceReport: 1,
  controller: { name: "Desk GmbH", contact: "privacy@desk.example" },
  labels: {
    customer_data: { category: "contact data of customers" },
    web: { personal: false },
    desk: { personal: false },
    user_input: { category: "what staff writes" },
  },
  tools: {
    "mail/*": {
      recipient: "Mail Example AG",
      kind: "processor",
      country: "CH",
      safeguard: "adequacy decision",
      retention: "30 days",
    },
    "crm/*": { recipient: "Desk GmbH", kind: "internal", country: "DE" },
  },
  plans: { "support-*": { purpose: "Answering customers", basis: "contract, art. 6(1)(b)", retention: "2 years" } },
};

/** A desk with an audit log. */
export async function makeDesk(given: Parameters<typeof makeAudited>[0] = {}): Promise<Audited> {
  return makeAudited({ ...given, options: { plans: [desk], ...given.options } });
}

/** One run: reads, answers, searches (refused once customer data was seen), asks for a refund that is held. */
export async function deskRun(desk: Audited, principal: string): Promise<{ readonly token: string; readonly session: string }> {
  const opened = await desk.open(principal);
  const { token } = opened;
  await desk.call(token, "web/search", { query: "opening hours" }, { hits: 1 });
  await desk.call(token, "crm/customer", {}, { email: "kim@example.org", plan: "pro" });
  await desk.call(token, "mail/send", { body: "Hello" });
  await desk.call(token, "web/search", { query: "kim@example.org" });
  await desk.call(token, "crm/note", { text: "done" });
  return opened;
}

/** Asks for a refund, which is held; its id. */
export async function askRefund(desk: Audited, token: string, amount = 20): Promise<string> {
  desk.clock.now += 1_000;
  const checked = await desk.firewall.check(token, { tool: "crm/refund", args: { amount } });
  if (checked.allow) throw new Error("a refund is held");
  const waiting = must(await desk.firewall.approvals());
  const found = waiting.at(-1);
  if (found === undefined) throw new Error("nothing waits");
  return found.id;
}

/** A report of the desk's log as it lies there. */
export async function reported(
  desk: Pick<Audited, "log" | "signer" | "clock">,
  options: Partial<ReportOptions> & { readonly log?: AuditLog } = {},
): Promise<Report> {
  const { log = desk.log, ...rest } = options;
  const verify = { keys: [desk.signer.publicKey], subjects: createSubjects(log, master, systemRandom) };
  return must(await reportOf(log, { framework: "gdpr", now: desk.clock.now + 3_600_000, verify, ...rest }));
}
