/** Opens `--in-flight` connections to a ROUTER, each from one of several addresses of the loopback, and keeps them. */
import { Port } from "@homing/zmtp/port";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import { tell } from "../load/messages.js";
import { heartbeat } from "../scenarios/idle-settings.js";

const { port, inFlight: wanted, batch } = readArguments();
let ready = 0;
let lost = 0;
let proceed = () => {};
const dealer = new Port(
	"DEALER",
	{ ...heartbeat, reconnectInterval: 100 },
	{
		onPeerReady: () => {
			ready++;
			proceed();
		},
		onPeerLost: () => {
			lost++;
		},
		onWritable() {},
		onMessage() {},
	},
);
const startedAt = performance.now();
for (let opened = 0; opened < wanted; ) {
	const until = Math.min(wanted, opened + batch);
	// One address has 28 000 ports, and those just used are not free yet.
	for (; opened < until; opened++) dealer.connect(`tcp://127.0.0.${1 + (opened % 8)}:${port}`);
	await new Promise<void>((resolve) => {
		proceed = () => {
			if (ready >= until) resolve();
		};
		proceed();
	});
}
tell({ seconds: (performance.now() - startedAt) / 1000, lost });
