import { PairPattern } from "../pattern/pair.js";
import { PullPattern } from "../pattern/pull.js";
import { PushPattern } from "../pattern/push.js";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./directions.js";
import type { SocketOptions } from "./options.js";

/** RFC 30: sends to its peers in turn. Talks to PULL. */
export class Push extends WritableSocket {
	constructor(options: SocketOptions = {}) {
		super("PUSH", options, () => new PushPattern());
	}
}

/** RFC 30: receives from its peers in turn. Talks to PUSH. */
export class Pull extends ReadableSocket {
	constructor(options: SocketOptions = {}) {
		super("PULL", options, (receiveLimit) => new PullPattern(receiveLimit));
	}
}

/** RFC 31: one peer at a time, both ways; a further one is refused until the first has left. Talks to PAIR. */
export class Pair extends DuplexSocket {
	constructor(options: SocketOptions = {}) {
		super("PAIR", options, (receiveLimit) => new PairPattern(receiveLimit));
	}
}
