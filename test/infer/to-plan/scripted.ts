/**
 * Made-up tools and proposals for the tests of drafting: what a planner would say, written down.
 */
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Json } from "../../../src/json/value.ts";
import type {
  Abstention,
  Evidence,
  Planner,
  Proposal,
  ProposedArgument,
  ProposedCall,
  ProposedSource,
} from "../../../src/infer/proposal.ts";
import { planOf } from "../../../src/infer/to-plan/to-plan.ts";
import { draftTool } from "../../../src/infer/tools.ts";

const text = { type: "string" };

/** Tools of an office: people, mail, payments, files, calendar. */
export const office: Json = {
  tools: [
    {
      name: "people/search",
      description: "Search people by name",
      inputSchema: {
        type: "object",
        properties: { query: text, team: { type: "string", enum: ["sales", "legal"] } },
        required: ["query"],
      },
      outputSchema: {
        type: "object",
        properties: {
          people: {
            type: "array",
            maxItems: 12,
            items: {
              type: "object",
              properties: { id: text, email: text, name: text, tags: { type: "array", items: { type: "string" } } },
            },
          },
          count: { type: "integer" },
        },
      },
      sluice: { effects: ["read"], labels: ["directory"] },
    },
    {
      name: "people/get",
      description: "Get one person",
      inputSchema: { type: "object", properties: { id: text }, required: ["id"] },
      outputSchema: { type: "object", properties: { id: text, email: text, salary: { type: "number" } } },
      sluice: { effects: ["read"], labels: ["directory"] },
    },
    {
      name: "mail/send",
      description: "Send a mail",
      inputSchema: {
        type: "object",
        properties: {
          to: { type: "array", items: text },
          subject: text,
          body: text,
          reply_to: { type: "string", format: "email", description: "Address for answers" },
        },
        required: ["to", "subject", "body"],
      },
      sluice: {
        effects: ["message"],
        labels: ["mail_service"],
        roles: { to: "target", reply_to: "target", subject: "content", body: "content" },
      },
    },
    {
      name: "mail/notify",
      description: "Notify one address",
      inputSchema: { type: "object", properties: { address: text, text }, required: ["address", "text"] },
      sluice: { effects: ["message"], labels: ["mail_service"], roles: { address: "target", text: "content" } },
    },
    {
      name: "bank/pay",
      description: "Pay an invoice",
      inputSchema: {
        type: "object",
        properties: {
          iban: text,
          amount: { type: "number", minimum: 0, maximum: 500, description: "Amount in euros" },
          currency: { type: "string", enum: ["EUR", "USD"], default: "EUR" },
        },
        required: ["iban", "amount", "currency"],
      },
      sluice: { effects: ["money"], labels: ["bank"] },
    },
    {
      name: "calendar/create",
      description: "Create an event",
      inputSchema: {
        type: "object",
        properties: {
          title: text,
          when: {
            type: "object",
            properties: { start: { type: "string", format: "date" }, minutes: { type: "integer" } },
            required: ["start"],
          },
          attendees: { type: "array", items: { type: "object", properties: { email: text, role: text }, required: ["email"] } },
        },
        required: ["title", "when"],
      },
      sluice: { effects: ["write"], labels: ["calendar"] },
    },
    {
      name: "web/fetch",
      description: "Fetch a page",
      inputSchema: { type: "object", properties: { url: text }, required: ["url"] },
      sluice: { effects: ["read", "network"], labels: ["external_api"], roles: { url: "target" } },
    },
  ],
  labels: {
    directory: { integrity: "untrusted" },
    mail_service: { integrity: "trusted" },
    bank: { integrity: "trusted" },
    calendar: { integrity: "untrusted" },
  },
};

/** A catalogue of a test. */
export function catalogueOf(value: Json): Catalogue {
  const read = readCatalogue(value);
  if (!read.ok) throw new Error(read.error[0]?.message ?? "no catalogue");
  return read.value;
}

/** The tools of {@link office}. */
export const officeTools: Catalogue = catalogueOf(office);

/** Words of a task as evidence. Fails where the task does not have them. */
export function wordsIn(task: string, words: string): Evidence {
  const start = task.indexOf(words);
  if (start < 0) throw new Error(`the task has no "${words}"`);
  return { start, end: start + words.length };
}

/** What one call of a script says; arguments by their dotted path (`attendees.[].email`). */
export interface ScriptedCall {
  readonly tool: string;
  readonly words?: string;
  readonly args?: { readonly [path: string]: ScriptedArgument };
  readonly confidence?: number;
  readonly others?: readonly string[];
}

/** Where an argument comes from, with the words that say it. */
export type ScriptedArgument =
  | { readonly is: Json; readonly words?: string; readonly confidence?: number; readonly or?: Json }
  | { readonly from: number; readonly path?: string; readonly words?: string; readonly confidence?: number }
  | { readonly ask: true; readonly confidence?: number };

/** A proposal, as a script says it. */
export function proposalOf(
  task: string,
  calls: readonly ScriptedCall[],
  { catalogue = officeTools, ...rest }: { readonly catalogue?: Catalogue } & Partial<Proposal> = {},
): Proposal {
  return {
    calls: calls.map((call) => callOf(task, call, catalogue)),
    confidence: 0.97,
    abstentions: [],
    origin: { planner: "model", from: "sha256:test" },
    ...rest,
  };
}

function callOf(
  task: string,
  { tool, words, args = {}, confidence = 0.98, others = [] }: ScriptedCall,
  catalogue: Catalogue,
): ProposedCall {
  const draft = (name: string): ProposedCall["tool"] => {
    const found = catalogue.tools.get(name);
    if (found === undefined) throw new Error(`no tool ${name}`);
    return draftTool(found);
  };
  return {
    tool: draft(tool),
    confidence,
    evidence: words === undefined ? [] : [wordsIn(task, words)],
    alternatives: others.map((name) => ({ tool: draft(name), confidence: 0.2 })),
    args: Object.entries(args).map(([path, argument]) => argumentOf(task, path, argument)),
  };
}

function argumentOf(task: string, path: string, argument: ScriptedArgument): ProposedArgument {
  const source = sourceOf(argument);
  const words = "words" in argument ? argument.words : undefined;
  const or =
    "or" in argument && argument.or !== undefined
      ? [{ source: { kind: "constant" as const, value: argument.or }, confidence: 0.1 }]
      : [];
  return {
    path: path.split("."),
    source,
    confidence: argument.confidence ?? 0.95,
    ...(words === undefined ? {} : { evidence: wordsIn(task, words) }),
    alternatives: or,
  };
}

function sourceOf(argument: ScriptedArgument): ProposedSource {
  if ("is" in argument) return { kind: "constant", value: argument.is };
  if ("ask" in argument) return { kind: "ask" };
  return { kind: "result", call: argument.from, path: argument.path === undefined ? [] : argument.path.split(".") };
}

/** The draft of a script. Fails where no plan can say it. */
export function draftOfScript(
  task: string,
  calls: readonly ScriptedCall[],
  catalogue: Catalogue = officeTools,
): Extract<ReturnType<typeof planOf>, { readonly ok: true }>["value"] {
  const planned = planOf(proposalOf(task, calls, { catalogue }), { task, catalogue });
  if (!planned.ok) throw new Error(planned.error);
  return planned.value;
}

/** A planner that always proposes the same. */
export function scriptedPlanner(proposal: Proposal): Planner {
  return { propose: async () => proposal };
}

/** A reason to abstain. */
export const unsure: Abstention = { code: "INFER_UNSURE", message: "two readings are as likely", candidates: [] };
