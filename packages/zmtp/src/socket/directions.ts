import type { PropertiesOf } from "./options.js";
import { type Message, type MessageLike, Socket } from "./socket.js";
import type { CallOptions } from "./waiting-call.js";

type Sending = Pick<
	PropertiesOf<"PAIR">,
	"sendHighWaterMark" | "sendHighWaterMarkBytes" | "sendTimeout" | "sendBufferSize" | "multicastHops"
>;
type Receiving = Pick<
	PropertiesOf<"PAIR">,
	"receiveHighWaterMark" | "receiveHighWaterMarkBytes" | "receiveTimeout" | "receiveBufferSize"
>;

/** What sockets have that send. */
export interface Writable<M extends MessageLike | MessageLike[] = MessageLike | MessageLike[]> extends Sending {
	/**
	 * Sends one message. Concurrent calls wait in line, up to `sendHighWaterMark`.
	 *
	 * Frames of 16 KiB and more are not copied: leave their memory alone after the call.
	 * Resolves when the message is in a peer's queue, which says nothing of its arrival. Publishers never wait: for a
	 * subscriber whose queue is full the message is dropped.
	 * Rejects with `EAGAIN` when no peer has room within `sendTimeout`, `EFSM` out of turn (REQ, REP), `EHOSTUNREACH`
	 * (ROUTER, mandatory), `EBADF` on a closed socket; or with the reason of `signal`, and the message is not sent then.
	 */
	send(message: M, options?: CallOptions): Promise<void>;
}

/** What sockets have that receive. */
export interface Readable<M extends object[] = Message[]> extends Receiving {
	/**
	 * The next message: its frames, owned by the caller.
	 * Rejects with `EAGAIN` when none comes within `receiveTimeout` or the socket is closed meanwhile, `EBUSY` while
	 * another call waits, `EFSM` out of turn (REQ, REP), `EBADF` on a closed socket; or with the reason of `signal`, and
	 * no message is lost by that.
	 */
	receive(options?: CallOptions): Promise<M>;
	/** Messages until the socket is closed. */
	[Symbol.asyncIterator](): AsyncIterableIterator<M, void, undefined>;
}

export abstract class WritableSocket extends Socket {
	override send(message: MessageLike | MessageLike[], options?: CallOptions): Promise<void> {
		return this.sendMessage(message, options);
	}
}

export abstract class ReadableSocket extends Socket {
	override receive(options?: CallOptions): Promise<Message[]> {
		return this.receiveMessage(options);
	}

	[Symbol.asyncIterator](): AsyncIterableIterator<Message[], void, undefined> {
		return this.iterate();
	}
}

export abstract class DuplexSocket extends ReadableSocket {
	override send(message: MessageLike | MessageLike[], options?: CallOptions): Promise<void> {
		return this.sendMessage(message, options);
	}
}
