/** Plays this example: `node plans/python/mcp2/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../desk/play.ts";

await play("mcp2", { surface: "gateway", environment: "mcp2" });
