/**
 * Drafts some made-up tasks on the runtime that executes it and prints the proposals as one line of JSON: `node draft-here.ts MODELS [web]`.
 * Never reaches a network: fetching throws.
 */
import { fileURLToPath } from "node:url";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { createModelPlanner } from "../../../src/infer/planner/planner.ts";
import { openModels } from "../../../src/infer/runtime/models.ts";
import { webRuntime } from "../../../src/infer/runtime/onnx.ts";
import { draftTool } from "../../../src/infer/tools.ts";

const [models = "", runtime = "native"] = process.argv.slice(2);

globalThis.fetch = Object.assign(() => Promise.reject(new Error("nothing may be fetched")), globalThis.fetch);

const text = { type: "string" };
const verbs = ["find", "book", "cancel"];
const things = ["flight", "hotel", "table", "concert", "taxi"];
const catalogue = readCatalogue({
  tools: things.flatMap((thing) =>
    verbs.map((verb) => ({
      name: `${verb}_${thing}`,
      description: `${verb[0]?.toUpperCase()}${verb.slice(1)} a ${thing} in a city on a date`,
      inputSchema: {
        type: "object",
        properties: { city: text, date: { type: "string", format: "date" }, people: { type: "integer" } },
        required: ["city"],
      },
      outputSchema: { type: "object", properties: { id: text } },
    })),
  ),
});
if (!catalogue.ok) throw new Error("the catalogue of the test cannot be read");
const tools = [...catalogue.value.tools.values()].map(draftTool);

async function web() {
  const { readFile } = await import("node:fs/promises");
  const onnx = await import("onnxruntime-web/wasm");
  onnx.env.wasm.wasmBinary = await readFile(fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")));
  return webRuntime(onnx);
}

const opened = await openModels({ models, ...(runtime === "web" ? { runtime: await web() } : {}) });
if (!opened.ok) throw opened.error;
const planner = createModelPlanner({ opened: opened.value });
const proposals = [];
for (const task of [
  "Book a hotel in Oslo for tomorrow for two people",
  "Find a flight to Rome on 3 March and book a taxi there",
  "What is the meaning of life?",
]) {
  proposals.push(await planner.propose(task, tools, { now: "2026-11-20T09:00:00" }));
}
console.log(JSON.stringify(proposals));
await opened.value.close();
