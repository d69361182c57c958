/**
 * A client that sends one message every few milliseconds, however long the answers take: so a server that stands still
 * delays as many of them as fall into that time. Asked, it tells the latencies since it was asked last.
 */
import { createInterface } from "node:readline";
import { Port } from "@homing/zmtp/port";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import { tell } from "../load/messages.js";
import { steadyPeriodMs } from "../scenarios/idle-settings.js";

let latencies: number[] = [];
const dealer = new Port(
	"DEALER",
	{},
	{
		onPeerReady: () => tell({}),
		onPeerLost: () => process.exit(1),
		onWritable() {},
		onMessage(_peer, message) {
			const due = Number(Buffer.from(message.frame(0)).toString());
			latencies.push(performance.now() - due);
		},
	},
);
const peer = dealer.connect(`tcp://127.0.0.1:${readArguments().port}`);
let due = performance.now();
setInterval(() => {
	// What this process itself was late for is sent at once, and counts from when it was due.
	for (; due <= performance.now(); due += steadyPeriodMs) {
		peer.begin().frame(Buffer.from(`${due}`), false);
		peer.commit();
	}
}, steadyPeriodMs);

createInterface({ input: process.stdin }).on("line", () => {
	const sorted = latencies.sort((a, b) => a - b);
	latencies = [];
	const percentile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
	tell({ count: sorted.length, p50Ms: percentile(0.5), p99Ms: percentile(0.99), longestMs: percentile(1) });
});
