import { Server } from "@homing/runtime";
import { readArguments } from "../load/arguments.js";
import { reportReady } from "../load/server.js";
import { echo } from "./homing-handlers.js";

const server = new Server();
server.add(echo);
await server.join(`tcp://127.0.0.1:${readArguments().port}`);
reportReady({});
