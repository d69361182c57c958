import { ZmtpError } from "../errors.js";
import type { Socket } from "./socket.js";

/**
 * Relays messages between two sockets, both ways, unread: a ROUTER and a DEALER make a shared queue. A side that has no
 * room holds up only the direction towards it.
 */
export class Proxy<Front extends Socket = Socket, Back extends Socket = Socket> {
	readonly frontEnd: Front;
	readonly backEnd: Back;
	#isTerminated = false;

	constructor(frontEnd: Front, backEnd: Back) {
		this.frontEnd = frontEnd;
		this.backEnd = backEnd;
	}

	/** Resolves when `terminate()` was called or one of the sockets was closed; both are closed then. */
	async run(): Promise<void> {
		try {
			await Promise.race([relay(this.frontEnd, this.backEnd), relay(this.backEnd, this.frontEnd)]);
		} catch (error) {
			if (!this.#isTerminated && !this.frontEnd.closed && !this.backEnd.closed) throw error;
		} finally {
			await Promise.all([this.frontEnd.close(), this.backEnd.close()]);
		}
	}

	/** Stops relaying and closes both sockets. */
	terminate(): void {
		this.#isTerminated = true;
		void this.frontEnd.close();
		void this.backEnd.close();
	}
}

async function relay(from: Socket, to: Socket): Promise<void> {
	for await (const frames of from) {
		if (to.closed) return;
		try {
			await to.send(frames);
		} catch (error) {
			// A mandatory ROUTER says so when the peer has left; the others are to be served all the same.
			if (!(error instanceof ZmtpError) || error.code !== "EHOSTUNREACH") throw error;
		}
	}
}
