/** Plays this example: `node plans/python/crewai/run.ts` installs what it needs, starts everything on this machine, and ends. */
import { play } from "../desk/play.ts";

await play("crewai", { surface: "gateway", environment: "crewai" });
