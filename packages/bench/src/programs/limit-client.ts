/** The limit: counts octets that come back; every record's worth of them sends another record, all of a chunk's in one write. */
import { connect } from "node:net";
import { runClient } from "../load/client.js";

await runClient((meter, { port, inFlight, bytes }) => {
	const records = Buffer.alloc(inFlight * bytes, "x");
	const socket = connect({ port, host: "127.0.0.1", noDelay: true });
	const send = (count: number) => {
		meter.sent(count);
		socket.write(count === inFlight ? records : records.subarray(0, count * bytes));
	};
	let rest = 0;
	socket.on("connect", () => send(inFlight));
	socket.on("data", (chunk) => {
		const octets = rest + chunk.length;
		const count = Math.floor(octets / bytes);
		rest = octets - count * bytes;
		if (count === 0) return;
		meter.received(count);
		if (!meter.isOver) send(count);
	});
});
