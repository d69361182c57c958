/** A ROUTER that keeps many idle peers alive by heartbeats and echoes what any of them says. Asked, it tells what it holds. */
import { createInterface } from "node:readline";
import { Port } from "@homing/zmtp/port";
import "../load/parent.js";
import { takeFootprint } from "../load/footprint.js";
import { readCpuUs, tell } from "../load/messages.js";
import { heartbeat } from "../scenarios/idle-settings.js";

let peers = 0;
let lost = 0;
const port = new Port(
	"ROUTER",
	{ ...heartbeat, backlog: 4096 },
	{
		onPeerReady: () => {
			peers++;
		},
		onPeerLost: () => {
			peers--;
			lost++;
		},
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
const endpoint = await port.bind("tcp://*:0");
createInterface({ input: process.stdin }).on("line", async () => {
	tell({ ...(await takeFootprint()), peers, lost, cpuUs: readCpuUs() });
});
tell({ port: Number(new URL(endpoint).port) });
