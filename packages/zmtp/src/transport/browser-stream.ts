import { ZmtpError } from "../errors.js";
import { FrameAssembler, type FrameParts, FrameSplitter } from "../wire/frame-parts.js";
import { encodeGreeting } from "../wire/greeting.js";
import { bareProtocol } from "../wire/http-upgrade.js";
import { closeCodeOf, flagsOfZws, zwsOfFlags } from "../wire/websocket.js";
import { BareIncoming, BareOutgoing } from "../wire/zws-bare.js";
import type { ByteStream } from "./transport.js";

/** What is used of the platform's `WebSocket`. */
export interface PlatformSocket {
	binaryType: string;
	/** The one that the server chose. */
	readonly protocol: string;
	readonly bufferedAmount: number;
	onopen: (() => void) | null;
	onmessage: ((event: { readonly data: unknown }) => void) | null;
	onerror: (() => void) | null;
	onclose: (() => void) | null;
	send(message: Uint8Array): void;
	close(code?: number): void;
}

/** From so much on that the platform has not sent, it is waited for. Unit: bytes. */
const bufferedBytes = 256 * 1024;

/** How often is looked, for no event tells. Unit: ms. */
const lookMs = 10;

/** Most octets kept while nobody reads, for a platform cannot be told to stop receiving. Unit: bytes. */
const keptBytes = 16 * 1024 * 1024;

/** How long is waited for a peer that does not read what is left, nor answers a Close. Unit: ms. */
const lastWordsMs = 1000;

const ignore = () => {};

/** Turns frames into messages of ZWS. */
class MessageMaker implements FrameParts {
	readonly #send: (message: Uint8Array) => void;
	#message = new Uint8Array(0);
	#length = 0;

	constructor(send: (message: Uint8Array) => void) {
		this.#send = send;
	}

	begin(flags: number, size: number): void {
		this.#message = new Uint8Array(1 + size);
		this.#message[0] = zwsOfFlags(flags);
		this.#length = 1;
		if (size === 0) this.#send(this.#message);
	}

	body(chunk: Uint8Array, start: number, end: number): void {
		this.#message.set(chunk.subarray(start, end), this.#length);
		this.#length += end - start;
		if (this.#length === this.#message.length) this.#send(this.#message);
	}
}

/** An open WebSocket of the platform, with mechanism NULL or none, as a stream of ZMTP's octets. See `WebSocketStream`. */
export class BrowserStream implements ByteStream {
	readonly remoteAddress: string;
	onData: (chunk: Uint8Array) => void = ignore;
	onDrain: () => void = ignore;
	onClose: (error: ZmtpError | undefined) => void = ignore;

	readonly #socket: PlatformSocket;
	readonly #splitter: FrameSplitter;
	readonly #assembler = new FrameAssembler();
	readonly #incoming: FrameParts;
	#isEnding = false;
	/** At first nobody listens yet. */
	#isPaused = true;
	#kept: Uint8Array[] = [];
	#keptBytes = 0;
	#error: ZmtpError | undefined;
	readonly #gone: Promise<void>;

	constructor(socket: PlatformSocket, remoteAddress: string) {
		this.remoteAddress = remoteAddress;
		this.#socket = socket;
		const isBare = socket.protocol === bareProtocol;
		const outgoing = new MessageMaker((message) => socket.send(message));
		this.#splitter = new FrameSplitter(isBare ? new BareOutgoing(outgoing) : outgoing);
		this.#incoming = isBare ? new BareIncoming(this.#assembler) : this.#assembler;
		socket.onmessage = ({ data }) => this.#receive(data);
		this.#gone = new Promise((resolve) => {
			socket.onclose = () => {
				resolve();
				this.onClose(this.#error);
			};
		});
		this.#deliver(encodeGreeting("NULL", false, 0));
		setTimeout(() => this.resume());
	}

	/** The platform copies what it is given. */
	write(chunks: readonly Uint8Array[]): boolean {
		if (this.#isEnding) return false;
		for (const chunk of chunks) this.#splitter.push(chunk);
		if (this.#socket.bufferedAmount < bufferedBytes) return true;
		setTimeout(() => this.#look(), lookMs);
		return false;
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		const kept = this.#kept;
		this.#kept = [];
		this.#keptBytes = 0;
		for (const chunk of kept) this.#deliver(chunk);
	}

	end(reason?: ZmtpError): Promise<void> {
		this.onData = ignore;
		this.onDrain = ignore;
		this.onClose = ignore;
		this.#close(reason);
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, lastWordsMs);
			void this.#gone.then(() => {
				clearTimeout(timer);
				resolve();
			});
		});
	}

	/** A platform's WebSocket closes in order or not at all; nobody has to wait for that. */
	destroy(): void {
		const { onClose } = this;
		this.onData = ignore;
		this.onDrain = ignore;
		this.onClose = ignore;
		this.#close(undefined);
		setTimeout(() => onClose(undefined));
	}

	#receive(data: unknown): void {
		if (this.#isEnding) return;
		if (typeof data === "string") {
			this.#fail(new ZmtpError("ZMTP_WEBSOCKET_UNSUPPORTED", "the peer sent text; ZWS has binary messages only"));
			return;
		}
		const message = new Uint8Array(data as ArrayBuffer);
		const flags = flagsOfZws(message[0] ?? -1);
		if (flags === undefined) {
			this.#fail(new ZmtpError("ZMTP_WEBSOCKET_MALFORMED", "the peer's message has no octet of ZWS flags"));
			return;
		}
		this.#incoming.begin(flags, message.length - 1);
		if (message.length > 1) this.#incoming.body(message, 1, message.length);
		this.#deliver(this.#assembler.take());
	}

	#deliver(chunk: Uint8Array): void {
		if (!this.#isPaused) {
			this.onData(chunk);
			return;
		}
		this.#kept.push(chunk);
		this.#keptBytes += chunk.length;
		if (this.#keptBytes > keptBytes) {
			this.#fail(new ZmtpError("ZMTP_PEER_TOO_FAST", "more came than is received here, and a browser cannot stop it"));
		}
	}

	#look(): void {
		if (this.#isEnding) return;
		if (this.#socket.bufferedAmount < bufferedBytes) this.onDrain();
		else setTimeout(() => this.#look(), lookMs);
	}

	#fail(error: ZmtpError): void {
		this.#error = error;
		this.#close(error);
	}

	/** Of RFC 6455's own codes pages may say 1000 only; others become those of applications: 1002 is 4002. */
	#close(reason: ZmtpError | undefined): void {
		if (this.#isEnding) return;
		this.#isEnding = true;
		const code = closeCodeOf(reason);
		this.#socket.close(code === 1000 ? code : code + 3000);
	}
}
