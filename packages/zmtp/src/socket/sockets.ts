import { DealerPattern } from "../pattern/dealer.js";
import { ReplyPattern } from "../pattern/reply.js";
import { RequestPattern } from "../pattern/request.js";
import { RouterPattern } from "../pattern/router.js";
import { DuplexSocket } from "./directions.js";
import type { RouterSocketOptions, SocketOptions } from "./options.js";

/** RFC 28: sends to its peers in turn, receives from all of them, frames as they are. Talks to ROUTER, REP, DEALER. */
export class Dealer extends DuplexSocket {
	constructor(options: SocketOptions = {}) {
		super("DEALER", options, (receiveLimit) => new DealerPattern(receiveLimit));
	}
}

/** RFC 28: the first frame of each message is the routing id of the peer it goes to or came from. Talks to DEALER, REQ, ROUTER. */
export class Router extends DuplexSocket {
	constructor(options: RouterSocketOptions = {}) {
		super("ROUTER", options, (receiveLimit, settings) => new RouterPattern(receiveLimit, settings));
	}
}

/** RFC 28: one request, then its reply. Talks to REP, ROUTER. */
export class Request extends DuplexSocket {
	constructor(options: SocketOptions = {}) {
		super("REQ", options, (receiveLimit) => new RequestPattern(receiveLimit));
	}
}

/** RFC 28: one request received, then its reply sent. Talks to REQ, DEALER. */
export class Reply extends DuplexSocket {
	constructor(options: SocketOptions = {}) {
		super("REP", options, (receiveLimit) => new ReplyPattern(receiveLimit));
	}
}
