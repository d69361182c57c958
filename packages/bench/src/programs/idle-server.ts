/** A server that, whenever asked, tells its peers and its footprint. */
import { createInterface } from "node:readline";
import { Server } from "@homing/runtime";
import "../load/parent.js";
import { takeFootprint } from "../load/footprint.js";
import { tell } from "../load/messages.js";
import { echo } from "./homing-handlers.js";

const server = new Server();
server.add(echo);
const endpoint = await server.bind("tcp://127.0.0.1:0");
createInterface({ input: process.stdin }).on("line", async () => {
	tell({ ...(await takeFootprint()), peers: server.stats().peers });
});
tell({ port: Number(new URL(endpoint).port) });
