/** A Homing server as its guide shows it. */
import { Server } from "@homing/runtime";
import { reportReady } from "../load/server.js";
import { echo } from "./homing-handlers.js";

const server = new Server();
server.add(echo);
const endpoint = await server.bind("tcp://127.0.0.1:0");
reportReady({ port: Number(new URL(endpoint).port) });
