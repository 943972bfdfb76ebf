/**
 * Secrets from files and from the environment.
 */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSecretFile, secretAt, secretOfEnvironment } from "../../../src/cli/config/secret.ts";
import { openFolder } from "../cli-process.ts";

const folder = openFolder();
afterAll(folder.remove);

function fileOf(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = folder.write(name, content);
  chmodSync(path, mode);
  return path;
}

function read(path: string): { readonly secret: string; readonly warned: readonly string[] } {
  const warned: string[] = [];
  return { secret: readSecretFile(path, { place: "X", warn: (line) => void warned.push(line) }), warned };
}

describe("a file with a secret", () => {
  it("loses one line end and nothing else", () => {
    expect(read(fileOf("a", "hunter two \n"))).toEqual({ secret: "hunter two ", warned: [] });
    expect(read(fileOf("b", "hunter\r\n")).secret).toBe("hunter");
    expect(read(fileOf("c", "hunter\n\n")).secret).toBe("hunter\n");
  });

  it("that everybody may read is warned of, and one that everybody may write is refused", () => {
    expect(read(fileOf("d", "hunter", 0o644)).warned).toEqual([expect.stringContaining("chmod 600")]);
    expect(() => read(fileOf("e", "hunter", 0o666))).toThrow(/everybody may write/);
  });

  it("that is missing, a folder, empty, too long or no UTF-8 is refused, and nothing of it is shown", () => {
    mkdirSync(join(folder.path, "f"));
    const paths = [
      join(folder.path, "none"),
      join(folder.path, "f"),
      fileOf("g", "\n"),
      fileOf("h", "hunter".repeat(20_000)),
      fileOf("i", new Uint8Array([0x68, 0xff])),
    ];
    for (const path of paths) {
      let message = "";
      try {
        read(path);
      } catch (error) {
        message = String(error);
      }
      expect(message, path).toMatch(/InputError: X: /);
      expect(message).not.toContain("hunter");
    }
  });
});

describe("a secret of the environment", () => {
  const world = { folder: folder.path, warn: () => undefined };

  it("is the variable's, or that of the file that NAME_FILE names, and never of both", () => {
    const path = fileOf("j", "from a file\n");
    expect(secretOfEnvironment("A", { ...world, env: { A: "direct" } })).toBe("direct");
    expect(secretOfEnvironment("A", { ...world, env: { A_FILE: path } })).toBe("from a file");
    expect(secretOfEnvironment("A", { ...world, env: { A: "", A_FILE: "" } })).toBeUndefined();
    expect(() => secretOfEnvironment("A", { ...world, env: { A: "direct", A_FILE: path } })).toThrow(/both are set/);
  });

  it("that the configuration names must be there", () => {
    expect(secretAt({ env: "A" }, "here", { ...world, env: { A: "direct" } })).toBe("direct");
    expect(() => secretAt({ env: "B" }, "here", { ...world, env: {} })).toThrow(/here: the environment has no B/);
    expect(secretAt({ file: "j" }, "here", { ...world, env: {} })).toBe("from a file");
  });
});
