/**
 * `sluice catalog http-fetch`: the catalogue of the tool that plain requests are.
 * Never prints anything of a plan or a server.
 */
import type { Command } from "commander";
import { httpFetchCatalogue } from "../../surfaces/http-proxy/fetch-tool.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";

/** Adds `catalog http-fetch`. */
export function addFetchCatalog(group: Command, { terminal }: Context): void {
  group
    .command("http-fetch")
    .description("print the catalogue of http/fetch, the tool of plain requests through `sluice proxy --forward`")
    .action(() => terminal.write(`${jsonText(httpFetchCatalogue, 2)}\n`));
}
