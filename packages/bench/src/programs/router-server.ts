/** Our ROUTER's bare echo through the public class. No high water marks, since the number in flight is the bound. */
import { Router } from "@homing/zmtp";
import { reportReady } from "../load/server.js";

const socket = new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
await socket.bind("tcp://127.0.0.1:*");
reportReady({ port: Number(new URL(socket.lastEndpoint!).port) });
for await (const frames of socket) await socket.send(frames);
