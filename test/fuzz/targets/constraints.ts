/**
 * Readers of values that are judged by what they are: what is let through is let through by an independent reader too, at the same place.
 */
import { isArgvWithin } from "../../../src/constraints/argv.ts";
import { compileHostList, isDomain, isHostName, isIpv4 } from "../../../src/constraints/domain.ts";
import { compileMailList, isEmail, looksLikeEmail, readEmail } from "../../../src/constraints/email.ts";
import { isIban } from "../../../src/constraints/iban.ts";
import { isUnder, readPath, readPrefix } from "../../../src/constraints/path.ts";
import { readCommandLine } from "../../../src/constraints/shell.ts";
import { compileSql, type SqlParser } from "../../../src/constraints/sql.ts";
import { isOpenUrl, leadsTo, looksLikeUrl, readUrl } from "../../../src/constraints/url.ts";
import { formats } from "../../../src/lang/match/format.ts";
import { readSql } from "../../../src/lang/template/sql.ts";
import { createNodeSqlParser } from "../../../src/sql/node-sql-parser.ts";
import { createPostgresParser } from "../../../src/sql/postgres.ts";
import { posix } from "node:path";
import { must, type Target, resultOf } from "../target.ts";
import { shellWords, sqlWords, urlWords, valueWords } from "../words-text.ts";

const hosts = compileHostList(["api.example.com", "*.example.org", "10.0.0.1", "api.example.com:8443"]);

