/** Sends as fast as it is taken: PUSH, or PUB that refuses what it has no room for instead of dropping it. */
import { setImmediate as turn } from "node:timers/promises";
import { Publisher, Push, ZmtpError } from "@homing/zmtp";
import { readArguments } from "../load/arguments.js";
import { reportReady } from "../load/server.js";
import { makeStreamMessage } from "../workload.js";

const { scenario, bytes, highWaterMark } = readArguments();
const options = { sendHighWaterMark: highWaterMark, linger: 0 };
const refusing = { ...options, noDrop: true };
const socket = scenario === "pub-sub" ? new Publisher(refusing) : new Push(options);
await socket.bind("tcp://127.0.0.1:*");
reportReady({ port: Number(new URL(socket.lastEndpoint!).port) });
for (let number = 0; ; number++) {
	const message = makeStreamMessage(bytes, number);
	for (;;) {
		try {
			await socket.send(message);
			break;
		} catch (error) {
			if (!(error instanceof ZmtpError) || error.code !== "EAGAIN") throw error;
			await turn();
		}
	}
}
