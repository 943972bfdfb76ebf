/** Plays this example: `node plans/python/langgraph/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../desk/play.ts";

await play("langgraph", { surface: "gateway" });
