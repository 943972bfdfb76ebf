/**
 * Bounds of access, each with its unit and its reason.
 * Pure data. Never a rule of who may do what: those are in tables of routes.
 */

/** Local tokens of a store, those that hold no more included: people and their programs. */
export const accessTokensMax = 1_000;
/** Days that a local token holds at most. */
export const accessTokenDaysMax = 366;
/** Milliseconds that a process goes by what it knows of a token or a cookie's session: a revoked one is let through no longer. */
export const accessCacheMs = 1_000;
/** Tokens and cookies' sessions that a process knows; who came longest ago is asked for again. */
export const accessCacheMax = 10_000;
/** Milliseconds by which the time of a token's last use is rounded. */
export const accessUsedMs = 3_600_000;
/** Milliseconds after which a cookie's session is over, whatever happens: a working day. */
export const accessSessionMs = 12 * 3_600_000;
/** Milliseconds without a request of a person after which a cookie's session is over. */
export const accessIdleMs = 3_600_000;
/** Milliseconds by which the time of a session's last request is rounded. */
export const accessSeenMs = 60_000;
/** Milliseconds in which a login URL must be used. */
export const accessLoginMs = 300_000;
/** Secrets that somebody may get wrong at once, and in a minute, before waiting: a person mistypes, a program guesses. */
export const accessFailures = { perMinute: 10, burst: 10 };
/** Notes of refused logins and credentials in a minute: a flood of them must not fill the audit log. */
export const accessNotes = { perMinute: 6, burst: 20 };
