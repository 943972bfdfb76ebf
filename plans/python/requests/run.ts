/** Plays this example: `node plans/python/requests/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../desk/play.ts";

await play("requests", { surface: "proxy" });
