/** Callers that await `client.method()`, through the generated stub. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { runClient, startCallers } from "../load/client.js";
import { makeOrder, makeSmall } from "../workload.js";

await runClient((meter, { port, scenario, inFlight }) => {
	const echo = new EchoClient(connect(`tcp://127.0.0.1:${port}`));
	const call =
		scenario === "medium"
			? (number: number) => echo.medium(makeOrder(number))
			: (number: number) => echo.small(makeSmall(number));
	startCallers(meter, inFlight, call);
});
