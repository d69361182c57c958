/** A queue in a process of its own: tells its endpoints, and its statistics whenever it is asked. */
import { Queue } from "../../../packages/runtime/src/index.js";
import { anyPort } from "./endpoints.js";

const queue = new Queue({ clients: anyPort, workers: anyPort });
process.send?.(await queue.start());
process.on("message", () => process.send?.(queue.stats()));
process.on("disconnect", () => process.exit());
