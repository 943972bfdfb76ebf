/** Plays this example: `node plans/python-requests/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../python-desk/play.ts";

await play("python-requests", { surface: "proxy" });
