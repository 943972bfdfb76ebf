/**
 * The example of three agents, played as it stands.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const file = fileURLToPath(new URL("../../plans/three-agents/run.ts", import.meta.url));

/** What the example prints. */
async function play(): Promise<{ readonly text: string; readonly code: number | null }> {
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { text, code };
}

it("the order of a stranger is denied two agents later, over HTTP and A2A, and the record names every hop", async () => {
  const { text, code } = await play();
  expect(text.replaceAll(/[0-9a-f]{8} of/g, "ID of")).toBe(`1. The user says what to pay.
  reader: asked for 40 to DE89370400440532013000: paid
2. A mail says it, and the reader's model believes it.
  treasury: denied, FLOW_SINK_DENIED
    result of mail/read (mail) at reader: mail_content
    what the agent had read: mail_content, user_input
    receipt ID of reader (admitted): colleague, mail_content
    receipt ID of desk (admitted): colleague, mail_content
    into amount of bank/pay: colleague, mail_content
  reader: asked for 400 to DE02120300000000202051: not paid
3. The same, and the desk leaves the receipt out.
  treasury: denied, FLOW_SINK_DENIED
    no receipt that counts (missing): *
    into amount of bank/pay: *
  reader: asked for 400 to DE02120300000000202051: not paid
`);
  expect(code).toBe(0);
}, 120_000);
