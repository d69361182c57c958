/** node:net by hand: so many records out at a time, and each that comes back, whole and in one piece, sends another. */
import { connect } from "node:net";
import { runClient } from "../load/client.js";
import { readRecords, writeRecord } from "../load/records.js";
import { makeLarge } from "../workload.js";

await runClient((meter, { port, inFlight }) => {
	const socket = connect({ port, host: "127.0.0.1", noDelay: true });
	const send = () => {
		meter.sent(1);
		writeRecord(socket, makeLarge());
	};
	socket.on("connect", () => {
		for (let i = 0; i < inFlight; i++) send();
	});
	readRecords(socket, () => {
		meter.received(1);
		if (!meter.isOver) send();
	});
});
