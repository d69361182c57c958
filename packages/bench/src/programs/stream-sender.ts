/** Sends as fast as it is taken: PUSH, or PUB that waits instead of dropping. */
import { Publisher, Push } from "@homing/zmtp";
import { readArguments } from "../load/arguments.js";
import { reportReady } from "../load/server.js";
import { makeStreamMessage } from "../workload.js";

const { scenario, bytes, highWaterMark } = readArguments();
const options = { sendHighWaterMark: highWaterMark, linger: 0 };
const socket = scenario === "pub-sub" ? new Publisher({ ...options, noDrop: true }) : new Push(options);
await socket.bind("tcp://127.0.0.1:*");
reportReady({ port: Number(new URL(socket.lastEndpoint!).port) });
for (let number = 0; ; number++) await socket.send(makeStreamMessage(bytes, number));
