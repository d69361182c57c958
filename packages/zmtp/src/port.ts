/** The synchronous port: peers and messages by callback, for layers that bring their own pattern. */
import { platform } from "#platform";
import type { ZmtpError } from "./errors.js";
import type { Pattern } from "./pattern/pipe.js";
import { Engine } from "./socket/engine.js";
import type { Observer } from "./socket/observer.js";
import { createSettings, type OptionsOf } from "./socket/options.js";
import type { Peer } from "./socket/peer.js";
import { holdProcess, releaseProcess } from "./socket/process-hold.js";
import type { Message } from "./wire/message.js";

export { type CurveKeyPair, curveKeyPair, curvePublicKey } from "./socket/curve-keys.js";
export { Emitter } from "./socket/emitter.js";
export type { AuthenticationAnswer, AuthenticationRequest, Authenticator } from "./socket/gatekeeper.js";
export type { Peer } from "./socket/peer.js";
export type { FrameWriter } from "./wire/frame-writer.js";
export type { Message } from "./wire/message.js";

export type PortOptions = OptionsOf<"DEALER" | "ROUTER">;

/** What happens at a port. None of these may throw. */
export interface PortHandler {
	/** As a pattern's. */
	readonly isRelay?: boolean;
	/** A peer finished its handshake and can be written to. */
	onPeerReady(peer: Peer): void;
	/** Its connection is gone, and what it had not flushed with it. The same peer is ready again after a reconnect. */
	onPeerLost(peer: Peer, error: ZmtpError | undefined): void;
	/** One whole message. Borrowed until return. */
	onMessage(peer: Peer, message: Message): void;
	/** `peer.isWritable` was found false and is true again. */
	onWritable(peer: Peer): void;
}

/**
 * A DEALER or ROUTER on the wire, without its pattern: nothing is queued for receiving, no routing frame is added or
 * taken, peers are addressed as objects. Messages come by callback, nobody waits for them by a call: so the process stays
 * for an open port that has endpoints.
 */
export class Port {
	readonly #engine: Engine;
	#isHolding = false;

	/** `properties`: what READY says beside Socket-Type and Identity; names start with `X-`. */
	constructor(
		type: "DEALER" | "ROUTER",
		options: PortOptions,
		handler: PortHandler,
		properties: readonly (readonly [name: string, value: Uint8Array])[] = [],
	) {
		this.#engine = new Engine(platform, type, createPattern(handler), createSettings(type, options), properties);
	}

	get events(): Observer {
		return this.#engine.events;
	}

	/** Resolves to the endpoint as bound. Rejects as `Socket.bind`. */
	async bind(endpoint: string): Promise<string> {
		const bound = await this.#engine.bind(endpoint);
		this.#hold();
		return bound;
	}

	unbind(endpoint: string): Promise<void> {
		return this.#engine.unbind(endpoint);
	}

	/** Returns the peer that will be ready whenever the connection stands. Throws as `Socket.connect`. */
	connect(endpoint: string): Peer {
		const peer = this.#engine.connect(endpoint);
		this.#hold();
		return peer;
	}

	/** Ends that connection; what was not flushed is lost with it. */
	disconnect(endpoint: string): void {
		this.#engine.disconnect(endpoint, 0);
	}

	/** Resolves when what was committed has left, or `linger` is over, and everything is released. */
	close(): Promise<void> {
		if (this.#isHolding) releaseProcess();
		this.#isHolding = false;
		return this.#engine.close();
	}

	#hold(): void {
		if (this.#isHolding || this.#engine.isClosed) return;
		this.#isHolding = true;
		holdProcess();
	}
}

/** The pattern of having none. Every pipe of an engine is a `Peer`. */
function createPattern(handler: PortHandler): Pattern {
	return {
		needsPeer: true,
		isRelay: handler.isRelay === true,
		attach: (pipe) => {
			handler.onPeerReady(pipe as Peer);
			return undefined;
		},
		detach: (pipe, reason) => handler.onPeerLost(pipe as Peer, reason),
		deliver: (pipe, message) => handler.onMessage(pipe as Peer, message),
		onWritable: (pipe) => handler.onWritable(pipe as Peer),
	};
}
