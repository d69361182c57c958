import { Queue } from "@homing/runtime";
import { reportReady } from "../load/server.js";

const queue = new Queue({ clients: "tcp://127.0.0.1:0", workers: "tcp://127.0.0.1:0" });
const { clients, workers } = await queue.start();
const portOf = (endpoints: readonly string[]) => Number(new URL(endpoints[0]!).port);
reportReady({ port: portOf(clients), workerPort: portOf(workers) });
