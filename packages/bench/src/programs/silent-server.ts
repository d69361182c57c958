/** Serves any number of calls at once and answers none: for counting what a call costs that waits. */
import { Server } from "@homing/runtime";
import { echoService } from "../generated/echo.js";
import { reportReady } from "../load/server.js";

const unsettled = new Promise<never>(() => {});
const server = new Server({ concurrency: Number.POSITIVE_INFINITY });
const never = () => unsettled;
server.add(echoService({ small: never, medium: never, large: never, items: never, count: never }));
const endpoint = await server.bind("tcp://127.0.0.1:0");
reportReady({ port: Number(new URL(endpoint).port) });
