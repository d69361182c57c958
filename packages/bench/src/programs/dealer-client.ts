/** Our DEALER's bare echo through the public class: three frames out, three frames back. */
import { curveKeyPair, Dealer } from "@homing/zmtp";
import { runClient } from "../load/client.js";
import { secureClient } from "../load/security.js";
import { makeEchoFrames } from "../workload.js";

await runClient((meter, load) => {
	const { port, inFlight, bytes } = load;
	const security = secureClient(load, curveKeyPair);
	const socket = new Dealer({ ...security, sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
	const frames = makeEchoFrames(bytes);
	const receiveAll = async () => {
		for (let i = 0; i < inFlight; i++) {
			meter.sent(1);
			await socket.send(frames);
		}
		for await (const reply of socket) {
			if (reply.length !== 3) throw new Error(`an echo of ${reply.length} frames`);
			meter.received(1);
			if (meter.isOver) return;
			meter.sent(1);
			await socket.send(frames);
		}
	};
	socket.connect(`tcp://127.0.0.1:${port}`);
	void receiveAll();
});
