import { type Bounds, longestTimerMs, numericOption } from "../numeric-option.js";
import type { LinkOptions } from "./link.js";

/** Throws for an option that makes no sense: what has been given wrong is told at once, not when there is something to connect to. */
export function assertLinkOptions(options: LinkOptions): void {
	for (const [name, bounds] of linkBounds) {
		const value = options[name];
		if (value !== undefined) numericOption(name, value, bounds);
	}
}

const timer: Bounds = { atLeast: 0, atMost: longestTimerMs };
const linkBounds = [
	["maxFrameBytes", { atLeast: 1 }],
	["heartbeatMs", timer],
	["heartbeatTimeoutMs", timer],
	["lingerMs", { atLeast: 0 }],
	["reconnectMs", { atLeast: 0 }],
	["reconnectMaxMs", timer],
] as const satisfies readonly (readonly [name: keyof LinkOptions, bounds: Bounds])[];
