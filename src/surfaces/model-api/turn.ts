/**
 * The calls of one turn of a model, decided at once and kept before the client sees them.
 * Never gives out a call that is not committed, nor arguments other than those that were checked.
 */
import type { Code } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { domainDigest } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Denial, Enforcer, Permit } from "../enforce.ts";
import { denialText } from "../wire.ts";
import { type Answer, argsOf, type DeniedCall, type ModelCall, readableArgs, type ShownCall } from "./dialect.ts";
import { argsDigest } from "./history.ts";
import type { Ledger, LedgerCall } from "./ledger.ts";
import type { Names } from "./names.ts";

/** What a turn is decided with. */
export interface TurnWorld {
  readonly enforcer: Enforcer;
  readonly token: string;
  readonly ledger: Ledger;
  readonly names: Names;
}

/** A turn that was decided. */
export interface Turn {
  readonly shown: readonly ShownCall[];
  readonly denied: readonly DeniedCall[];
  /** Permits of what is shown: to be given up if it never gets to the client. */
  readonly permits: readonly Permit[];
}

/** Decides the calls of an answer. `before`: calls that were denied in earlier rounds of it. Error: nothing of it may be shown. */
export async function decideTurn(world: TurnWorld, answer: Answer, before: readonly DeniedCall[]): Promise<Result<Turn, Code>> {
  const { enforcer, token, names, ledger } = world;
  // What was cut off is not what the model meant to call.
  const calls = answer.isCut ? [] : answer.calls;
  // A name that the client does not offer is no tool of the plan, whatever it is called.
  const wanted = calls.map(({ name, args }) => ({ tool: names.get(name)?.tool ?? `?/${name}`, args: argsOf(args) }));
  const checked = await enforcer.checkBatch(token, wanted);
  const shown: { readonly call: ShownCall; readonly permit: Permit }[] = [];
  const denied: DeniedCall[] = [];
  const taken = new Set<string>();
  for (const [at, call] of calls.entries()) {
    const one = checked[at];
    if (one === undefined) return err("INTERNAL");
    if (!one.allow) {
      denied.push(deniedCall(call, one.verdict));
      continue;
    }
    const { permit } = one;
    const id = taken.has(call.id) || ledger.call(call.id) !== undefined || !idPattern.test(call.id) ? mintedId(permit) : call.id;
    taken.add(id);
    shown.push({ call: { id, name: call.name, args: permit.body, at }, permit });
  }
  const permits = shown.map(({ permit }) => permit);
  const added = await ledger.add(entriesOf(world, { answer, shown, denied: [...before, ...denied] }));
  if (!added.ok) {
    await giveUp(enforcer, permits, added.error);
    return added;
  }
  return ok({ shown: shown.map(({ call }) => call), denied, permits });
}

/** Settles calls that no client will make. */
export async function giveUp(enforcer: Enforcer, permits: readonly Permit[], code: Code): Promise<void> {
  for (const permit of permits) await enforcer.fail(permit, code);
}

/** What every API takes as an id of a call. */
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** An id for a call whose own is none, or is another call's already. */
function mintedId({ session, run }: Permit): string {
  return `call_${domainDigest("model-call-id", canonicalJson([session, run]))
    .replace(/[^0-9a-f]/g, "")
    .slice(-24)}`;
}

function deniedCall({ id, name, args }: ModelCall, verdict: Denial): DeniedCall {
  return { id, name, args: readableArgs(args), text: denialText(verdict) };
}

function entriesOf(
  { ledger }: TurnWorld,
  {
    answer,
    shown,
    denied,
  }: {
    readonly answer: Answer;
    readonly shown: readonly { readonly call: ShownCall; readonly permit: Permit }[];
    readonly denied: readonly DeniedCall[];
  },
): readonly LedgerCall[] {
  const next = (ledger.calls().at(-1)?.place ?? -1) + 1;
  return shown.map(({ call: { id, name, args, at }, permit: { session, run } }, i) => {
    const made = answer.calls[at] as ModelCall;
    const before = i === 0 ? denied : [];
    return {
      id,
      modelId: made.id,
      place: next + i,
      session,
      run,
      name,
      digest: argsDigest(args),
      args: readableArgs(made.args),
      denied: before,
    };
  });
}
