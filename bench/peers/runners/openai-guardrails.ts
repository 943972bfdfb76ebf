/**
 * \@openai/guardrails: its deterministic checks on the texts among the arguments, URLs on those that are URLs, secrets, personal data and
 * keywords on the others (on the whole call they take the JSON around for secrets, and files for hosts). Made once, run as its own runtime does.
 * No rules are written around it: it judges texts, and has no notion of a tool, a number, an order or a source.
 * Never a check that asks a model.
 */
import { parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { Workload } from "../workload.ts";

interface Guardrail {
  run(context: object, text: string): Promise<{ readonly tripwireTriggered: boolean }>;
}
interface GuardrailsModule {
  instantiateGuardrails(bundle: object): Promise<readonly Guardrail[]>;
}

/** The deterministic checks, set up for the policy as far as they can be. */
export async function open({ policy }: Workload): Promise<Peer> {
  const name = "@openai/guardrails";
  const { instantiateGuardrails } = (await import(name)) as GuardrailsModule;
  const hosts = Object.values(policy.nodes).flatMap(({ args }) => Object.values(args).flatMap(({ host }) => host ?? []));
  const urls = new Set(
    Object.values(policy.nodes).flatMap(({ args }) => Object.keys(args).filter((arg) => args[arg]?.host !== undefined)),
  );
  const forUrls = await instantiateGuardrails({
    version: 1,
    guardrails: [
      {
        name: "URL Filter",
        config: { url_allow_list: [...new Set(hosts)], allowed_schemes: ["https"], block_userinfo: true, allow_subdomains: true },
      },
    ],
  });
  const forTexts = await instantiateGuardrails({
    version: 1,
    guardrails: [
      { name: "Secret Keys", config: { threshold: "balanced" } },
      { name: "Contains PII", config: { entities: ["CREDIT_CARD", "US_SSN"], block: true, detect_encoded_pii: false } },
      { name: "Keyword Filter", config: { keywords: ["<script>", "DROP TABLE", "/etc/passwd", "/etc/shadow"] } },
    ],
  });
  return {
    check: async (raw) => {
      const args = Object.entries(parseCall(raw).args);
      const [addresses, texts] = [true, false].map((isUrl) =>
        args.flatMap(([arg, value]) => (urls.has(arg) === isUrl ? textsOf(value) : [])).join("\n"),
      ) as [string, string];
      const runs = addresses === "" ? [] : forUrls.map((guardrail) => guardrail.run({}, addresses));
      const results = await Promise.all([...runs, ...forTexts.map((guardrail) => guardrail.run({}, texts))]);
      return !results.some(({ tripwireTriggered }) => tripwireTriggered);
    },
  };
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === "string" ? [value] : [];
}
