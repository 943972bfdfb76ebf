/** Agents in Python on `mcp` 1, LangGraph with langchain-mcp-adapters, and OpenAI Agents, through `sluice gateway`. Never asks a real model. */
import { describeBehindGateway } from "./behind-gateway.ts";

describeBehindGateway("agents", [{ agent: "mcp", revision: "2025-11-25" }, { agent: "langgraph" }, { agent: "openai-agents" }]);
