/** A LangGraph agent behind `sluice gateway`: one ticket as it should be, one that hijacks the agent. `node plans/python-langgraph/run.ts` */
import { playMcp } from "../python-desk/play.ts";

await playMcp("python-langgraph", "agents");
