/** An agent in Python on `mcp` 2, which speaks revision 2026-07-28, through `sluice gateway`. Never asks a real model. */
import { describeBehindGateway } from "./behind-gateway.ts";

describeBehindGateway("mcp2", [{ agent: "mcp2", revision: "2026-07-28" }]);
