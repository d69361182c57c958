import { PairPattern } from "../pattern/pair.js";
import { PullPattern } from "../pattern/pull.js";
import { PushPattern } from "../pattern/push.js";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./directions.js";
import type { OptionsOf, PropertiesOf } from "./options.js";
import { Socket } from "./socket.js";

/** RFC 30: sends to its peers in turn. Talks to PULL. */
export class Push extends WritableSocket {
	static {
		Socket.offerOptions(Push.prototype, "PUSH");
	}

	constructor(options: OptionsOf<"PUSH"> = {}) {
		super("PUSH", options, () => new PushPattern());
	}
}
export interface Push extends PropertiesOf<"PUSH"> {}

/** RFC 30: receives from its peers in turn. Talks to PUSH. */
export class Pull extends ReadableSocket {
	static {
		Socket.offerOptions(Pull.prototype, "PULL");
	}

	constructor(options: OptionsOf<"PULL"> = {}) {
		super("PULL", options, (receiveLimit) => new PullPattern(receiveLimit));
	}
}
export interface Pull extends PropertiesOf<"PULL"> {}

/** RFC 31: one peer at a time, both ways; a further one is refused until the first has left. Talks to PAIR. */
export class Pair extends DuplexSocket {
	static {
		Socket.offerOptions(Pair.prototype, "PAIR");
	}

	constructor(options: OptionsOf<"PAIR"> = {}) {
		super("PAIR", options, (receiveLimit) => new PairPattern(receiveLimit));
	}
}
export interface Pair extends PropertiesOf<"PAIR"> {}
