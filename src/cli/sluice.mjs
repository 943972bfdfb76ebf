#!/usr/bin/env node
/**
 * The `sluice` command. In a published package it imports the compiled program; in a checkout it installs what is missing and
 * runs the source, on a Node that can (see .ci/install.mjs). Plain JavaScript, because the machine's own Node may be 20.
 * It must never write to stdout: that belongs to the program.
 */
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants, homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A hook runs at every call of an agent: it is started by itself. */
const isHook = process.argv[2] === "hook";
const entry = isHook ? "hook-main" : "main";
const source = new URL(`./${entry}.ts`, import.meta.url);
const compiled = new URL(`../../dist/cli/${entry}.js`, import.meta.url);
const installer = new URL("../../.ci/install.mjs", import.meta.url);

/** One line, and exit 2: what a person can mend. */
function refuse(message) {
  process.stderr.write(`sluice: ${message}\n`);
  process.exitCode = 2;
}

// SECURITY: an agent takes only exit 2 for a denial. A hook that cannot even be loaded, or that breaks, may not let the call through.
if (isHook) {
  process.on("uncaughtException", (error) => {
    refuse(`the hook broke, and the call is blocked: ${String(error).split("\n", 1)[0]}`);
    process.exit();
  });
}

async function runCheckout() {
  const { ensure, findNode, runsSource, InstallError } = await import(installer.href);
  try {
    await ensure("start");
  } catch (error) {
    if (error instanceof InstallError) return refuse(error.message);
    throw error;
  }
  if (runsSource()) return await import(source.href);
  runWith(findNode());
}

/** Runs the source on another Node, as if it were this process: same terminal, arguments, exit code and signals. */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(source), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => refuse(`cannot start ${node}: ${error.code}`));
  child.on("exit", (code, signal) => {
    process.exitCode = isHook && code !== 0 ? 2 : (code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

/**
 * Has Node (22.8 and later) keep what it compiled for the next start, which takes a fifth off a short command, and half in a checkout.
 * SECURITY: what is kept there is run, so only in a folder of this user that nobody else can write to. Where there is none, nothing is kept.
 */
function keepCompiled() {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sluice");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    const isOwn = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
    if (found.isDirectory() && isOwn) nodeModule.enableCompileCache?.(folder);
  } catch {
    // No home, or a disk that cannot be written to.
  }
}

keepCompiled();
if (existsSync(source) && existsSync(installer)) await runCheckout();
else if (existsSync(compiled)) await import(compiled.href);
else refuse("src/cli/main.ts is missing; this is not a whole checkout");
