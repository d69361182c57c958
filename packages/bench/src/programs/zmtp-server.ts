/** Our ROUTER's bare echo over the synchronous port: what libzmq's server does, frame by frame, nothing decoded. */
import { curveKeyPair } from "@homing/zmtp";
import { Port } from "@homing/zmtp/port";
import { readArguments } from "../load/arguments.js";
import { secureServer } from "../load/security.js";
import { reportReady } from "../load/server.js";

const { options, told } = secureServer(readArguments().mechanism, curveKeyPair);
const port = new Port(
	"ROUTER",
	// As the other ZeroMQ contestants: no mark, since the number in flight is the bound.
	{ ...options, sendHighWaterMark: 0 },
	{
		onPeerReady() {},
		onPeerLost() {},
		onWritable() {},
		onMessage(peer, message) {
			const writer = peer.begin();
			const last = message.count - 1;
			for (let i = 0; i <= last; i++) {
				writer.frameOf(message.buffers[i]!, message.starts[i]!, message.ends[i]!, i < last);
			}
			peer.commit();
		},
	},
);
const endpoint = await port.bind("tcp://127.0.0.1:0");
reportReady({ ...told, port: Number(new URL(endpoint).port) });
