/** Commands: what a shell would do to a line that is accepted, and programs that never run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isArgvWithin, isRunner } from "../../src/constraints/argv.ts";
import { readCommandLine } from "../../src/constraints/shell.ts";

describe("a command line", () => {
  it("that is accepted holds nothing that any shell acts on, and is its words with single blanks", () => {
    const piece = fc.constantFrom(
      "ls",
      "-l",
      " ",
      "  ",
      "\t",
      "\n",
      ";",
      "&",
      "|",
      "<",
      ">",
      "$",
      "`",
      "(",
      ")",
      "{",
      "}",
      "*",
      "?",
      "[",
      "]",
      "~",
      "!",
      "#",
      "\\",
      "=",
      "%",
      "^",
      "'",
      '"',
      "\u00a0",
      "é",
      "a/b",
      "x=1",
      "@",
      "+",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        const words = readCommandLine(text);
        if (words === undefined) return;
        expect(text.replaceAll(" ", "")).not.toMatch(/[;&|<>$`(){}*?[\]~!#\\%^'"\s\u0000\u0080-\uffff]/);
        expect(words.join(" ")).toBe(text);
        expect(words.every((word) => word !== "")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an argument vector", () => {
  it("runs no shell or other runner, even if the list names it", () => {
    for (const program of [
      "sh",
      "/bin/bash",
      "env",
      "sudo",
      "xargs",
      "awk",
      "C:/Windows/cmd.exe",
      "PowerShell.exe",
      "eval",
      "python3 ",
      "",
    ]) {
      if (isRunner(program)) expect(isArgvWithin([program, "a"], { programs: [program] })).toBe(false);
    }
    expect(["sh", "/usr/bin/env", "CMD.EXE", "pwsh", "ssh"].map(isRunner)).toEqual([true, true, true, true, true]);
    expect(["git", "ls", "python3"].map(isRunner)).toEqual([false, false, false]);
  });

  it("takes an abbreviated option that runs something for the option", () => {
    const long = [
      "--upload-pack",
      "--compress-program",
      "--checkpoint-action",
      "--use-compress-program",
      "--to-command",
      "--open-files-in-pager",
    ];
    for (const option of long) {
      for (let end = 7; end <= option.length; end++)
        expect(isArgvWithin(["tool", `${option.slice(0, end)}=x`], { programs: ["tool"] })).toBe(false);
    }
    expect(isArgvWithin(["tool", "--verbose", "--update"], { programs: ["tool"] })).toBe(true);
  });

  it("of an interpreter has a script, and no letter for code among its options", () => {
    const spec = { programs: ["python3.12", "node", "perl"] };
    expect(isArgvWithin(["python3.12", "a.py", "x"], spec)).toBe(true);
    expect(isArgvWithin(["python3.12", "-Ic", "1"], spec)).toBe(false);
    expect(isArgvWithin(["node", "--test", "a.js"], spec)).toBe(true);
    expect(isArgvWithin(["perl", "-wle", "1"], spec)).toBe(false);
    expect(isArgvWithin(["node"], spec)).toBe(false);
  });

  it("keeps to the options that are listed, and lets those through that it would refuse otherwise", () => {
    expect(isArgvWithin(["git", "-C", "/srv", "log"], { programs: ["git"], options: ["-C"] })).toBe(true);
    expect(isArgvWithin(["git", "-C", "/srv", "log", "-p"], { programs: ["git"], options: ["-C"] })).toBe(false);
    expect(isArgvWithin(["git", "add", "--", "-p"], { programs: ["git"], options: [] })).toBe(true);
  });
});
