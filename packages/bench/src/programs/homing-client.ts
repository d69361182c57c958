/** Callers that await `client.method()`, through the generated stub. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { runClient, startCallers } from "../load/client.js";
import { makeLarge, makeOrder, makeSmall } from "../workload.js";

await runClient((meter, { port, scenario, inFlight }) => {
	const echo = new EchoClient(connect(`tcp://127.0.0.1:${port}`));
	const calls: Partial<Record<string, (number: number) => Promise<unknown>>> = {
		medium: (number) => echo.medium(makeOrder(number)),
		large: () => echo.large(makeLarge()),
	};
	startCallers(meter, inFlight, calls[scenario] ?? ((number) => echo.small(makeSmall(number))));
});
