import { createHash } from "node:crypto";
import type { SocketType } from "../../../packages/zmtp/src/wire/socket-type.js";

export type Type = SocketType;

/** A frame to be made: its size, and the text whose SHA-256 is repeated to fill it. */
export type FrameSpec = readonly [size: number, seed: string];
/** A frame as it was received. */
export type FrameSum = readonly [size: number, sha256: string];

/** Frames given as they are, then frames to be made. */
export interface MessageSpec {
	readonly envelope: readonly Uint8Array[];
	readonly frames: readonly FrameSpec[];
}

export interface Received {
	readonly frames: readonly FrameSum[];
	/** The first 300 octets of the first frame. */
	readonly first: Buffer;
}

/** Options as zeromq.js names them, the same on every side. */
export type Options = Readonly<Record<string, number | boolean | string | Uint8Array>>;

/** How peers are judged, by mechanism and credentials with spaces between them, keys in Z85; anybody else: 400. */
export type ZapRules = Readonly<
	Record<string, readonly [status: "200" | "300" | "400" | "500", text: string, userId: string]>
>;

/** An implementation of ZeroMQ sockets that a test can tell what to do: ours, or libzmq in a process of its own. */
export interface Side {
	readonly name: string;
	start(): Promise<void>;
	stop(): Promise<void>;
	/** Gives all servers opened from now on a ZAP handler. */
	zap(rules: ZapRules): Promise<void>;
	/** Waiting calls of the socket end after ten seconds unless the options say otherwise. */
	open(type: Type, options?: Options): Promise<SideSocket>;
}

export interface SideSocket {
	bind(endpoint: string): Promise<string>;
	connect(endpoint: string): Promise<void>;
	unbind(endpoint: string): Promise<void>;
	disconnect(endpoint: string): Promise<void>;
	/** SUB by its method, XSUB by a message. */
	subscribe(topic: Uint8Array): Promise<void>;
	unsubscribe(topic: Uint8Array): Promise<void>;
	/** A ROUTER waits until the peer that it names is there. */
	send(envelope: readonly Uint8Array[], frames: readonly FrameSpec[]): Promise<void>;
	sendAll(messages: readonly MessageSpec[]): Promise<void>;
	receive(): Promise<Received>;
	/** The next `count` messages but for those that are the one frame `skip`. */
	receiveAll(count: number, skip?: Uint8Array): Promise<Received[]>;
	/** Sends every message back as it is, until closed. */
	echo(): Promise<void>;
	/** Sends one frame again and again, until told to do something else. */
	beacon(frame: Uint8Array): Promise<void>;
	/** Relays to and from another socket of the same side; both are the proxy's from then on, and closed with the first. */
	proxy(back: SideSocket): Promise<void>;
	/** Lets the socket see that peers have left: libzmq's look only while they are used. */
	notice(): Promise<void>;
	close(): Promise<void>;
}

export function bodyOf([size, seed]: FrameSpec): Buffer {
	return Buffer.alloc(size, createHash("sha256").update(seed).digest());
}

export function sumOf(frame: Uint8Array): FrameSum {
	return [frame.length, createHash("sha256").update(frame).digest("hex")];
}

/** What of a message arrives. */
export function sumsOf({ envelope, frames }: MessageSpec): FrameSum[] {
	return [...envelope, ...frames.map(bodyOf)].map(sumOf);
}

/** What any socket is opened with. */
export function optionsOf(type: Type, options: Options): Options {
	const all = { linger: 0, receiveTimeout: 10_000, ...(type === "ROUTER" ? { mandatory: true } : {}), ...options };
	const { receiveTimeout, ...others } = all;
	return type === "PUB" || type === "PUSH" ? others : all;
}

/** A PING every `ms` of silence, with a TTL. */
export function heartbeats(ms: number): Options {
	return { heartbeatInterval: ms, heartbeatTimeout: ms * 4, heartbeatTimeToLive: ms * 8 };
}

/** RFC 29: a subscription as XSUB sends it and XPUB receives it. */
export function subscription(isOn: boolean, topic: Uint8Array): Buffer {
	return Buffer.concat([Buffer.of(isOn ? 1 : 0), topic]);
}
