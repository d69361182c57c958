import { createConnection, type Socket } from "node:net";
import { addressOf } from "./raw-peer.js";
import { upgradeRequest } from "./upgrade.js";
import { defer, until } from "./waiting.js";
import { readWebSocketFrames } from "./websocket-frames.js";

/** A client of a WebSocket that says what a test wants, right or wrong. */
export class RawWebSocket {
	readonly socket: Socket;
	readonly closed: Promise<void>;
	#octets: Buffer = Buffer.alloc(0);
	#isClosed = false;

	constructor(socket: Socket) {
		this.socket = socket;
		const closed = defer();
		this.closed = closed.promise;
		socket.on("error", () => {});
		socket.on("data", (chunk: Buffer) => {
			this.#octets = Buffer.concat([this.#octets, chunk]);
		});
		socket.on("close", () => {
			this.#isClosed = true;
			closed.resolve();
		});
	}

	static async connect(endpoint: string): Promise<RawWebSocket> {
		const socket = createConnection(addressOf(endpoint));
		await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
		return new RawWebSocket(socket);
	}

	/** Connects and is let in. */
	static async open(endpoint: string, ...lines: string[]): Promise<RawWebSocket> {
		const peer = await RawWebSocket.connect(endpoint);
		peer.socket.write(upgradeRequest(...lines));
		await peer.readHead();
		return peer;
	}

	/** The head of the server's answer. */
	async readHead(): Promise<string> {
		await until(() => this.#octets.includes("\r\n\r\n") || this.#isClosed);
		const end = this.#octets.indexOf("\r\n\r\n") + 4;
		const head = this.#octets.subarray(0, end).toString();
		this.#octets = this.#octets.subarray(end);
		return head;
	}

	/** The next `count` frames, as `readWebSocketFrames` has them. */
	async readFrames(count: number): Promise<string[]> {
		await until(() => readWebSocketFrames(this.#octets).frames.length >= count || this.#isClosed);
		const { frames, rest } = readWebSocketFrames(this.#octets);
		this.#octets = rest;
		return frames;
	}

	/** The code of the Close frame that the server sent last of all; `undefined` without one. */
	async closeCode(): Promise<number | undefined> {
		await this.closed;
		const last = readWebSocketFrames(this.#octets).frames.at(-1);
		return last?.startsWith("88 ") ? Number.parseInt(last.slice(3, 7), 16) : undefined;
	}
}
