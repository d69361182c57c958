/** Callers that stream, through the generated stub. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { runClient, startWriters } from "../load/client.js";
import { itemsOfAStream, makeSmall } from "../workload.js";

await runClient((meter, { port, inFlight }) => {
	const echo = new EchoClient(connect(`tcp://127.0.0.1:${port}`));
	startWriters(meter, inFlight, itemsOfAStream, makeSmall, (items) => echo.count(items));
});
