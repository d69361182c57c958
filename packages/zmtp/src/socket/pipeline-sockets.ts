import { PairPattern } from "../pattern/pair.js";
import { PullPattern } from "../pattern/pull.js";
import { PushPattern } from "../pattern/push.js";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./directions.js";
import type { PropertiesOf } from "./options.js";
import { Socket, type SocketOptions } from "./socket.js";

/** RFC 30: sends to its peers in turn. Talks to PULL. */
export class Push extends WritableSocket {
	static {
		Socket.offerOptions(Push.prototype, "PUSH");
	}

	constructor(options: SocketOptions<Push> = {}) {
		super("PUSH", options, () => new PushPattern());
	}
}
export interface Push extends PropertiesOf<"PUSH"> {}

/** RFC 30: receives from its peers in turn. Talks to PUSH. */
export class Pull extends ReadableSocket {
	static {
		Socket.offerOptions(Pull.prototype, "PULL");
	}

	constructor(options: SocketOptions<Pull> = {}) {
		super("PULL", options, (receiveLimit) => new PullPattern(receiveLimit));
	}
}
export interface Pull extends PropertiesOf<"PULL"> {}

/** RFC 31: one peer at a time, both ways; a further one is refused until the first has left. Talks to PAIR. */
export class Pair extends DuplexSocket {
	static {
		Socket.offerOptions(Pair.prototype, "PAIR");
	}

	constructor(options: SocketOptions<Pair> = {}) {
		super("PAIR", options, (receiveLimit) => new PairPattern(receiveLimit));
	}
}
export interface Pair extends PropertiesOf<"PAIR"> {}
