/**
 * `sluice serve` for the time of two calls, of which the second is denied: what an audit log is about.
 * Real processes; none is left running.
 */
import type { ChildProcess } from "node:child_process";
import { expect } from "vitest";
import { begin, finished, firstMatch } from "./cli-process.ts";

const admin = "an-admin-token-for-tests";

/** What a server said on standard error until its end, and the session that was opened. */
interface Served {
  readonly said: string;
  readonly session: string;
}

/** Servers of one frozen plan, the one of `cli-process.ts`. */
export interface Serving {
  /** Serves with these options, opens a session for `principal`, makes two calls of which the second is denied, and ends. */
  served(principal: string, options: readonly string[], env?: Readonly<Record<string, string>>): Promise<Served>;
  /** Ends what a test that failed has left. */
  stop(): void;
}

/** Makes servers of the plan in a file. */
export function openServing(frozen: string): Serving {
  const running: ChildProcess[] = [];
  return {
    served: async (principal, options, env = {}) => {
      const child = begin(["serve", "--plan", frozen, "--port", "0", ...options], { env: { SLUICE_ADMIN_TOKEN: admin, ...env } });
      running.push(child);
      const end = finished(child);
      const url = await firstMatch(child, "stderr", /http:\/\/[0-9.:]+/);
      const post = async (path: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> =>
        fetch(url + path, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
      const asked = { plan: "greet", principal, params: { who: "Ada" } };
      const opened = await post("/sluice/sessions", { authorization: `Bearer ${admin}` }, asked);
      const { token, session } = (await opened.json()) as { token: string; session: string };
      await post("/tools/people/find", { "sluice-session": token }, {});
      await post("/tools/mail/send", { "sluice-session": token }, { to: "eve@evil.example", body: "Hi" });
      child.kill("SIGTERM");
      const { status, stderr } = await end;
      expect(status).toBe(0);
      return { said: stderr, session };
    },
    stop: () => {
      for (const child of running) child.kill("SIGKILL");
    },
  };
}
