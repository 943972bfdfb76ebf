/**
 * The official conformance package finds the same of a server directly and through the gateway, scenario by scenario.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMcpHandler } from "../../src/surfaces/mcp/http.ts";
import { stdioServer } from "../../src/surfaces/mcp/upstream-stdio.ts";
import { type Results, runConformance } from "./conformance-run.ts";
import { createFixture, fixtureHandler, type Listening, listenOn } from "./fixture-server.ts";
import { grantAll, inProcess, openWorld, toolsOf, withToken } from "./world.ts";

let direct: Results;
let through: Results;
const open: Listening[] = [];

beforeAll(async () => {
  const bare = await listenOn(fixtureHandler());
  open.push(bare);
  direct = await runConformance("server", bare.url);
  const server = stdioServer({ name: "fixture", start: () => inProcess(createFixture) });
  const { gateway, enforcer, token } = await openWorld(grantAll(await toolsOf(server)), [server], "bare");
  const handler = createMcpHandler({ gateway, enforcer });
  const gated = await listenOn(withToken(handler.fetch, token));
  open.push(gated, { url: "", close: () => handler.close() }, { url: "", close: () => gateway.close() });
  through = await runConformance("server", gated.url);
}, 120_000);

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
});

/** The server scenarios of 0.1.16, so that none can go missing unseen. */
const scenarios = [
  "completion-complete",
  "dns-rebinding-protection",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "json-schema-2020-12",
  "logging-set-level",
  "ping",
  "prompts-get-embedded-resource",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-with-image",
  "prompts-list",
  "resources-list",
  "resources-read-binary",
  "resources-read-text",
  "resources-subscribe",
  "resources-templates-read",
  "resources-unsubscribe",
  "server-initialize",
  "server-sse-multiple-streams",
  "server-sse-polling",
  "tools-call-audio",
  "tools-call-elicitation",
  "tools-call-embedded-resource",
  "tools-call-error",
  "tools-call-image",
  "tools-call-mixed-content",
  "tools-call-sampling",
  "tools-call-simple-text",
  "tools-call-with-logging",
  "tools-call-with-progress",
  "tools-list",
];

test("both runs had every server scenario", () => {
  expect([...direct.keys()]).toEqual(scenarios);
  expect([...through.keys()]).toEqual(scenarios);
});

test.each(scenarios)("%s is found the same through the gateway, and nothing fails", (scenario) => {
  expect(through.get(scenario)).toEqual(direct.get(scenario));
  expect(direct.get(scenario)?.length).toBeGreaterThan(0);
  expect(direct.get(scenario)?.filter((check) => check.includes(" FAILURE"))).toEqual([]);
});
