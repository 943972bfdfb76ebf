/**
 * Who has access: local tokens with their roles; making one, which is shown once, and revoking it.
 * Never shows a token again, nor anything that it could be made of.
 */
import { html } from "hono/html";
import { isRole, type Role, roles } from "../../access/identity.ts";
import type { TokenInfo, TokenProblem } from "../../access/tokens.ts";
import { err, ok } from "../../result.ts";
import type { Act, Page, PageProblem, Seen } from "../dashboard.ts";
import {
  actForm,
  away,
  badge,
  brief,
  button,
  choice,
  copyButton,
  field,
  href,
  type Html,
  nothing,
  problem,
  problemOf,
  readSent,
  section,
  table,
  time,
} from "../shell.ts";

/** Who has access. */
export interface AccessModel {
  readonly tokens: readonly TokenInfo[];
}

const days = 90;

const roleWords: { readonly [R in Role]: string } = {
  viewer: "viewer: looks",
  approver: "approver: looks and decides",
  administrator: "administrator: everything",
};

/** The page. */
export const accessPage: Page<AccessModel> = {
  path: "/access",
  title: "Access",
  role: "administrator",
  nav: "Access",
  load: async (world) => {
    const tokens = await world.access.tokens.list();
    return tokens.ok ? ok({ tokens: tokens.value }) : err(problemOfToken(tokens.error));
  },
  view: (
    { tokens },
    seen,
  ) => html`<p class="lead">Each person and each program has a token of its own, with a role. A token is shown once, when it is made; revoked, it opens nothing within a second.</p>
${section("Tokens", tokenTable(tokens, seen))}
${section(
  "Make a token",
  actForm({
    action: href("/access/tokens"),
    seen,
    body: html`${field({ name: "name", label: "Name", hint: "Whose it is: approvals and the audit log say this name. Letters, digits, `_`, `.` and `-`.", isRequired: true, max: 64 })}
${choice({ name: "role", label: "Role", among: roles.map((role) => [role, roleWords[role]] as const), hint: "An approver decides on held calls, amendments and drafts. An administrator makes tokens, opens values that are kept apart, and erases people." })}
${field({ name: "days", label: "Days that it holds", type: "number", value: String(days) })}
${button("Make a token", { kind: "primary" })}`,
  }),
)}`,
};

function tokenTable(tokens: readonly TokenInfo[], seen: Seen): Html {
  const { now } = seen;
  return table({
    caption: "Tokens",
    rows: tokens,
    empty: nothing({
      title: "No token yet",
      text: "Until there is one, only the host's own credential opens these pages, and it decides nothing about held calls, amendments and plans.",
    }),
    columns: [
      { head: "Name", kind: "grow", cell: ({ name }) => brief(name) },
      { head: "Role", kind: "short", cell: ({ role }) => role },
      { head: "State", cell: (token) => stateOf(token, now) },
      {
        head: "Made",
        cell: ({ createdAt, createdBy }) =>
          html`${away(createdAt, now)} <span class="muted small">by ${brief(createdBy, 40)}</span>`,
      },
      { head: "Last used", kind: "short", cell: ({ usedAt }) => (usedAt === undefined ? "never" : away(usedAt, now)) },
      { head: "Until", kind: "short", cell: ({ expiresAt }) => away(expiresAt, now) },
      { head: "", cell: (token) => revokeForm(token, seen) },
    ],
  });
}

function stateOf({ revokedAt, expiresAt }: TokenInfo, now: number): Html {
  if (revokedAt !== undefined) return badge("bad", "revoked");
  return expiresAt <= now ? badge("plain", "expired") : badge("good", "valid");
}

function revokeForm({ id, name, revokedAt, expiresAt }: TokenInfo, seen: Seen): Html {
  if (revokedAt !== undefined || expiresAt <= seen.now) return html``;
  return actForm({
    action: href("/access/tokens/:id/revoke", { id }),
    seen,
    kind: "inline",
    confirm: `Revoke the token of ${name}? It opens nothing from then on.`,
    body: html`<button type="submit" class="danger">Revoke<span class="unseen"> the token of ${name}</span></button>`,
  });
}

/** Makes a token. The answer has it, once. */
export const tokenMakeAct: Act = {
  path: "/access/tokens",
  role: "administrator",
  run: async (world, c, by) => {
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const [name, role] = [sent.value.text("name").trim(), sent.value.text("role")];
    if (!isRole(role)) return problem(400, `\`role\` is one of ${roles.join(", ")}`);
    const holds = daysOf(sent.value.json.days);
    if (holds === undefined) return problem(400, "`days` is a whole number");
    const noting = async (): Promise<boolean> =>
      (await world.access.note(c, { type: "grant", act: "token-made", facts: { name, role, days: holds } })).ok;
    const made = await world.access.tokens.make({ name, role, days: holds, by: by.name }, noting);
    if (!made.ok) return err(problemOfToken(made.error));
    const { token, info } = made.value;
    return ok({
      to: href("/access"),
      answer: { token, ...info },
      status: 201,
      page: {
        title: `Token for ${name}`,
        body: html`<p class="lead">Take it now: it is not shown again. Hand it to ${brief(name, 64)} by a way that others do not read.</p>
<p class="secret"><code>${token}</code>${copyButton(token, "Copy the token")}</p>
<p>Role: ${role}. Until ${time(info.expiresAt)}.</p>
<p><a class="button" href="${href("/access")}">Done</a></p>`,
      },
    });
  },
};

function daysOf(value: unknown): number | undefined {
  if (value === undefined || value === "") return days;
  const number = typeof value === "string" && /^\d{1,6}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) ? number : undefined;
}

/** Revokes a token. */
export const tokenRevokeAct: Act = {
  path: "/access/tokens/:id/revoke",
  role: "administrator",
  run: async (world, c, by) => {
    const id = c.req.param("id") ?? "";
    const noting = async (): Promise<boolean> =>
      (await world.access.note(c, { type: "revoke", act: "token-revoked", facts: { token: id.slice(0, 64) } })).ok;
    const revoked = await world.access.tokens.revoke(id, by.name, noting);
    return revoked.ok ? ok({ to: href("/access"), answer: revoked.value }) : err(problemOfToken(revoked.error));
  },
};

function problemOfToken(problemOfTokens: TokenProblem): PageProblem {
  switch (problemOfTokens.kind) {
    case "invalid":
      return { status: 400, message: `${problemOfTokens.member}: ${problemOfTokens.message}` };
    case "unknown":
      return { status: 404, message: "there is no such token" };
    case "full":
      return { status: 409, message: "there are as many tokens as may be" };
    case "unavailable":
      return problemOf("STORE_UNAVAILABLE");
  }
}
