/** Readers of streams by `for await`, through the generated stub. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { runClient, startReaders } from "../load/client.js";
import { itemsOfAStream } from "../workload.js";

await runClient((meter, { port, inFlight }) => {
	const echo = new EchoClient(connect(`tcp://127.0.0.1:${port}`));
	startReaders(meter, inFlight, () => echo.items(itemsOfAStream));
});
