/** Programs of the system: found, installed, or missing with a reason. */
import { describe, expect, it } from "vitest";
import { decide, type Machine, provide } from "./service.ts";

const wanted = { program: "some-server", package: "some-package" };

/** A machine on which `install` works from the attempt `works` on; what is installed has the program. */
function machine(works: number, over: Partial<Machine> = {}): Machine & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    isRoot: true,
    hasApt: true,
    find: () => (asked.length >= works ? "/usr/bin/some-server" : undefined),
    install: (name) => {
      asked.push(name);
      if (asked.length < works) throw new Error("no");
    },
    ...over,
  };
}

describe("a program that tests need", () => {
  it("is taken as it is, or installed, three times at most", () => {
    const there = machine(0);
    expect(provide(wanted, there)).toEqual({ path: "/usr/bin/some-server" });
    expect(there.asked).toEqual([]);
    const third = machine(3);
    expect(provide(wanted, third)).toEqual({ path: "/usr/bin/some-server" });
    expect(third.asked).toEqual(["some-package", "some-package", "some-package"]);
    const never = machine(9);
    expect(provide(wanted, never)).toEqual({ missing: expect.stringMatching(/cannot install some-package/) });
    expect(never.asked).toHaveLength(3);
  });

  it("is missing for a reason", () => {
    expect(provide(wanted, machine(1, { isRoot: false }))).toEqual({ missing: expect.stringMatching(/only root/) });
    expect(provide(wanted, machine(1, { hasApt: false }))).toEqual({ missing: expect.stringMatching(/no apt-get/) });
    expect(provide(wanted, machine(1, { find: () => undefined }))).toEqual({ missing: "some-package has no some-server" });
  });

  it("leaves tests out where it is missing, but never in CI", () => {
    expect(decide({ missing: "why" }, false)).toEqual({ missing: "why" });
    expect(() => decide({ missing: "why" }, true)).toThrow(/^why/);
    expect(decide({ path: "/p" }, true)).toEqual({ path: "/p" });
  });
});
