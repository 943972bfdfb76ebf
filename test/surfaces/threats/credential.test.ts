/**
 * Secrets are compared in one place, over their whole length.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import { expect, it } from "vitest";
import { equalDigest, equalSecret, isSecretOf, isTokenOf, readToken, tokenDigest } from "../../../src/surfaces/credential.ts";

const root = fileURLToPath(new URL("../../../src/", import.meta.url));

/** A node of a syntax tree, as far as it is looked at. */
interface Syntax {
  readonly type: string;
  readonly [member: string]: unknown;
}

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && typeof (value as Syntax).type === "string";

/** What is compared with `===` and its like in a text of TypeScript, with its line. */
function comparisons(text: string): readonly { readonly line: number; readonly sides: readonly [Syntax, Syntax] }[] {
  const found: { readonly line: number; readonly sides: readonly [Syntax, Syntax] }[] = [];
  const walk = (node: Syntax): void => {
    if (node.type === "BinaryExpression" && /^[!=]==?$/.test(String(node.operator)))
      found.push({
        line: (node.loc as { readonly start: { readonly line: number } }).start.line,
        sides: [node.left as Syntax, node.right as Syntax],
      });
    for (const value of Object.values(node)) for (const each of [value].flat()) if (isSyntax(each)) walk(each);
  };
  walk(parse(text, { sourceType: "module", plugins: ["typescript"] }).program as unknown as Syntax);
  return found;
}

/** The last name of an expression: of `a.b.secret`, of `secretOf(x)`, of `String(record.value.digest)`. */
function nameOf(side: Syntax): string {
  const inner =
    side.property ??
    (Array.isArray(side.arguments) && nameOf(side.callee as Syntax) === "String" ? side.arguments[0] : undefined);
  if (isSyntax(inner)) return nameOf(inner);
  if (isSyntax(side.expression)) return nameOf(side.expression);
  if (isSyntax(side.callee)) return nameOf(side.callee);
  return typeof side.name === "string" ? side.name : "";
}

/** What has no value of its own that anybody could guess at: constants, `undefined`, the type of a value, a length. */
function isPlain(side: Syntax): boolean {
  const isWord = side.type.endsWith("Literal") || (side.type === "UnaryExpression" && side.operator === "typeof");
  return isWord || ["undefined", "length"].includes(nameOf(side));
}

const secret = /(?:secret|token|password|admin|csrf|csrftoken|seal|sealof|mac|signature|binding|tokendigest|credential)$/i;
/** Where a digest is that of a credential; elsewhere it is the public name of a plan. */
const ofCredentials =
  /^(?:access\/|surfaces\/(?:credential|mcp\/(?:http-clients|client-id)|hono\/(?:approver|token)|enforce\/(?:point|work|telling)))/;

/** The lines of a file in which a secret is compared by the language's own operator. */
function compared(path: string, text: string): readonly string[] {
  const isSecret = (side: Syntax): boolean =>
    secret.test(nameOf(side)) || (ofCredentials.test(path) && /^(?:\w*digest|timedDigest|hexOf|hmacSha256)$/i.test(nameOf(side)));
  return comparisons(text)
    .filter(({ sides }) => sides.some(isSecret) && !sides.some(isPlain))
    .map(({ line }) => `${path}: ${text.split("\n")[line - 1]?.trim()}`);
}

it("threat 20: nothing compares a secret, a token, a seal or the digest of one itself", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /^(?:surfaces|cli|receipts|access|worker|approval)\/.*\.ts$/.test(path));
  expect(files.length).toBeGreaterThan(100);
  const lines = files.flatMap((path) => compared(path, readFileSync(`${root}${path}`, "utf8")));
  // Of the operator's own at set-up, both before anybody has asked anything.
  expect(lines.map((line) => line.slice(0, 55)).sort()).toEqual([
    "access/secrets.ts: if (admin === read) throw new Config",
    "surfaces/http-proxy/credentials.ts: if (typeof secret !",
  ]);
});

it.each([
  ["surfaces/mcp/client-id.ts", "if (seal !== sealOf(secret, name, said)) return;"],
  ["surfaces/credential.ts", "const is = digest === token.digest;"],
  ["surfaces/enforce/point.ts", "if (live.header.tokenDigest !== token.digest) return;"],
  ["surfaces/observe/runs.ts", "if (header.tokenDigest !== tokenDigest(secret)) return;"],
  ["access/sessions.ts", "if (record === undefined || digest !== String(record.value.digest)) return;"],
  ["access/create-access.ts", "const is = csrf == wanted;"],
  ["worker/create-worker.ts", "if (given !== instance.settings.admin) return;"],
])("threat 20: what is looked for would be found in %s: %s", (path, text) => {
  expect(compared(path, `const f = () => { ${text} };`)).toHaveLength(1);
});

it("threat 20: two digests are compared over their whole length, wherever they differ", () => {
  const digest = tokenDigest("0123456789abcdef");
  for (const at of [0, 10, digest.length - 1, digest.length]) {
    const other = `${digest.slice(0, at)}${at === digest.length ? "" : "x"}${digest.slice(at + 1)}`;
    const looked: number[] = [];
    // A text that tells where it is looked at.
    const told = { length: digest.length, charCodeAt: (i: number) => digest.charCodeAt(looked.push(i) - 1) };
    expect(equalDigest(told as unknown as string, other)).toBe(at === digest.length);
    expect(looked).toEqual([...digest].map((_, i) => i));
  }
});

it("threat 20: a secret is another one whichever character differs, and however long it is", () => {
  const own = "0123456789abcdef".repeat(4);
  const others = [...own].map((_, i) => `${own.slice(0, i)}x${own.slice(i + 1)}`);
  const token = readToken(`s_${"0".repeat(32)}.${own}`);
  expect(equalSecret(own, own)).toBe(true);
  expect(isSecretOf(tokenDigest(own), own)).toBe(true);
  expect(token !== undefined && isTokenOf(tokenDigest(own), token)).toBe(true);
  for (const other of [...others, "", own.slice(1), `${own}0`]) {
    expect(equalSecret(own, other)).toBe(false);
    expect(isSecretOf(tokenDigest(own), other)).toBe(false);
    expect(token !== undefined && isTokenOf(tokenDigest(other), token)).toBe(false);
  }
});
