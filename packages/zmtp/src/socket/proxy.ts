import { ZmtpError } from "../errors.js";
import type { Readable, Writable } from "./directions.js";
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
			await Promise.race(relays(this.frontEnd, this.backEnd));
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

/** Both ways, or the one that the sockets know: PULL to PUSH. */
function relays(front: Socket, back: Socket): Promise<void>[] {
	const ways = [
		[front, back],
		[back, front],
	] as const;
	return ways.flatMap(([from, to]) => (isReadable(from) && isWritable(to) ? [relay(from, to)] : []));
}

function isReadable(socket: Socket): socket is Socket & Readable {
	return "receive" in socket;
}

function isWritable(socket: Socket): socket is Socket & Writable {
	return "send" in socket;
}

async function relay(from: Socket & Readable, to: Socket & Writable): Promise<void> {
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
