/**
 * No file of the project has a secret in a form that its issuer gave it so that scanners find it. Never the history: that is the
 * scanner's of `.github/workflows/security.yml`, which knows many more forms.
 */
import { describe, expect, it } from "vitest";
import { filesIn } from "../tidy/source.ts";

/** Forms by issuer, each with an example that is put together here, so that no scanner takes this file for a leak. */
const forms: readonly (readonly [name: string, form: RegExp, example: string])[] = [
  [
    "a private key",
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[\w+/=]{20}/,
    `-----BEGIN ${"PRIVATE"} KEY-----\n${"M".repeat(64)}`,
  ],
  ["an access key of AWS", /\b(?:AKIA|ASIA)(?!ABCDEFGHIJKLMNOP|\w+EXAMPLE\b)[A-Z2-7]{16}\b/, `AK${"IA"}${"Q7".repeat(8)}`],
  ["a token of GitHub", /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}_\w{59})/, `gh${"p_"}${"a1".repeat(18)}`],
  ["a token of GitLab", /\bglpat-[\w-]{20}\b/, `gl${"pat-"}${"a1".repeat(10)}`],
  ["a token of npm", /\bnpm_[A-Za-z0-9]{36}\b/, `np${"m_"}${"a1".repeat(18)}`],
  [
    "a key of OpenAI",
    /\bsk-(?:proj-|svcacct-)?[\w-]{20,}T3BlbkFJ[\w-]{20,}/,
    `s${"k-"}${"a1".repeat(10)}T3Blbk${"FJ"}${"a1".repeat(10)}`,
  ],
  ["a key of Anthropic", /\bsk-ant-(?:api|admin)\d\d-[\w-]{80,}/, `sk-${"ant"}-api03-${"a1".repeat(45)}`],
  ["a token of Slack", /\bxox[abposr]-(?:\d{8,}-){1,3}[A-Za-z0-9]{20,}/, `xo${"xb"}-1234567890-1234567890-${"a1".repeat(12)}`],
  [
    "a webhook of Slack",
    /hooks\.slack\.com\/services\/T\w{8,}\/B\w{8,}\/\w{24}/,
    `hooks.slack.com/${"services"}/T12345678/B12345678/${"a1".repeat(12)}`,
  ],
  ["a key of Google", /\bAIza[\w-]{35}\b/, `AI${"za"}${"a1".repeat(17)}b`],
  ["a key of Stripe", /\b[rs]k_live_[A-Za-z0-9]{24,}/, `sk_${"live"}_${"a1".repeat(12)}`],
  ["a token of Hugging Face", /\bhf_[A-Za-z]{34}\b/, `h${"f_"}${"ab".repeat(17)}`],
  ["a token of PyPI", /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/, `py${"pi-"}AgEIcHlwaS5vcmc${"a1".repeat(30)}`],
  [
    "a password in an address",
    /\b(?:postgres(?:ql)?|rediss?|mysql|mongodb(?:\+srv)?|amqps?):\/\/[^\s:/@"'`$<{]+:[^\s:/@"'`$<{]{12,}@[\w-]+\.[\w.-]+/,
    `postgres://app:${"Zq8w".repeat(4)}@db.prod.net`,
  ],
];

const places = ["", ".github", ".ci"];
const files = [...new Map(places.flatMap(filesIn).map((file) => [file.path, file])).values()];

describe("the scan for secrets", () => {
  it("reads the project", () => {
    const paths = files.map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(1_000);
    for (const path of ["src/index.ts", ".github/workflows/release.yml", "README.md", "test/security/secrets.test.ts"])
      expect(paths).toContain(path);
  });

  it.each(forms)("finds %s", (_, form, example) => {
    expect(form.test(`const secret = "${example}";`)).toBe(true);
  });

  it.each(forms)("finds no file with %s", (_, form) => {
    expect(files.filter(({ text }) => form.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
