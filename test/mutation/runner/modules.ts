/**
 * Loads test files of the sandbox so that they can be loaded again: a module's address carries the number of its loading, and everything
 * that it imports from the sandbox gets the same number, or, for `src/`, that of the loading of the code under test. Hands the test files
 * this folder's `vitest` and `fast-check`. Never touches what is outside of the sandbox.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const shims: Readonly<Record<string, string>> = {
  vitest: new URL("./vitest.ts", import.meta.url).href,
  "fast-check": new URL("./fast-check.ts", import.meta.url).href,
};

/** Installs the hooks for the sandbox at `root`; returns the loader. */
export function createLoader(root: string) {
  const tests = pathToFileURL(`${root}/`).href;
  const source = `${tests}src/`;
  let code = 0;
  let loading = 0;
  registerHooks({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? "";
      const isInside = from.startsWith(tests) && !from.includes("/node_modules/") && !Object.values(shims).includes(from);
      const shim = isInside ? shims[specifier] : undefined;
      if (shim !== undefined) return { url: shim, format: "module-typescript", shortCircuit: true };
      const resolved = next(specifier, context);
      if (!resolved.url.startsWith(tests) || !/\.ts$/.test(resolved.url)) return resolved;
      if (resolved.url.startsWith(source)) return { ...resolved, url: `${resolved.url}?code=${code}` };
      const number = /[?&]loading=([0-9]+)/.exec(from)?.[1] ?? String(loading);
      return { ...resolved, url: `${resolved.url}?loading=${number}` };
    },
  });
  return {
    /** Loads a file of the sandbox anew, with its fixtures, over the code under test as it is. */
    async load(path: string): Promise<void> {
      loading += 1;
      await import(`${pathToFileURL(path).href}?loading=${loading}`);
    },
    /** From here on, the code under test is loaded anew as well. */
    renewCode(): void {
      code += 1;
    },
    /** Loads a file of the code under test. */
    async loadCode(path: string): Promise<void> {
      await import(`${pathToFileURL(path).href}?code=${code}`);
    },
  };
}
