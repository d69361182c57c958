// Callbacks as grpc-js has them: each reply makes the next call, without a promise in between.
import { runClient } from "../dist/load/client.js";
import { makeOrder, makeSmall } from "../dist/workload.js";
import { channelOptions, Echo, grpc } from "./grpc-echo.mjs";

await runClient((meter, { port, scenario, inFlight }) => {
	const echo = new Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), channelOptions);
	const method = (scenario === "medium" ? echo.Medium : echo.Small).bind(echo);
	const make = scenario === "medium" ? makeOrder : makeSmall;
	let number = 0;
	const call = () => {
		const startedAt = meter.begin();
		const message = make(number++);
		method(message, (error, reply) => {
			if (error) throw error;
			if (reply.id !== message.id) throw new Error("another call's reply");
			meter.end(startedAt);
			if (!meter.isOver) call();
		});
	};
	for (let i = 0; i < inFlight; i++) call();
});
