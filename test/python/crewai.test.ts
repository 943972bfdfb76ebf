/** A crew on CrewAI with tools from MCP, through `sluice gateway`. Never asks a real model. */
import { describeBehindGateway } from "./behind-gateway.ts";

describeBehindGateway("crewai", [{ agent: "crewai" }]);
