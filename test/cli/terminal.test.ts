/**
 * What a command writes to a terminal, and to a file that stands in for one half of it.
 */
import { describe, expect, it } from "vitest";
import { openTerminal, type TerminalStreams } from "../../src/cli/show/terminal.ts";

interface Half {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

function terminalOf(stdout: Half, stderr: Half) {
  const said: string[] = [];
  const stream = (half: Half): object => ({ ...half, on: () => undefined, write: (text: string) => said.push(text) });
  const streams = { stdout: stream(stdout), stderr: stream(stderr), env: {} } as unknown as TerminalStreams;
  return { terminal: openTerminal(streams), said };
}

const screen = { isTTY: true, columns: 80 };

describe("the terminal of a command", () => {
  it.each([
    ["a screen", screen, screen, 80],
    ["a screen behind a plan that goes to a file", {}, screen, 80],
    ["no screen", {}, {}, 100],
    ["a narrow screen", { isTTY: true, columns: 20 }, {}, 60],
  ])("is as wide as %s", (_what, stdout, stderr, columns) => {
    expect(terminalOf(stdout, stderr).terminal.columns).toBe(columns);
  });

  it("puts no colour into a file that takes its messages", () => {
    const { terminal, said } = terminalOf(screen, {});
    expect(terminal.paint.red("x")).not.toBe("x");
    terminal.say(terminal.paint.red("wrong"));
    expect(said).toEqual(["wrong\n"]);
  });

  it("puts no colour anywhere where standard output is a file", () => {
    const { terminal, said } = terminalOf({}, screen);
    terminal.say(terminal.paint.red("wrong"));
    expect(said).toEqual(["wrong\n"]);
  });
});
