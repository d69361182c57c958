import type { Curve } from "../mechanism/curve.js";
import type { Transports } from "../transport/transports.js";

/**
 * What differs between the hosts that sockets run in. `#platform` is the one of the host at hand: the `imports` of
 * package.json choose it, as its `exports` choose everything else.
 */
export interface Platform {
	readonly transports: Transports;
	/** Where the host has the ciphers for it. */
	readonly curve?: Curve;
}
