import type { Octets } from "../wire/octets.js";
import { type MessageLike, Socket } from "./socket.js";

/** What sockets have that send. */
export interface Writable {
	/**
	 * Sends one message. Concurrent calls wait in line, up to `sendHighWaterMark`.
	 *
	 * Frames of 16 KiB and more are not copied: leave their memory alone after the call.
	 * Resolves when the message is in a peer's queue, which says nothing of its arrival. Publishers never wait: for a
	 * subscriber whose queue is full the message is dropped.
	 * Rejects with `EAGAIN` when no peer has room within `sendTimeout`, `EFSM` out of turn (REQ, REP), `EHOSTUNREACH`
	 * (ROUTER, mandatory), `EBADF` on a closed socket.
	 */
	send(message: MessageLike | MessageLike[]): Promise<void>;
}

/** What sockets have that receive. */
export interface Readable {
	/**
	 * The next message: its frames, owned by the caller.
	 * Rejects with `EAGAIN` when none comes within `receiveTimeout` or the socket is closed meanwhile, `EBUSY` while
	 * another call waits, `EFSM` out of turn (REQ, REP), `EBADF` on a closed socket.
	 */
	receive(): Promise<Octets[]>;
	/** Messages until the socket is closed. */
	[Symbol.asyncIterator](): AsyncGenerator<Octets[], void, undefined>;
}

export abstract class WritableSocket extends Socket implements Writable {
	send(message: MessageLike | MessageLike[]): Promise<void> {
		return this.sendMessage(message);
	}
}

export abstract class ReadableSocket extends Socket implements Readable {
	receive(): Promise<Octets[]> {
		return this.receiveMessage();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Octets[], void, undefined> {
		while (!this.closed) {
			try {
				yield await this.receive();
			} catch (error) {
				if (this.closed) return;
				throw error;
			}
		}
	}
}

export abstract class DuplexSocket extends ReadableSocket implements Writable {
	send(message: MessageLike | MessageLike[]): Promise<void> {
		return this.sendMessage(message);
	}
}
