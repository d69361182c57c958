/** Our DEALER's bare echo over the synchronous port: three frames out, three frames back. */
import { curveKeyPair } from "@homing/zmtp";
import { type Peer, Port } from "@homing/zmtp/port";
import { runClient } from "../load/client.js";
import { secureClient } from "../load/security.js";
import { makeEchoFrames } from "../workload.js";

await runClient((meter, load) => {
	const [token, , body] = makeEchoFrames(load.bytes);
	const send = (peer: Peer) => {
		meter.sent(1);
		const writer = peer.begin();
		writer.frame(token, true);
		writer.emptyFrame(true);
		writer.frame(body, false);
		peer.commit();
	};
	const port = new Port(
		"DEALER",
		{ ...secureClient(load, curveKeyPair), sendHighWaterMark: 0 },
		{
			onPeerReady(peer) {
				for (let i = 0; i < load.inFlight; i++) send(peer);
			},
			onPeerLost() {
				throw new Error("the server is gone");
			},
			onWritable() {},
			onMessage(peer, message) {
				if (message.count !== 3) throw new Error(`an echo of ${message.count} frames`);
				meter.received(1);
				if (!meter.isOver) send(peer);
			},
		},
	);
	port.connect(`tcp://127.0.0.1:${load.port}`);
});
