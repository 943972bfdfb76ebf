/** Plays this example: `node plans/python-mcp2/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../python-desk/play.ts";

await play("python-mcp2", { surface: "gateway", environment: "mcp2" });
