/**
 * One ZMTP connection with one peer: octets in, octets and messages out. No socket, no timer, no pattern.
 *
 * Rules of this file: every change of state goes through `#move` and stands in the table below. A peer's fault ends in
 * `#fail`, which closes this connection and tells the host why; nothing is thrown at whoever brought the octets.
 *
 * Theory of operation: greetings cross, then the mechanism's commands, then traffic. Traffic starts when READY has been
 * sent *and* received (RFC 37; RFC 23 would allow it earlier, but libzmq then breaks the connection).
 */
import { ZmtpError } from "../errors.js";
import { type Limits, maxRoutingIdBytes } from "../limits.js";
import type { Credentials, Decision } from "../mechanism/authentication.js";
import type { HandshakeStep, Mechanism, TrafficCipher } from "../mechanism/mechanism.js";
import {
	type Command,
	decodeCommand,
	decodeErrorReason,
	decodePing,
	encodeCommand,
	encodeError,
	encodePing,
} from "../wire/command.js";
import { FrameReader, type FrameSink } from "../wire/frame-reader.js";
import { encodeCommandFrame } from "../wire/frame-writer.js";
import { encodeGreeting, type Greeting, GreetingReader } from "../wire/greeting.js";
import type { Message } from "../wire/message.js";
import { latin1 } from "../wire/octets.js";
import type { Properties } from "../wire/properties.js";
import { isCompatible, type SocketType } from "../wire/socket-type.js";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.js";
import { Sealer, Unsealer } from "./sealed.js";

export type ConnectionState = "greeting" | "handshake" | "traffic" | "closed";

const successors: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
	greeting: ["handshake", "closed"],
	handshake: ["traffic", "closed"],
	traffic: ["closed"],
	closed: [],
};

/** Who carries the octets and takes the messages. */
export interface ConnectionHost {
	/** Octets of the handshake, to be sent at once. Owned by the host. */
	transmit(octets: Uint8Array): void;
	/** Whether the stream has a PING of its own, which is then used with peers of every version. */
	readonly pingsByItself: boolean;
	/** A PING of ours: a command frame's body, to be queued between messages. Owned by the host. */
	transmitPing(body: Uint8Array): void;
	/** A PONG that the peer asked for, likewise; it may be left out when much else waits for the peer. */
	transmitPong(body: Uint8Array): void;
	/** The peer is to be judged; the answer goes to `authenticated`. Little that it says meanwhile is kept. */
	authenticate(credentials: Credentials): void;
	/** The handshake is done; messages may be sent and will come. Returns an error to refuse the peer. */
	onReady(peer: PeerDescription): ZmtpError | undefined;
	/** One whole message. Borrowed until return. */
	onMessage(message: Message): void;
	/** SUBSCRIBE or CANCEL. `topic` is borrowed until return. */
	onSubscription(isSubscription: boolean, topic: Uint8Array): void;
	/** `tickMs` has changed. */
	onTickChanged(): void;
	/** The peer broke a rule, refused us or fell silent. The host closes the stream; nothing more will come. */
	onFailed(error: ZmtpError): void;
}

/** What the handshake told of the peer. */
export interface PeerDescription {
	readonly socketType: string | undefined;
	/** The Identity property; empty when the peer has none. */
	readonly routingId: Uint8Array;
	readonly properties: Properties;
	/** Whom the authenticator takes the peer for; empty when there is none, or it did not say. */
	readonly userId: string;
	/** What else the authenticator said of the peer. */
	readonly metadata: Properties;
	/** `3.0` or `3.1`. */
	readonly version: string;
	/**
	 * Whether the peer counts equal subscriptions itself, as libzmq does: it sends SUBSCRIBE for each of them and CANCEL
	 * for the last one only, and a CANCEL ends them all there. RFC 37 wants as many CANCELs as SUBSCRIBEs.
	 */
	readonly cancelsOnce: boolean;
}

export interface ConnectionOptions {
	readonly socketType: SocketType;
	readonly limits: Limits;
	readonly heartbeat: HeartbeatOptions;
	/** How long greeting and mechanism may take, absolute. Unit: ms. */
	readonly handshakeTimeoutMs: number;
}

