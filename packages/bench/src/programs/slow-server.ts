/** A server that answers each call when it has slept. */
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@homing/runtime";
import { echoService } from "../generated/echo.js";
import { reportReady } from "../load/server.js";
import { slowMs } from "../scenarios/hedging-settings.js";
import { echoHandlers } from "./homing-handlers.js";

const server = new Server().add(
	echoService({
		...echoHandlers,
		async small(message, { signal }) {
			await sleep(slowMs, undefined, { signal });
			return message;
		},
	}),
);
const endpoint = await server.bind("tcp://127.0.0.1:0");
reportReady({ port: Number(new URL(endpoint).port) });
