/** Our ROUTER's bare echo through the public class. No high water marks, since the number in flight is the bound. */
import { curveKeyPair, Router } from "@homing/zmtp";
import { readArguments } from "../load/arguments.js";
import { secureServer } from "../load/security.js";
import { reportReady } from "../load/server.js";

const { options, told } = secureServer(readArguments().mechanism, curveKeyPair);
const socket = new Router({ ...options, sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
await socket.bind("tcp://127.0.0.1:*");
reportReady({ ...told, port: Number(new URL(socket.lastEndpoint!).port) });
for await (const frames of socket) await socket.send(frames);
