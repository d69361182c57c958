import type { ZmtpError } from "../errors.js";
import { FrameAssembler, FrameSplitter } from "../wire/frame-parts.js";
import { encodeGreeting, greetingBytes } from "../wire/greeting.js";
import { bareProtocol, type Upgrade } from "../wire/http-upgrade.js";
import { releaseSlab } from "../wire/slab.js";
import { CLOSE, closeCodeOf, encodeCloseCode, encodeControl, isCloseCode, PING, PONG } from "../wire/websocket.js";
import { WebSocketReader } from "../wire/websocket-reader.js";
import { WebSocketWriter } from "../wire/websocket-writer.js";
import { BareIncoming, BareOutgoing } from "../wire/zws-bare.js";
import type { ByteStream, StreamOptions } from "./transport.js";

const ignore = () => {};

const noPayload = new Uint8Array(0);

/** Room for the greeting; what else ZMTP's heads take more than a WebSocket's is below a sixty-fourth. Unit: bytes. */
const assemblingBytes = 2 * greetingBytes;

/** What of a WebSocket its side and its socket's options decide. */
export interface WebSocketSide extends Pick<StreamOptions, "mechanism" | "maxFrameBytes" | "maxCommandBytes"> {
	readonly upgrade: Upgrade;
	/** A client's: 32 bits that nobody can foresee, for each frame. */
	readonly nextMask: (() => number) | undefined;
}

/**
 * ZMTP over a WebSocket over another stream (RFC 45, ZWS 2.0), as a stream of ZMTP's octets: to the connection it looks as
 * if the peer had sent a greeting of ZMTP 3.0, which has the commands of the handshake and no others.
 *
 * Until the upgrade is done, what is written waits.
 */
export class WebSocketStream implements ByteStream {
	readonly remoteAddress: string;
	onData: (chunk: Uint8Array) => void = ignore;
	onDrain: () => void = ignore;
	onClose: (error: ZmtpError | undefined) => void = ignore;

	readonly #inner: ByteStream;
	readonly #side: WebSocketSide;
	/** Both ways of an open WebSocket. */
	#codec: { readonly splitter: FrameSplitter; readonly reader: WebSocketReader } | undefined;
	readonly #writer: WebSocketWriter;
	readonly #assembler = new FrameAssembler();
	#isEnding = false;
	#isPaused = false;
	/** Written before the upgrade was done. */
	#early: Uint8Array[] = [];
	/** The inner stream has not taken its last write yet, and these slabs lie in it. */
	#isBlocked = false;
	#slabs: Uint8Array[] = [];
	/** The user was told to wait. */
	#owesDrain = false;
	/** RFC 6455, Pong: of several PINGs only the last needs an answer, so a chunk of them, or a peer that does not read, gets one. */
	#pong: Uint8Array | undefined;

	constructor(inner: ByteStream, side: WebSocketSide) {
		this.remoteAddress = inner.remoteAddress;
		this.#inner = inner;
		this.#side = side;
		this.#writer = new WebSocketWriter(side.nextMask);
		inner.onData = (chunk) => this.#receive(chunk);
		inner.onDrain = () => this.#drained();
		inner.onClose = (error) => this.onClose(error);
		if (side.upgrade.request !== undefined) this.#send(side.upgrade.request);
	}

