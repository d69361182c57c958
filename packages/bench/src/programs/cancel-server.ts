/** A server of streams that bring one item and then nothing, until nobody wants them. Asked, it tells how many it has begun and ended. */
import { createInterface } from "node:readline";
import { Server } from "@homing/runtime";
import { echoService } from "../generated/echo.js";
import "../load/parent.js";
import { takeFootprint } from "../load/footprint.js";
import { readCpuUs, tell } from "../load/messages.js";
import { makeSmall } from "../workload.js";
import { echoHandlers } from "./homing-handlers.js";

let begun = 0;
let ended = 0;

const server = new Server().add(
	echoService({
		...echoHandlers,
		async *items(_count, { signal }) {
			begun++;
			try {
				yield makeSmall(0);
				if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
			} finally {
				ended++;
			}
		},
	}),
);
const endpoint = await server.bind("tcp://127.0.0.1:0");
createInterface({ input: process.stdin }).on("line", async () => {
	const footprint = await takeFootprint();
	tell({ ...footprint, begun, ended, running: server.stats().running, cpuUs: readCpuUs() });
});
tell({ port: Number(new URL(endpoint).port) });
