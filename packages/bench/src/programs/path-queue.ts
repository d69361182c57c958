/** Client, queue and four workers in this process, over inproc: what `pool` does, without the kernel and other processes. */
import { connect, Queue, Server } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { runSlices } from "../load/slices.js";
import { makeSmall } from "../workload.js";
import { echo } from "./homing-handlers.js";

const workers = 4;
const endpoints = { clients: "inproc://path", workers: "inproc://workers" };
await new Queue(endpoints).start();
for (let i = 0; i < workers; i++) {
	const server = new Server();
	server.add(echo);
	await server.join(endpoints.workers);
}
const client = new EchoClient(connect(endpoints.clients));
await runSlices((number) => client.small(makeSmall(number)));
