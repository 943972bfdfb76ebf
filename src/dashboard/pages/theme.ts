/**
 * Light or dark, as the reader chooses: a cookie that holds a word, read by nobody but the frame.
 * Never tells who somebody is.
 */
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Context } from "hono";
import { ok } from "../../result.ts";
import type { Act } from "../dashboard.ts";
import { type Theme, themes } from "../shell/frame.ts";
import { dashboardRoot, ownAddress, problem, readSent } from "../shell.ts";

const cookie = "sluice-theme";

/** What the reader has chosen. */
export function themeOf(c: Context): Theme {
  const chosen = getCookie(c, cookie);
  return themes.find((theme) => theme === chosen) ?? "auto";
}

/** Takes the choice, and goes back. */
export const themeAct: Act = {
  path: "/theme",
  role: "viewer",
  run: async (_, c) => {
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const theme = themes.find((each) => each === sent.value.text("theme"));
    if (theme === undefined) return problem(400, "`theme` is one of auto, light, dark");
    const options = { path: dashboardRoot, httpOnly: true, sameSite: "Strict", maxAge: 31_536_000 } as const;
    if (theme === "auto") deleteCookie(c, cookie, options);
    else setCookie(c, cookie, theme, options);
    return ok({ to: ownAddress(sent.value.text("at")), answer: { theme } });
  },
};