export class Connection implements FrameSink {
	#state: ConnectionState = "greeting";
	readonly #options: ConnectionOptions;
	readonly #mechanism: Mechanism;
	readonly #host: ConnectionHost;
	/** Reads the handshake, and then the traffic; where that is sealed, another one does. */
	#reader: FrameReader;
	/** What all octets go through before the reader, once the traffic is sealed. */
	#unsealer: Unsealer | undefined;
	#greeting: GreetingReader | undefined = new GreetingReader();
	#minor: 0 | 1 = 0;
	#cancelsOnce = false;
	#heartbeat: Heartbeat | undefined;
	#isHalted = false;
	/** Whether the host has still to say what it thinks of the peer. */
	#isJudging = false;
	/** Size of the command with the credentials, which the mechanism keeps meanwhile. */
	#judgedBytes = 0;
	#decision: Decision | undefined;
	/** What all traffic has to go through before it is sent; set when the handshake is done, if at all. */
	sealer: Sealer | undefined;
	readonly #startedAt: number;
	#now: number;

	/** `now`: a monotonic clock's reading in ms, as in all methods that take one. */
	constructor(options: ConnectionOptions, mechanism: Mechanism, host: ConnectionHost, now: number) {
		this.#options = options;
		this.#mechanism = mechanism;
		this.#host = host;
		this.#reader = new FrameReader(this, options.limits);
		this.#startedAt = now;
		this.#now = now;
	}

	get state(): ConnectionState {
		return this.#state;
	}

	/**
	 * Sends the greeting, whole: libzmq sends its own in three steps and waits for our eleventh octet in between, so a
	 * side that waited for the peer first would wait for ever.
	 */
	start(): void {
		this.#host.transmit(encodeGreeting(this.#mechanism.name, this.#mechanism.isServer));
	}

