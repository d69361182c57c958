// The loop of zeromq.js's own documentation: a `for await` that awaits each send. Sends that are not awaited fail with
// EBUSY under this load, and a queue with a loop of its own for sending was tried and made no difference. No high water
// marks, since the number in flight is the bound.
import { curveKeyPair, Router } from "zeromq";
import { readArguments } from "../dist/load/arguments.js";
import { secureServer } from "../dist/load/security.js";
import { reportReady } from "../dist/load/server.js";

const { options, told } = secureServer(readArguments().mechanism, curveKeyPair);
const socket = new Router({ ...options, sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
await socket.bind("tcp://127.0.0.1:*");
reportReady({ ...told, port: Number(new URL(socket.lastEndpoint).port) });
for await (const frames of socket) await socket.send(frames);
