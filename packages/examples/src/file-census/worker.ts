/** A worker: joins the queue at the endpoint given and looks at files until the process that started it lets go. */
import { Server } from "@homing/runtime";
import { censusService } from "./generated/census.js";
import { inspect } from "./inspect.js";

const [queueEndpoint, concurrency] = process.argv.slice(2);

const server = new Server({ concurrency: Number(concurrency) });
server.add(censusService({ inspect }));

// Ctrl-C at a terminal reaches the workers too; it is the parent who decides when they go.
process.on("SIGINT", () => {});
process.on("disconnect", () => void server.drain().then(() => process.exit()));
// The parent may have gone while this was loading.
if (process.connected === false) process.exit();

await server.join(queueEndpoint!);
process.send?.("joined");
