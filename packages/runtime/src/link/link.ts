/**
 * The message port: all that client, server and queue know of what carries their messages. Another carrier than ZeroMQ
 * stands in by bringing these five shapes.
 */

/** Where one outgoing message is written, frame by frame, between `begin()` and `commit()` of its peer. */
export interface MessageWriter {
	/** Memory of the message; changes whenever room is made. */
	readonly buffer: Uint8Array;
	/** First octet behind what has been written. */
	readonly end: number;
	frame(body: Uint8Array, isMore: boolean): void;
	frameOf(source: Uint8Array, start: number, end: number, isMore: boolean): void;
	emptyFrame(isMore: boolean): void;
	/**
	 * Writes frames that are encoded already, as ZMTP has short ones: an octet of flags, which is MORE or, of the message's last, 0, one
	 * of the size, and the body, of 255 octets at most. Copied. Returns where they start in `buffer`, where they may be changed until
	 * the commit.
	 */
	shortFrames(source: DataView, start: number, end: number): number;
	/** Makes room for `size` octets behind `end`. */
	reserve(size: number): void;
	/** Opens a frame to be written in place; returns where its body starts. */
	openFrame(): number;
	/** Closes it; `bodyEnd` is behind its last octet. */
	closeFrame(bodyEnd: number, isMore: boolean): void;
}

/** Where a frame that is open has its body, from the writer's `end` on. */
export const frameHeadBytes = 2;

/** Flags of a short frame that is not its message's last. */
export const MORE = 0x01;

/** One received message, borrowed until return: frame i is `buffers[i]` from `starts[i]` to `ends[i]`. */
export interface IncomingMessage {
	readonly count: number;
	readonly buffers: readonly Uint8Array[];
	readonly starts: readonly number[];
	readonly ends: readonly number[];
	size(index: number): number;
	/** The memory of `buffers[index]`: what is octet i of one is octet i of the other. */
	dataView(index: number): DataView;
	/** A view of the frame; keeps its chunk in memory. */
	frame(index: number): Uint8Array;
	/** The frame for keeps. */
	take(index: number): Uint8Array;
}

/** The other end of one connection. The same object through all its reconnects. */
export interface LinkPeer {
	/** Where it is, for people. */
	readonly address: string;
	/** What it said of itself when it connected; names in small letters. */
	readonly description?:
		| {
				readonly properties: ReadonlyMap<string, Uint8Array>;
				/** Whom this side's authenticator takes it for; empty: nobody. */
				readonly userId: string;
		  }
		| undefined;
	/** Whether messages should be given to it; a message given all the same is still queued. */
	readonly isWritable: boolean;
	/** Octets queued for it. */
	readonly queuedBytes: number;
	/** Messages committed so far, and how many of them have left this process's queue. */
	readonly committed: number;
	readonly flushed: number;
	/**
	 * When the octets came of the message that is being delivered, by `performance.now()`: what a caller gave it counts from there.
	 * Unit: ms.
	 */
	readonly receivedAt: number;
	/** The user's own record of the peer. */
	context: unknown;
	begin(): MessageWriter;
	commit(): void;
	rollback(): void;
	/** Stops reading from it, and starts again. */
	pause(): void;
	resume(): void;
	/** Ends the connection; `onPeerLost` follows before this returns. A peer that was connected to comes back. */
	close(reason: undefined): void;
}

/** Property by which clients, servers and queues know each other. Anything foreign in between has none. */
export const homingProperty = "X-Homing";

export function isHoming({ description }: LinkPeer): boolean {
	return description?.properties.has(homingProperty.toLowerCase()) === true;
}

/** Property of those of them that take octets beside a body; others get them in it. */
export const octetsProperty = "X-Homing-Octets";
const octetsKey = octetsProperty.toLowerCase();

export function takesOctets({ description }: LinkPeer): boolean {
	return description?.properties.has(octetsKey) === true;
}

/** Whom the peer has proven to be; `undefined`: nobody in particular. */
export function userIdOf({ description }: LinkPeer): string | undefined {
	return description === undefined || description.userId === "" ? undefined : description.userId;
}

/** What a link tells. None of these may throw. */
export interface LinkHandler {
	/**
	 * Whether it passes on to some peers what comes from others: then what it sends may wait until all have been read that can be now, so
	 * that what several of them have for one leaves together. Default: not.
	 */
	readonly isRelay?: boolean;
	onPeerReady(peer: LinkPeer): void;
	onPeerLost(peer: LinkPeer, error: Error | undefined): void;
	onMessage(peer: LinkPeer, message: IncomingMessage): void;
	/**
	 * Somebody at this address is no peer: speaks another protocol, breaks this one's rules, has another key than was expected,
	 * is not let in, or does not let this side in.
	 */
	onStranger(address: string, error: Error): void;
	/** `isWritable` was found false and is true again. */
	onWritable(peer: LinkPeer): void;
}

export interface Link {
	/** Resolves to the endpoint as bound. */
	bind(endpoint: string): Promise<string>;
	/** Stops accepting at an endpoint, named as it was bound. Peers that came over it stay. */
	unbind(endpoint: string): Promise<void>;
	/** Connects in the background, now and after every loss. Returns the peer that `onPeerReady` will be told of. */
	connect(endpoint: string): LinkPeer;
	/** Resolves when what was committed has left or could not within the linger time, and everything is released. */
	close(): Promise<void>;
}

/** What can be told to any carrier. */
export interface LinkOptions {
	/** Largest frame accepted and sent. Unit: bytes. Default: 16 MiB. */
	readonly maxFrameBytes?: number;
	/** Silence after which the other end is probed. Unit: ms; 0: never. Default: 2000. */
	readonly heartbeatMs?: number;
	/** Silence after which the connection is given up. Unit: ms. Default: 10 000. */
	readonly heartbeatTimeoutMs?: number;
	/** How long closing goes on sending what is queued. Unit: ms. Default: 1000. */
	readonly lingerMs?: number;
	/** First and longest pause before connecting again. Unit: ms. Defaults: 50 and 2000. */
	readonly reconnectMs?: number;
	readonly reconnectMaxMs?: number;
	/** @internal What carries the messages. Default: ZeroMQ. */
	readonly carrier?: Carrier;
}

/** Opens a link: of a `DEALER`, who asks, or a `ROUTER`, who serves many. */
export type Carrier = (type: "DEALER" | "ROUTER", handler: LinkHandler) => Link;
