import { DealerPattern } from "../pattern/dealer.js";
import { ReplyPattern } from "../pattern/reply.js";
import { RequestPattern } from "../pattern/request.js";
import { RouterPattern } from "../pattern/router.js";
import { DuplexSocket } from "./directions.js";
import { keep } from "./option-rules.js";
import { optionTable } from "./option-table.js";
import type { PropertiesOf } from "./options.js";
import { Socket, type SocketOptions } from "./socket.js";

/** RFC 28: sends to its peers in turn, receives from all of them, frames as they are. Talks to ROUTER, REP, DEALER. */
export class Dealer extends DuplexSocket {
	static {
		Socket.offerOptions(Dealer.prototype, "DEALER");
	}

	constructor(options: SocketOptions<Dealer> = {}) {
		super("DEALER", options, (receiveLimit, settings) => new DealerPattern(receiveLimit, settings));
	}
}
export interface Dealer extends PropertiesOf<"DEALER"> {}

export interface RouterConnectOptions {
	/** What to call the peer, whatever it calls itself. */
	readonly routingId?: string | Uint8Array;
}

/** RFC 28: the first frame of each message is the routing id of the peer it goes to or came from. Talks to DEALER, REQ, ROUTER. */
export class Router extends DuplexSocket {
	static {
		Socket.offerOptions(Router.prototype, "ROUTER");
	}

	constructor(options: SocketOptions<Router> = {}) {
		super("ROUTER", options, (receiveLimit, settings) => new RouterPattern(receiveLimit, settings));
	}

	/**
	 * As for all sockets. `routingId`: what to call the peer there, whatever it calls itself (ZMQ_CONNECT_ROUTING_ID); it
	 * can be sent messages at once then, which wait for the connection. 1 to 255 octets, the first not zero; text is
	 * UTF-8. Throws `EINVAL` on another, `EADDRINUSE` when a peer has this one.
	 */
	override connect(endpoint: string, options: RouterConnectOptions = {}): void {
		const { routingId } = options;
		if (routingId === undefined) super.connect(endpoint);
		else this.connectTo(endpoint, keep("routingId", optionTable.routingId, routingId) as Uint8Array);
	}
}
export interface Router extends PropertiesOf<"ROUTER"> {}

/** RFC 28: one request, then its reply. Talks to REP, ROUTER. */
export class Request extends DuplexSocket {
	static {
		Socket.offerOptions(Request.prototype, "REQ");
	}

	constructor(options: SocketOptions<Request> = {}) {
		super("REQ", options, (receiveLimit, settings) => new RequestPattern(receiveLimit, settings));
	}
}
export interface Request extends PropertiesOf<"REQ"> {}

/** RFC 28: one request received, then its reply sent. Talks to REQ, DEALER. */
export class Reply extends DuplexSocket {
	static {
		Socket.offerOptions(Reply.prototype, "REP");
	}

	constructor(options: SocketOptions<Reply> = {}) {
		super("REP", options, (receiveLimit) => new ReplyPattern(receiveLimit));
	}
}
export interface Reply extends PropertiesOf<"REP"> {}
