/**
 * `sluice key`: makes an Ed25519 key pair for signing and approving plans. The private key goes into a file that only its owner reads.
 * Never overwrites a file, and never prints the private key.
 */
import { generateKeyPairSync } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import type { Command } from "commander";
import { thumbprintOf } from "../../plan/sign.ts";
import type { JsonObject } from "../../json/value.ts";
import { InputError, refuseInput } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFaults } from "../show/output.ts";

interface Options {
  readonly output: string;
  readonly public?: string;
  readonly json?: true;
}

/** Adds `key -o FILE`. Exit 2 if a file is there already or cannot be written. */
export function addKey(program: Command, { terminal }: Context): void {
  program
    .command("key")
    .description("make an Ed25519 key: the private JWK into a file, the public one on the terminal, for a policy's `approvers`")
    .requiredOption("-o, --output <file>", "where the private key goes; never overwritten, readable by its owner only")
    .option("--public <file>", "where the public key goes, too; never overwritten")
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      if (options.output === "-" || options.public === "-")
        throw new InputError("-o: name a file; keys are not printed into pipes");
      const { kty = "", crv = "", x = "", d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
      const publicKey = { kty, crv, x };
      createFile(options.output, `${jsonText({ ...publicKey, d }, 2)}\n`, 0o600);
      if (options.public !== undefined) writePublic(options.public, options.output, publicKey);
      const thumbprint = await thumbprintOf(x);
      if (options.json) terminal.write(`${jsonText({ key: publicKey, thumbprint })}\n`);
      else
        terminal.write(
          `public key  ${jsonText(publicKey)}\nthumbprint  ${thumbprint}\n\nIn a policy:\napprovers:\n  NAME: { key: ${jsonText(publicKey)} }\n`,
        );
    });
}

/** Both files or none: a private key whose public half nobody has seen is of no use. */
function writePublic(path: string, privatePath: string, publicKey: JsonObject): void {
  try {
    createFile(path, `${jsonText(publicKey, 2)}\n`, 0o644);
  } catch (error) {
    rmSync(privatePath, { force: true });
    throw error;
  }
}

const faults: { readonly [code: string]: string } = {
  ...writeFaults,
  EEXIST: "there is a file already, and a key is never overwritten",
};

/** Writes a new file; what stands there, a link included, stays as it is (`wx`: POSIX `O_EXCL`). */
function createFile(path: string, text: string, mode: number): void {
  let file: number;
  try {
    file = openSync(path, "wx", mode);
  } catch (error) {
    refuseWriting(path, error);
  }
  try {
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    refuseWriting(path, error);
  } finally {
    closeSync(file);
  }
}

function refuseWriting(path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  refuseInput(path, `it cannot be written: ${faults[code] ?? code}`);
}
