/** Callers as a handler is one that calls on: within the time of the call that it serves, with metadata, past an interceptor. */
import { type CallContext, type ClientInterceptor, connect, Server } from "@homing/runtime";
import { EchoClient, echoService } from "../generated/echo.js";
import { runClient, startCallers } from "../load/client.js";
import { makeSmall } from "../workload.js";
import { echoHandlers } from "./homing-handlers.js";

const passing: ClientInterceptor = (call, next) => next(call);
const metadata = { tenant: "acme" };
const parentTimeoutMs = 3_600_000;

/** Of a call that is being served in this process all the while. */
async function parentContext(): Promise<CallContext> {
	return new Promise((resolve) => {
		const small = (_: unknown, context: CallContext) => {
			resolve(context);
			return new Promise<never>(() => {});
		};
		const server = new Server().add(echoService({ ...echoHandlers, small }));
		void server.bind("inproc://parent").then((endpoint) => {
			// Never answered: it ends with this process.
			void new EchoClient(connect(endpoint)).small(makeSmall(0), { timeoutMs: parentTimeoutMs });
		});
	});
}

await runClient(async (meter, { port, inFlight }) => {
	const parent = await parentContext();
	const echo = new EchoClient(connect(`tcp://127.0.0.1:${port}`, { interceptors: [passing] }));
	startCallers(meter, inFlight, (number) => echo.small(makeSmall(number), { parent, metadata }));
});
