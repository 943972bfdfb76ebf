/**
 * The Worker of the bench: it times the store from inside workerd, where a Worker stands. `GET /?n=COUNT` answers milliseconds an operation.
 */
import { type CloudflareBindings, createCloudflareStore } from "../../src/stores/cloudflare.ts";
import type { Change, Entry, SessionHeader, Store } from "../../src/stores/store.ts";

export { SluiceSession, SluiceShared } from "../../src/stores/cloudflare.ts";

function headerOf(id: string): SessionHeader {
  const expiresAt = Date.now() + 60_000;
  return { id, plan: "p", principal: "ada", conversation: id, tokenDigest: "t", openedAt: 0, expiresAt };
}

function allowed(run: number): Entry {
  return { event: { type: "allow", at: 1_000, run, node: "n", lease: 1_001 } };
}

const opening: Entry = {
  event: {
    type: "open",
    at: 0,
    session: "s",
    plan: "p",
    principal: "ada",
    conversation: "s",
    params: {},
    agentParams: [],
    context: { sources: [], readers: null },
    key: "00",
  },
};

/** Milliseconds of one of `count` operations, one after another. */
async function timed(count: number, once: (i: number) => Promise<{ readonly ok: boolean }>): Promise<number> {
  const started = Date.now();
  for (let i = 0; i < count; i++) if (!(await once(i)).ok) throw new Error("the store refused");
  return (Date.now() - started) / count;
}

async function commits(store: Store, count: number, changeOf: (run: number) => Change): Promise<number> {
  const id = crypto.randomUUID();
  await store.create(headerOf(id), opening);
  return timed(count, (i) => store.commit(id, i + 1, changeOf(i)));
}

export default {
  async fetch(request: Request, env: CloudflareBindings): Promise<Response> {
    const count = Number(new URL(request.url).searchParams.get("n") ?? 100);
    const store = createCloudflareStore(env);
    const id = crypto.randomUUID();
    await store.create(headerOf(id), opening);
    return Response.json({
      create: await timed(count, () => store.create(headerOf(crypto.randomUUID()), opening)),
      load: await timed(count, () => store.load(id, 1)),
      commit: await commits(store, count, (run) => ({ entries: [allowed(run)] })),
      commitShared: await commits(store, count, (run) => ({
        entries: [allowed(run)],
        takes: [{ counter: "c", run, amount: 1, max: 1e9, at: 1 }],
      })),
      commitJournal: await commits(createCloudflareStore(env, { journal: true }), count, (run) => ({ entries: [allowed(run)] })),
    });
  },
};