function runUrl(input: string): void {
  const reading = resultOf(readUrl(input));
  looksLikeUrl(input);
  const isOpen = isOpenUrl(input, undefined);
  if ("bad" in hosts) throw new Error("no list");
  const isLed = leadsTo(input, hosts);
  if (isLed) checkLed(input);
  must(reading !== undefined || !isOpen, "a refused URL is open");
  if (!reading) return;
  must(URL.canParse(input), "a URL that the platform refuses");
  const url = new URL(input);
  // A final dot is dropped, and brackets: both name the same place.
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  must(host === reading.host, `two hosts: ${host} and ${reading.host}`);
  must(url.protocol === `${reading.scheme}:`, "two schemes");
  must(url.username === "" && url.password === "", "credentials in a URL");
  must(
    url.pathname === (reading.path === "" ? "/" : reading.path.replace(/[?#].*$/, "")),
    `two paths: ${url.pathname} and ${reading.path}`,
  );
}

/** What the list lets through leads to a host of the list, by the platform's reading; a bare host is read as one. */
function checkLed(input: string): void {
  const text = input.includes("://") ? input : `https://${input}`;
  must(URL.canParse(text), "the list lets through what the platform refuses");
  const host = new URL(text).hostname;
  must(
    host === "api.example.com" || host === "10.0.0.1" || host.endsWith(".example.org"),
    `another host than the list's: ${host}`,
  );
}

function runPathText(input: string): void {
  const reading = resultOf(readPath(input));
  const prefix = readPrefix("/srv/data");
  must(prefix !== undefined, "no prefix");
  const isInside = isUnder(input, [prefix]);
  must(reading !== undefined || !isInside, "a refused path is under a prefix");
  if (!isInside) return;
  const flat = posix.normalize(input.replaceAll("\\", "/"));
  must(flat === "/srv/data" || flat.startsWith("/srv/data/"), `a path leaves its prefix: ${flat}`);
}

function runEmail(input: string): void {
  const reading = readEmail(input);
  must(!reading || isEmail(input), "an address that is none");
  must(!isEmail(input) || looksLikeEmail(input), "an address that does not look like one");
  const list = compileMailList(["a@b.example"], ["c.example"]);
  if ("bad" in list) throw new Error("no list");
  must(compileMailList([input], []) !== undefined, "no answer");
  if (!reading) return;
  must(!/[\s,;:<>()[\]\\"]/.test(input), "an address that a mail program takes apart");
  must(`${reading.local}@${reading.domain}`.toLowerCase() === input.toLowerCase(), "an address is read as another");
}

function runNames(input: string): void {
  for (const [name, { test }] of formats) must(typeof test(input) === "boolean", `no answer of ${name}`);
  if (isIpv4(input)) must(new URL(`http://${input}/`).hostname === input, "an address that the platform reads otherwise");
  if (isHostName(input))
    must(new URL(`http://${input}/`).hostname === input.toLowerCase(), "a name that the platform reads otherwise");
  must(!isDomain(input) || isHostName(input), "a domain that is no host name");
  if (isIban(input)) must(/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(input), "an IBAN of another form");
  compileHostList([input]);
}

function runCommand(input: string): void {
  const words = readCommandLine(input);
  if (!words) return;
  must(!/[^ A-Za-z0-9_./:,+@=-]/.test(input) && words.join(" ") === input, "a line that a shell may read otherwise");
  if (isArgvWithin(words, { programs: ["git", "ls"] })) must(words[0] === "git" || words[0] === "ls", "another program");
}

function runSqlWords(input: string): void {
  const reading = resultOf(readSql(input));
  const rule = compileSql({ statements: ["SELECT"], tables: ["users"] });
  const isAccepted = rule.accepts(input, undefined);
  must(!isAccepted || reading !== undefined, "a refused statement passes");
  must(!isAccepted || /^\s*(?:SELECT|\()/i.test(input), "another statement than a SELECT");
}

const parsers: { made?: Promise<readonly SqlParser[]> } = {};

async function runSqlDialects(input: string): Promise<void> {
  parsers.made ??= Promise.all([createPostgresParser(), createNodeSqlParser("sqlite"), createNodeSqlParser("mysql")]);
  for (const parser of await parsers.made) {
    const facts = resultOf(parser.read(input));
    if (!facts) continue;
    must(facts.kinds.length > 0, "a statement of no kind");
    must(
      facts.kinds.every((kind) => kind === kind.toUpperCase()),
      "a kind in lower case",
    );
    const writes = /\b(?:insert\s+into|delete\s+from|drop\s+table|truncate\s+table)\s+[a-z]+/i.test(
      input.replace(/'[^']*'|"[^"]*"/g, "''"),
    );
    if (writes)
      must(
        facts.kinds.some((kind) => kind !== "SELECT"),
        `a statement that writes is read as ${facts.kinds.join()}`,
      );
  }
}

const statements = [
  "SELECT id, name FROM users WHERE id = 1 AND name = 'O''Neil' ORDER BY id LIMIT 5",
  "WITH x AS (SELECT * FROM orders) SELECT x.id, count(*) FROM x JOIN users u ON u.id = x.id GROUP BY 1",
  "INSERT INTO users (id) VALUES (1), (2)",
  "UPDATE users SET name = 'x' WHERE id IN (SELECT id FROM orders)",
  "DELETE FROM users; DROP TABLE orders",
  "EXPLAIN SELECT 1",
];

/** The constraints on values. */
export const constraintTargets: readonly Target[] = [
  {
    name: "url",
    seeds: [
      "https://api.example.com/v1?x=1#y",
      "http://[::1]:80/",
      "https://a.example.org/%2e%2e/x",
      "https://user@api.example.com",
      "http://0x7f.1/",
      "https://api.example.com:8443/a;b",
    ],
    dictionary: urlWords,
    run: runUrl,
  },
  {
    name: "path",
    seeds: ["/srv/data/a.csv", "/srv/data/../x", "C:\\x\\y", "/srv/data/%2e%2e", "/srv//data/./b", "/srv/data/con.txt"],
    dictionary: [...urlWords, "/srv/data", "\\", "~", "CON", ":", "\0"],
    run: runPathText,
  },
  {
    name: "email",
    seeds: ["a@b.example", "a.b+c@d.c.example", '"x y"@b.example', "a@b@c.example", "-x@b.example"],
    dictionary: valueWords,
    run: runEmail,
  },
  {
    name: "formats",
    seeds: [
      "2031-01-02",
      "127.0.0.1",
      "::ffff:1.2.3.4",
      "example.com",
      "DE89370400440532013000",
      "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
      "urn:a:b",
    ],
    dictionary: [...urlWords, ...valueWords],
    run: runNames,
  },
  {
    name: "command",
    seeds: ["git log --oneline -5 'a b'", 'ls "x y" \\z', "git -c core.pager=sh log", "env A=b python -c 'x'", "ls; rm"],
    dictionary: shellWords,
    run: runCommand,
  },
  { name: "sql", seeds: statements, dictionary: sqlWords, run: runSqlWords },
  {
    name: "sql-dialects",
    seeds: statements,
    dictionary: sqlWords,
    lengthMax: 600,
    notLinear: "the libraries' parsers backtrack; `parsedSqlCharsMax` and `parsedSqlDepthMax` bound them",
    run: runSqlDialects,
  },
];
