/** A ROUTER in a process of its own, so that what its peers make it hold can be told from what they hold. See measured.ts. */

import type { Router, SocketOptions } from "../../../packages/zmtp/src/index.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { heldBytes } from "./memory.js";
import { rawCurve } from "./raw-curve.js";
import { rawNull, rawPlain } from "./raw-mechanisms.js";

/** Argument 2, as JSON. */
export interface MeasuredOptions {
	readonly endpoint: string;
	readonly mechanism: "NULL" | "PLAIN" | "CURVE";
	/** Whether the authenticator never answers. */
	readonly isUndecided?: boolean;
	/** CURVE's, as hex. */
	readonly secretKey?: string;
	readonly options?: SocketOptions<Router>;
}

/** What is told when asked. Unit of memory: bytes. */
export interface Measures {
	readonly held: number;
	readonly resident: number;
	readonly accepted: number;
	readonly ready: number;
	readonly lost: number;
}

const { endpoint, mechanism, isUndecided, secretKey, options } = JSON.parse(process.argv[2]!) as MeasuredOptions;
const security = { NULL: rawNull.server, PLAIN: rawPlain.server, CURVE: rawCurve.server }[mechanism];
let accepted = 0;
let ready = 0;
let lost = 0;
const port = new Port(
	"ROUTER",
	{
		...security,
		...(secretKey === undefined ? {} : { curveSecretKey: Buffer.from(secretKey, "hex") }),
		...(isUndecided ? { authenticator: () => new Promise<boolean>(() => {}) } : {}),
		...options,
	},
	{
		onPeerReady: () => {
			ready++;
		},
		onPeerLost: () => {
			lost++;
		},
		onMessage: () => {},
		onWritable: () => {},
	},
);
port.events.on("accept", () => accepted++);

process.on("message", async () => {
	const held = await heldBytes();
	process.send?.({ held, resident: process.memoryUsage().rss, accepted, ready, lost } satisfies Measures);
});
process.once("disconnect", () => process.exit());
process.send?.({ endpoint: await port.bind(endpoint) });
