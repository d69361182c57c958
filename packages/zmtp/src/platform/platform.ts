import type { Ciphers } from "../mechanism/ciphers.js";
import type { Transports } from "../transport/transports.js";

/**
 * What differs between the hosts that sockets run in. `#platform` is the one of the host at hand: the `imports` of
 * package.json choose it, as its `exports` choose everything else.
 */
export interface Platform {
	readonly transports: Transports;
	/** For CURVE, which there is none of without them. */
	readonly ciphers?: Ciphers;
}
