/** One DEALER for each connection. */
import { Dealer } from "@homing/zmtp";
import { runOpener } from "../load/opener.js";

await runOpener(async (port) => {
	const socket = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
	socket.connect(`tcp://127.0.0.1:${port}`);
	await socket.send("hello");
	await socket.receive();
	return socket;
});
