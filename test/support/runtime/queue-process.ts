/** A queue in a process of its own, joined to those it is told of: tells its endpoints, and its statistics whenever it is asked. */
import { Queue } from "../../../packages/runtime/src/index.js";
import { anyPort } from "./endpoints.js";

const queue = new Queue({ clients: anyPort, workers: anyPort, upstream: process.argv.slice(2), reconnectMs: 5 });
process.send?.(await queue.start());
process.on("message", () => process.send?.(queue.stats()));
process.on("disconnect", () => process.exit());