	/** Takes octets that arrived. Owned from here on. */
	receive(chunk: Uint8Array, now: number): void {
		if (this.#state === "closed") return;
		this.#now = now;
		this.#heartbeat?.heard(now);
		const frames = this.#greeting === undefined ? chunk : this.#receiveGreeting(this.#greeting, chunk);
		if (frames !== undefined && frames.length > 0) this.#settle((this.#unsealer ?? this.#reader).push(frames));
		if (this.#isJudging) this.#checkPatience();
	}

	/** Where the octets that come next belong, when that is known: they may be put there and received from there. */
	room(): Uint8Array | undefined {
		return this.#unsealer === undefined ? this.#reader.room() : undefined;
	}

	/** Stops delivering after the message being delivered. Octets that still arrive are kept. */
	halt(): void {
		this.#isHalted = true;
		this.#reader.halt();
	}

	/** Goes on delivering, what was kept first. */
	resume(): void {
		this.#isHalted = false;
		if (this.#state !== "closed" && !this.#isJudging) this.#settle(this.#reader.resume());
	}

	/** Takes the host's answer to `authenticate` and goes on with what was kept. One that comes too late changes nothing. */
	authenticated(decision: Decision, now: number): void {
		if (this.#state === "closed" || !this.#isJudging) return;
		this.#isJudging = false;
		this.#now = now;
		this.#decision = decision;
		try {
			this.#take(this.#mechanism.decided(decision));
		} catch (error) {
			this.#blame(error);
		}
		if (!this.#isHalted) this.resume();
	}

	/** Delivers what had arrived and was kept, halted or not. Called by the host when the stream has ended, before `close`. */
	drain(): void {
		if (this.#state === "traffic") this.#settle(this.#reader.drain());
	}

	/** Nothing more is delivered or transmitted. Called by the host when the stream has ended. */
	close(): void {
		if (this.#state === "closed") return;
		this.#move("closed");
		this.#reader.stop();
		this.#unsealer?.stop();
		this.#mechanism.close();
	}

	/** How often `tick` must be called. Unit: ms. */
	get tickMs(): number {
		if (this.#state === "traffic") return this.#heartbeat?.tickMs ?? Number.POSITIVE_INFINITY;
		return this.#options.handshakeTimeoutMs / 4;
	}

	/** Looks at the clock: the handshake's time, heartbeats. */
	tick(now: number): void {
		if (this.#state === "closed") return;
		if (this.#state === "traffic") {
			this.#beat(now);
		} else if (now - this.#startedAt >= this.#options.handshakeTimeoutMs) {
			this.#fail(
				new ZmtpError(
					"ZMTP_HANDSHAKE_TIMEOUT",
					`the peer did not finish its handshake in ${this.#options.handshakeTimeoutMs} ms`,
				),
			);
		}
	}

	onMessage(message: Message): void {
		this.#host.onMessage(message);
	}

	onCommand(buffer: Uint8Array, start: number, end: number): void {
		if (this.#state === "closed") return;
		try {
			const command = decodeCommand(buffer, start, end);
			if (this.#state === "traffic") {
				this.#obey(command);
			} else {
				this.#judgedBytes = end - start;
				this.#shake(command);
			}
		} catch (error) {
			this.#blame(error);
		}
	}

	/** Returns what of the chunk lies behind the greeting, once that is complete. */
	#receiveGreeting(reader: GreetingReader, chunk: Uint8Array): Uint8Array | undefined {
		try {
			const greeting = reader.push(chunk);
			if (greeting === undefined) return undefined;
			this.#greet(greeting);
			return chunk.subarray(reader.consumed);
		} catch (error) {
			this.#blame(error);
			return undefined;
		}
	}

	#greet(greeting: Greeting): void {
		// Assertive security (RFC 37): both sides name one mechanism, and no other is tried.
		if (greeting.mechanism !== this.#mechanism.name) {
			throw new ZmtpError(
				"ZMTP_MECHANISM_MISMATCH",
				`the peer wants ${greeting.mechanism}, this side ${this.#mechanism.name}`,
			);
		}
		this.#minor = greeting.minor;
		this.#cancelsOnce = greeting.hasLength;
		this.#greeting = undefined;
		this.#move("handshake");
		this.#take(this.#mechanism.start());
	}

	#shake(command: Command): void {
		if (command.name === "ERROR") {
			const reason = decodeErrorReason(command.data);
			// libzmq gives the authenticator's status for a reason.
			const status = /^[345]00$/.test(reason) ? Number(reason) : undefined;
			throw new ZmtpError("ZMTP_PEER_REFUSED", `the peer refused the connection: ${reason}`, { status });
		}
		this.#take(this.#mechanism.receive(command));
	}

	#take(step: HandshakeStep): void {
		// First: a server that does not want the peer says ERROR where its READY would be.
		const peer = step.peerProperties && this.#describe(step.peerProperties);
		if (step.send !== undefined) this.#host.transmit(encodeCommandFrame(step.send));
		if (step.refusal !== undefined) throw step.refusal;
		if (step.authenticate !== undefined) this.#judge(step.authenticate);
		if (peer !== undefined) this.#enterTraffic(peer, step.cipher);
	}

	#judge(credentials: Credentials): void {
		this.#isJudging = true;
		this.#reader.halt();
		this.#host.authenticate(credentials);
	}

	/** Who may not come in yet must not fill the memory with what he has to say: a handshake waits for answers. */
	#checkPatience(): void {
		const { maxCommandBytes } = this.#options.limits;
		if (this.#judgedBytes + this.#reader.keptBytes <= maxCommandBytes) return;
		this.#fail(
			new ZmtpError(
				"ZMTP_COMMAND_TOO_LARGE",
				`the peer sent more than maxCommandBytes ${maxCommandBytes} before it was let in`,
			),
		);
	}

	#enterTraffic(peer: PeerDescription, cipher: TrafficCipher | undefined): void {
		this.#move("traffic");
		const handshake = this.#reader;
		if (cipher !== undefined) this.#seal(cipher);
		this.#reader.acceptsMessages = true;
		const canPing = this.#minor >= 1 || this.#host.pingsByItself;
		this.#heartbeat = new Heartbeat(this.#options.heartbeat, canPing, this.#now);
		this.#host.onTickChanged();
		const refusal = this.#host.onReady(peer);
		if (refusal !== undefined) this.#fail(refusal);
		// What had come behind the handshake, and was kept while the peer was judged.
		if (handshake !== this.#reader) this.#settle(handshake.resume());
	}

	/** From the next octet on what comes is sealed, and what goes is to be. */
	#seal(cipher: TrafficCipher): void {
		this.sealer = new Sealer(cipher);
		const reader = new FrameReader(this, this.#options.limits);
		if (this.#isHalted) reader.halt();
		const unsealer = new Unsealer(cipher, reader, this.#options.limits);
		this.#reader.divert((chunk) => unsealer.push(chunk));
		this.#reader = reader;
		this.#unsealer = unsealer;
	}

	#describe(properties: Properties): PeerDescription {
		const type = properties.get("socket-type");
		const socketType = type === undefined ? undefined : latin1(type, 0, type.length);
		if (socketType !== undefined && !isCompatible(this.#options.socketType, socketType)) {
			// RFC 37, The Socket-Type property: the peer should be told before it is left. Where one side is the server, it alone
			// may (RFC 24, RFC 26).
			if (this.#mechanism.name === "NULL" || this.#mechanism.isServer) {
				this.#host.transmit(encodeCommandFrame(encodeError("Incompatible socket type")));
			}
			throw new ZmtpError(
				"ZMTP_SOCKET_TYPE_MISMATCH",
				`a ${this.#options.socketType} does not talk to a ${printable(socketType)}`,
			);
		}
		const routingId = properties.get("identity") ?? new Uint8Array(0);
		if (routingId.length > maxRoutingIdBytes || routingId[0] === 0) {
			throw new ZmtpError("ZMTP_ROUTING_ID_INVALID", "the peer's routing id is above 255 octets or starts with a zero");
		}
		const { userId = "", metadata = noMetadata } = this.#decision ?? {};
		const version = `3.${this.#minor}`;
		return { socketType, routingId, properties, userId, metadata, version, cancelsOnce: this.#cancelsOnce };
	}

	#obey(command: Command): void {
		if (command.name === "ERROR" || command.name === "READY") {
			throw new ZmtpError("ZMTP_COMMAND_UNEXPECTED", `the peer sent ${command.name} after its handshake`);
		}
		if (command.name === "SUBSCRIBE" || command.name === "CANCEL") {
			this.#host.onSubscription(command.name === "SUBSCRIBE", command.data);
			return;
		}
		// A 3.0 peer has no PING, and commands unknown to us are a newer version's: both are ignored.
		if (command.name === "PING" && this.#minor >= 1) {
			const { ttlMs, context } = decodePing(command.data);
			this.#heartbeat?.obey(ttlMs);
			if (ttlMs > 0) this.#host.onTickChanged();
			this.#host.transmitPong(encodeCommand("PONG", context));
		}
	}

	#beat(now: number): void {
		const heartbeat = this.#heartbeat!;
		const pulse = heartbeat.tick(now, !this.#isHalted);
		if (pulse === "ping") this.#host.transmitPing(encodePing(heartbeat.timeToLiveMs));
		else if (pulse === "expired") this.#fail(new ZmtpError("ZMTP_HEARTBEAT_TIMEOUT", "the peer fell silent"));
	}

	#settle(error: ZmtpError | undefined): void {
		if (error !== undefined) this.#fail(error);
	}

	/** A thrown `ZmtpError` is the peer's fault; anything else is a bug, and not to be hidden. */
	#blame(error: unknown): void {
		if (!(error instanceof ZmtpError)) throw error;
		this.#fail(error);
	}

	#fail(error: ZmtpError): void {
		if (this.#state === "closed") return;
		this.close();
		this.#host.onFailed(error);
	}

	#move(next: ConnectionState): void {
		if (!successors[this.#state].includes(next)) throw new Error(`no way from ${this.#state} to ${next}`);
		this.#state = next;
	}
}

const noMetadata: Properties = new Map();

function printable(text: string): string {
	return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 32);
}
