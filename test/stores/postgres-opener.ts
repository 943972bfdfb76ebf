/** A process that opens the PostgreSQL store of a URL, and says what came of it. Arguments: URL, schema. */
import { writeSync } from "node:fs";
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import { headerOf, opening } from "./session-fixture.ts";

const [url = "", schema = ""] = process.argv.slice(2);
const store = await openPostgresStore(url, { schema });
const header = headerOf(`process ${process.pid}`);
const created = await store.create(header, opening(header));
writeSync(1, created.ok ? "created" : created.error.kind);
await store.close();
