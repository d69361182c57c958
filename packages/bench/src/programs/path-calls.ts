/** Server and client in this process, over inproc: neither the kernel nor another process is part of a call. */
import { connect, Server } from "@homing/runtime";
import { EchoClient, echoService } from "../generated/echo.js";
import { readArguments } from "../load/arguments.js";
import { runSlices } from "../load/slices.js";
import { makeOrder, makeSmall } from "../workload.js";
import { echoHandlers } from "./homing-handlers.js";

const { scenario } = readArguments();
const isAsync = scenario === "small-async";
const server = new Server();
server.add(echoService(isAsync ? { ...echoHandlers, small: async (message) => message } : echoHandlers));
const endpoint = await server.bind("inproc://path");
const echo = new EchoClient(connect(endpoint));
await runSlices(
	scenario === "medium" ? (number) => echo.medium(makeOrder(number)) : (number) => echo.small(makeSmall(number)),
);
