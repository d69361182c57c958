// One DEALER for each connection.
import { context, Dealer } from "zeromq";
import { runOpener } from "../dist/load/opener.js";

// Its default is 1023.
context.maxSockets = 65_535;

await runOpener(async (port) => {
	const socket = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
	socket.connect(`tcp://127.0.0.1:${port}`);
	await socket.send("hello");
	await socket.receive();
	return socket;
});
