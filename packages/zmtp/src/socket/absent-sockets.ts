import { ZmtpError } from "../errors.js";

/** A class that there is in zeromq.js and not here: making one says what to use. */
function absent(name: string, instead: string): new (options?: object) => never {
	const Absent = class {
		constructor() {
			throw new ZmtpError("ENOTSUP", `there is no ${name} here: ${instead}`);
		}
	};
	return Absent as unknown as new (
		options?: object,
	) => never;
}

/** @deprecated Not here: raw TCP is `node:net`'s. */
export const Stream = absent("Stream", "raw TCP is node:net's");

/** @deprecated Not here: use `Router`, whose first frame is the peer's routing id. */
export const Server = absent("Server", "use Router, whose first frame is the peer's routing id");
/** @deprecated Not here: use `Dealer`. */
export const Client = absent("Client", "use Dealer");
/** @deprecated Not here: use `Publisher`, with the group for a first frame. */
export const Radio = absent("Radio", "use Publisher, with the group for a first frame");
/** @deprecated Not here: use `Subscriber`, with the group for a topic. */
export const Dish = absent("Dish", "use Subscriber, with the group for a topic");
/** @deprecated Not here: use `Pull`. */
export const Gather = absent("Gather", "use Pull");
/** @deprecated Not here: use `Push`. */
export const Scatter = absent("Scatter", "use Push");
/** @deprecated Not here: UDP is `node:dgram`'s. */
export const Datagram = absent("Datagram", "UDP is node:dgram's");
