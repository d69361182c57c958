/** Answers questions for the service "square" for as long as there is a broker: `worker.ts <endpoint>`. */
import { setTimeout as pause } from "node:timers/promises";
import { DISCONNECT, HEARTBEAT, heartbeatMs, liveness, READY, REPLY, REQUEST, textOf, worker } from "./protocol.js";
import { zmq } from "./zeromq.js";

const socket = new zmq.Dealer({ linger: 0 });
// A broker that says nothing for so long is gone; it had time enough to start.
socket.receiveTimeout = 4 * heartbeatMs * liveness;
socket.connect(process.argv[2]!);
const ready = () => socket.send([null, worker, READY, "square"]);
await ready();
const timer = setInterval(() => void socket.send([null, worker, HEARTBEAT]), heartbeatMs);

try {
	for await (const [, , command, address, , question] of socket) {
		if (textOf(command) === DISCONNECT) {
			// The broker took this worker for dead.
			await ready();
		} else if (textOf(command) === REQUEST) {
			// As if it were work.
			await pause(5);
			await socket.send([null, worker, REPLY, address!, null, Number(question) ** 2]);
		}
	}
} catch (error) {
	if ((error as { code?: string }).code !== "EAGAIN") throw error;
	console.error("the broker fell silent");
}
clearInterval(timer);
socket.close();
