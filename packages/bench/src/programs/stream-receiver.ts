/** Receives a stream: PULL or SUB. */
import { Pull, Subscriber } from "@homing/zmtp";
import { runReceiver } from "../load/client.js";
import { streamTopic } from "../workload.js";

await runReceiver((meter, { port, scenario, highWaterMark }) => {
	const options = { receiveHighWaterMark: highWaterMark, linger: 0 };
	const subscribe = () => {
		const socket = new Subscriber(options);
		socket.subscribe(streamTopic);
		return socket;
	};
	const socket = scenario === "pub-sub" ? subscribe() : new Pull(options);
	socket.connect(`tcp://127.0.0.1:${port}`);
	const receiveAll = async () => {
		for await (const [message] of socket) meter.received(message!);
	};
	void receiveAll();
});
