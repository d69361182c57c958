// Sends as fast as it is taken: PUSH, or PUB that refuses what it has no room for instead of dropping it. It never waits,
// not even with a sendTimeout.
import { setImmediate as turn } from "node:timers/promises";
import { Publisher, Push } from "zeromq";
import { readArguments } from "../dist/load/arguments.js";
import { reportReady } from "../dist/load/server.js";
import { makeStreamMessage } from "../dist/workload.js";

const { scenario, bytes, highWaterMark } = readArguments();
const options = { sendHighWaterMark: highWaterMark, linger: 0 };
const socket = scenario === "pub-sub" ? new Publisher({ ...options, noDrop: true }) : new Push(options);
await socket.bind("tcp://127.0.0.1:*");
reportReady({ port: Number(new URL(socket.lastEndpoint).port) });
for (let number = 0; ; number++) {
	const message = makeStreamMessage(bytes, number);
	for (;;) {
		try {
			await socket.send(message);
			break;
		} catch (error) {
			if (error.code !== "EAGAIN") throw error;
			await turn();
		}
	}
}
