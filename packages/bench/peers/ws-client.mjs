// JSON-RPC 2.0 by hand over ws: a number for each call and a Map from it to the call that waits.
import { WebSocket } from "ws";
import { runClient, startCallers } from "../dist/load/client.js";
import { makeOrder, makeSmall } from "../dist/workload.js";

await runClient((meter, { port, scenario, inFlight }) => {
	const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false, skipUTF8Validation: true });
	const pending = new Map();
	let lastId = 0;
	socket.on("message", (data) => {
		const { id, result, error } = JSON.parse(data.toString());
		const { resolve, reject } = pending.get(id);
		pending.delete(id);
		if (error) reject(error);
		else resolve(result);
	});
	const call = (method, ...params) =>
		new Promise((resolve, reject) => {
			const id = ++lastId;
			pending.set(id, { resolve, reject });
			socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		});
	const echo =
		scenario === "medium"
			? (number) => call("Echo.medium", makeOrder(number))
			: (number) => call("Echo.small", makeSmall(number));
	socket.on("open", () => startCallers(meter, inFlight, echo));
});