	write(chunks: readonly Uint8Array[]): boolean {
		if (this.#isEnding) return false;
		if (this.#codec === undefined) {
			this.#early.push(...chunks);
			this.#owesDrain = true;
			return false;
		}
		for (const chunk of chunks) this.#codec.splitter.push(chunk);
		const pending = this.#writer.pending();
		if (pending.length === 0 || this.#inner.write(pending)) {
			this.#writer.sent();
			return true;
		}
		this.#slabs.push(...this.#writer.detach());
		this.#isBlocked = true;
		this.#owesDrain = true;
		return false;
	}

	/** RFC 6455, Ping. libzmq's PONG is empty whatever is asked, so nothing is. */
	ping(): void {
		if (this.#codec !== undefined && !this.#isEnding && !this.#isBlocked) this.#sendControl(PING, noPayload);
	}

	trust(): void {
		const reader = this.#codec!.reader;
		if (!reader.isHeld) {
			reader.trust(1 + this.#side.maxFrameBytes);
			return;
		}
		// In a later turn: the connection that says so may be in the middle of what it was given.
		setTimeout(() => {
			if (this.#isEnding) return;
			this.#hand(reader.trust(1 + this.#side.maxFrameBytes));
			if (!this.#isPaused) this.#inner.resume();
		});
	}

	pause(): void {
		this.#isPaused = true;
		this.#inner.pause();
	}

	resume(): void {
		this.#isPaused = false;
		if (this.#codec?.reader.isHeld !== true) this.#inner.resume();
	}

	end(reason?: ZmtpError): Promise<void> {
		this.onData = ignore;
		this.onDrain = ignore;
		this.onClose = ignore;
		return this.#end(encodeCloseCode(closeCodeOf(reason)));
	}

	destroy(): void {
		this.#inner.destroy();
	}

	#receive(chunk: Uint8Array): void {
		if (this.#isEnding) return;
		if (this.#codec !== undefined) {
			this.#read(chunk, this.#codec.reader);
			return;
		}
		const upgraded = this.#side.upgrade.push(chunk);
		if (upgraded === undefined) return;
		if (upgraded.reply !== undefined) this.#send(upgraded.reply);
		if ("error" in upgraded) this.#fail(upgraded.error);
		else this.#open(upgraded.protocol, upgraded.rest);
	}

	#open(protocol: string, rest: Uint8Array): void {
		const isBare = protocol === bareProtocol;
		const reader = new WebSocketReader(
			this.#side.nextMask === undefined,
			1 + this.#side.maxCommandBytes,
			isBare ? new BareIncoming(this.#assembler) : this.#assembler,
			this,
		);
		this.#codec = { splitter: new FrameSplitter(isBare ? new BareOutgoing(this.#writer) : this.#writer), reader };
		const early = this.#early;
		this.#early = [];
		this.write(early);
		// As from libzmq: here nothing tells it from others, and the one thing that it is told by (CANCEL only once) suits all.
		this.#assembler.append(encodeGreeting(this.#side.mechanism, false, 0, true));
		this.#read(rest, reader);
		if (!this.#isBlocked) this.#drained();
	}

	#read(chunk: Uint8Array, reader: WebSocketReader): void {
		this.#assembler.expectedBytes = chunk.length + (chunk.length >> 6) + assemblingBytes;
		this.#hand(reader.push(chunk));
		if (reader.isHeld) this.#inner.pause();
	}

	/** Hands on what the last chunk brought, and its fault. */
	#hand(error: ZmtpError | undefined): void {
		if (!this.#isBlocked) this.#answer();
		// An empty chunk as well: a control frame is a sign of life.
		this.onData(this.#assembler.take());
		if (error !== undefined) this.#fail(error);
	}

	onControl(opcode: number, payload: Uint8Array): void {
		if (opcode === PING) {
			this.#pong = payload;
		} else if (opcode === CLOSE) {
			this.#leave(isCloseCode(payload) ? payload.subarray(0, 2) : encodeCloseCode(1002), undefined);
		}
	}

	#answer(): void {
		const pong = this.#pong;
		this.#pong = undefined;
		if (pong !== undefined && !this.#isEnding) this.#sendControl(PONG, pong);
	}

	#sendControl(opcode: number, payload: Uint8Array): void {
		this.#send(encodeControl(opcode, payload, this.#side.nextMask?.()));
	}

	#send(octets: Uint8Array): void {
		if (!this.#inner.write([octets])) this.#isBlocked = true;
	}

	#drained(): void {
		this.#isBlocked = false;
		for (const slab of this.#slabs) releaseSlab(slab);
		this.#slabs = [];
		this.#answer();
		if (!this.#owesDrain || this.#codec === undefined) return;
		this.#owesDrain = false;
		if (!this.#isEnding) this.onDrain();
	}

	#fail(error: ZmtpError): void {
		this.#leave(encodeCloseCode(closeCodeOf(error)), error);
	}

	/** Ends by its own resolve, and says so when the stream below is gone. */
	#leave(closePayload: Uint8Array, error: ZmtpError | undefined): void {
		if (this.#isEnding) return;
		void this.#end(closePayload).then(() => this.onClose(error));
	}

	#end(closePayload: Uint8Array): Promise<void> {
		if (!this.#isEnding && this.#codec !== undefined) this.#sendControl(CLOSE, closePayload);
		this.#isEnding = true;
		return this.#inner.end();
	}
}
