/** A ROUTER in a process of its own, for measuring what idle connections cost: prints its endpoint, then its memory when asked. */
import { Port } from "../../../packages/zmtp/src/port.js";

let ready = 0;
let wanted = 0;
const port = new Port(
	"ROUTER",
	{},
	{
		onPeerReady: () => {
			ready++;
			if (ready === wanted) process.send?.({ ready });
		},
		onPeerLost: () => {
			ready--;
		},
		onMessage: () => {},
		onWritable: () => {},
	},
);

/** Heap, buffers and all else of the process, settled. Unit: bytes. */
function memory(): { heap: number; resident: number } {
	for (let i = 0; i < 4; i++) globalThis.gc?.();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heap: heapUsed + external, resident: rss };
}

process.on("message", (message: { measure?: true; wait?: number; close?: true }) => {
	if (message.wait !== undefined) {
		wanted = message.wait;
		if (ready === wanted) process.send?.({ ready });
	} else if (message.measure) process.send?.(memory());
	else if (message.close) void port.close().then(() => process.disconnect());
});
process.send?.({ endpoint: await port.bind("tcp://127.0.0.1:0") });
