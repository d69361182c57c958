import { createConnection, createServer, type Server, type Socket } from "node:net";
import { COMMAND, greeting, LONG, MORE, ready } from "./frames.js";
import { defer } from "./waiting.js";

/** A frame as it was on the wire. */
export interface RawFrame {
	readonly flags: number;
	readonly body: Buffer;
}

/** A peer that speaks octets, not ZMTP: it says what a test wants, right or wrong, and shows what it was told. */
export class RawPeer {
	readonly socket: Socket;
	/** Resolves when the connection is gone, by whomever. */
	readonly closed: Promise<void>;
	#octets = Buffer.alloc(0);
	#wanted: { readonly size: number; resolve(): void; reject(error: Error): void } | undefined;
	#isClosed = false;

	constructor(socket: Socket) {
		this.socket = socket;
		const closed = defer();
		this.closed = closed.promise;
		// A reset is one of the ways to be closed.
		socket.on("error", () => {});
		socket.on("data", (chunk: Buffer) => {
			this.#octets = Buffer.concat([this.#octets, chunk]);
			this.#serve();
		});
		socket.on("close", () => {
			this.#isClosed = true;
			closed.resolve();
			this.#serve();
		});
	}

	static async connect(endpoint: string): Promise<RawPeer> {
		const { port } = new URL(endpoint);
		const socket = createConnection({ host: "127.0.0.1", port: Number(port), noDelay: true });
		await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
		return new RawPeer(socket);
	}

	/** Connects and shakes hands; `told`: what the product said in its READY. */
	static async ready(
		endpoint: string,
		socketType: string,
		options: { routingId?: Uint8Array | string; minor?: number } = {},
	): Promise<RawPeer> {
		const peer = await RawPeer.connect(endpoint);
		await peer.shakeHands(socketType, options);
		return peer;
	}

	async shakeHands(
		socketType: string,
		options: { routingId?: Uint8Array | string; minor?: number } = {},
	): Promise<RawFrame> {
		this.write(greeting({ minor: options.minor ?? 1 }));
		await this.read(64);
		this.write(ready(socketType, options.routingId));
		return this.readFrame();
	}

	get unread(): number {
		return this.#octets.length;
	}

	write(...chunks: Uint8Array[]): void {
		for (const chunk of chunks) this.socket.write(chunk);
	}

	/** The next `size` octets. Rejects when the connection ends before. */
	async read(size: number): Promise<Buffer> {
		if (this.#octets.length < size) {
			await new Promise<void>((resolve, reject) => {
				this.#wanted = { size, resolve, reject };
				this.#serve();
			});
		}
		const taken = this.#octets.subarray(0, size);
		this.#octets = this.#octets.subarray(size);
		return taken;
	}

	async readFrame(): Promise<RawFrame> {
		const flags = (await this.read(1))[0]!;
		const size = (flags & LONG) === 0 ? (await this.read(1))[0]! : Number((await this.read(8)).readBigUInt64BE());
		return { flags, body: await this.read(size) };
	}

	/** The next message as texts; commands before it are skipped. */
	async readMessage(): Promise<string[]> {
		const texts: string[] = [];
		for (;;) {
			const { flags, body } = await this.readFrame();
			if ((flags & COMMAND) !== 0) continue;
			texts.push(body.toString());
			if ((flags & MORE) === 0) return texts;
		}
	}

	/** The next command as text; messages before it are skipped. */
	async readCommand(): Promise<string> {
		for (;;) {
			const { flags, body } = await this.readFrame();
			if ((flags & COMMAND) !== 0) return body.toString("latin1");
		}
	}

	/** Says that nothing more will come, and leaves. */
	end(): void {
		this.socket.end();
	}

	reset(): void {
		this.socket.resetAndDestroy();
	}

	close(): Promise<void> {
		this.socket.destroy();
		return this.closed;
	}

	#serve(): void {
		const wanted = this.#wanted;
		if (wanted === undefined) return;
		if (this.#octets.length >= wanted.size) {
			this.#wanted = undefined;
			wanted.resolve();
		} else if (this.#isClosed) {
			this.#wanted = undefined;
			wanted.reject(new Error(`the connection ended ${wanted.size - this.#octets.length} octets too early`));
		}
	}
}

/** A TCP server whose connections are raw peers. */
export class RawServer {
	readonly #server: Server;
	readonly #arrived: RawPeer[] = [];
	readonly #peers: RawPeer[] = [];
	#waiting: ((peer: RawPeer) => void)[] = [];
	/** When connections came. Unit: ms. */
	readonly arrivals: number[] = [];
	onPeer: (peer: RawPeer) => void = () => {};

	constructor(server: Server) {
		this.#server = server;
		server.on("connection", (socket) => {
			const peer = new RawPeer(socket.setNoDelay());
			this.arrivals.push(performance.now());
			this.#peers.push(peer);
			this.onPeer(peer);
			const waiting = this.#waiting.shift();
			if (waiting === undefined) this.#arrived.push(peer);
			else waiting(peer);
		});
	}

	static async listen(port = 0): Promise<RawServer> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
		return new RawServer(server);
	}

	get endpoint(): string {
		const address = this.#server.address();
		if (address === null || typeof address === "string") throw new Error("not listening");
		return `tcp://127.0.0.1:${address.port}`;
	}

	/** The next connection. */
	accept(): Promise<RawPeer> {
		const peer = this.#arrived.shift();
		return peer === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(peer);
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const peer of this.#peers) peer.socket.destroy();
		await closed;
	}
}
