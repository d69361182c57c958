import {
	Connection,
	type ConnectionHost,
	type ConnectionOptions,
	type PeerDescription,
} from "../../../packages/zmtp/src/connection/connection.js";
import type { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import { defaultLimits } from "../../../packages/zmtp/src/limits.js";
import type { Credentials } from "../../../packages/zmtp/src/mechanism/authentication.js";
import type { Mechanism } from "../../../packages/zmtp/src/mechanism/mechanism.js";
import { NullMechanism } from "../../../packages/zmtp/src/mechanism/null.js";
import type { Message } from "../../../packages/zmtp/src/wire/message.js";
import type { SocketType } from "../../../packages/zmtp/src/wire/socket-type.js";
import { greeting, hexOf, ready, textOf } from "./frames.js";

export interface HostOptions extends Partial<Omit<ConnectionOptions, "socketType">> {
	readonly socketType?: SocketType;
	/** What `onReady` answers. */
	readonly refusal?: ZmtpError;
	/** Whether messages are written down as hex. */
	readonly showsHex?: boolean;
	/** NULL unless given. */
	readonly mechanism?: Mechanism;
}

/** A connection under a clock of our own, and all that it told its host, in order. */
export class RecordingHost implements ConnectionHost {
	readonly pingsByItself = false;
	readonly connection: Connection;
	/** `authenticate MECHANISM`, `ready`, `message a|b`, `ping`, `pong hex`, `failed CODE`. */
	readonly events: string[] = [];
	transmitted = Buffer.alloc(0);
	peer: PeerDescription | undefined;
	/** What the connection asked to have judged; answer with `connection.authenticated`. */
	credentials: Credentials | undefined;
	now = 1000;
	#tickedAt = this.now;
	readonly #refusal: ZmtpError | undefined;
	readonly #showsHex: boolean;

	constructor(options: HostOptions = {}) {
		const { socketType = "DEALER", refusal, showsHex = false, mechanism, ...rest } = options;
		this.#showsHex = showsHex;
		this.#refusal = refusal;
		this.connection = new Connection(
			{
				socketType,
				limits: defaultLimits,
				heartbeat: { intervalMs: 0, timeoutMs: 0, timeToLiveMs: 0 },
				handshakeTimeoutMs: 30_000,
				...rest,
			},
			mechanism ?? new NullMechanism([["Socket-Type", Buffer.from(socketType)]]),
			this,
			this.now,
		);
		this.connection.start();
	}

	/** A host whose handshake with a peer of this type is done. */
	static ready(options: HostOptions = {}, peerType = "ROUTER", minor = 1): RecordingHost {
		const host = new RecordingHost(options);
		host.receive(greeting({ minor }), ready(peerType));
		if (host.connection.state !== "traffic") throw new Error(`not ready: ${host.events}`);
		host.events.length = 0;
		host.transmitted = Buffer.alloc(0);
		return host;
	}

	receive(...chunks: Uint8Array[]): void {
		for (const chunk of chunks) this.connection.receive(chunk, this.now);
	}

	/** Lets time go by, ticking as often as the connection wants. */
	pass(ms: number): void {
		const end = this.now + ms;
		while (this.connection.state !== "closed") {
			const next = this.#tickedAt + this.connection.tickMs;
			if (next > end) break;
			this.now = Math.max(this.now, next);
			this.#tickedAt = this.now;
			this.connection.tick(this.now);
		}
		this.now = end;
	}

	transmit(octets: Uint8Array): void {
		this.transmitted = Buffer.concat([this.transmitted, octets]);
	}

	transmitPing(body: Uint8Array): void {
		this.events.push(`ping ${Buffer.from(body.subarray(5)).toString("hex")}`);
	}

	transmitPong(body: Uint8Array): void {
		this.events.push(`pong ${Buffer.from(body.subarray(5)).toString("hex")}`);
	}

	authenticate(credentials: Credentials): void {
		this.credentials = credentials;
		this.events.push(`authenticate ${credentials.mechanism}`);
	}

	onReady(peer: PeerDescription): ZmtpError | undefined {
		this.peer = peer;
		this.events.push("ready");
		return this.#refusal;
	}

	onMessage(message: Message): void {
		if (this.#showsHex) {
			this.events.push(`message ${hexOf(message).join(",")}`);
			return;
		}
		const frames = Array.from({ length: message.count }, (_, index) => message.frame(index));
		this.events.push(`message ${textOf(frames).join("|")}`);
	}

	onSubscription(isSubscription: boolean, topic: Uint8Array): void {
		this.events.push(`${isSubscription ? "subscribe" : "cancel"} ${Buffer.from(topic)}`);
	}

	onTickChanged(): void {}

	onFailed(error: ZmtpError): void {
		this.events.push(`failed ${error.code}`);
	}
}
