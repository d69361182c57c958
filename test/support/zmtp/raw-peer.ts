import { createConnection, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { COMMAND, commandFrame, type GreetingParts, MORE, propertiesOf, type RawFrame } from "./frames.js";
import { type RawFraming, zmtpFraming, zwsClient, zwsServer } from "./raw-framing.js";
import { defer } from "./waiting.js";

/** Where Node finds a tcp, ipc or ws endpoint. */
export function addressOf(endpoint: string): NetConnectOpts & { readonly path?: string } {
	const path = /^ipc:\/\/(.+)$/.exec(endpoint)?.[1];
	if (path !== undefined) return { path: path.startsWith("@") ? `\0${path.slice(1)}` : path };
	const { hostname, port } = new URL(endpoint);
	return { host: hostname, port: Number(port), noDelay: true };
}

const asIs = (frame: RawFrame) => frame;

/** A peer that speaks octets, not ZMTP: it says what a test wants, right or wrong, and shows what it was told. */
export class RawPeer {
	readonly socket: Socket;
	readonly #framing: RawFraming;
	/** How what is said is cut into the writes it leaves in. */
	cut: (octets: Uint8Array) => Uint8Array[] = (octets) => [octets];
	/** What the mechanism makes of a frame on its way out, and in, once its handshake is done. */
	seal: (frame: RawFrame) => RawFrame = asIs;
	open: (frame: RawFrame) => RawFrame = asIs;
	/** Resolves when the connection is gone, by whomever. */
	readonly closed: Promise<void>;
	#octets = Buffer.alloc(0);
	#wanted: { readonly size: number; resolve(): void; reject(error: Error): void } | undefined;
	#isClosed = false;

	constructor(socket: Socket, framing = zmtpFraming) {
		this.socket = socket;
		this.#framing = framing;
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
		const socket = createConnection(addressOf(endpoint));
		await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
		return new RawPeer(socket, endpoint.startsWith("ws:") ? zwsClient : zmtpFraming);
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
		await this.greet({ minor: options.minor ?? 1 });
		this.say(commandFrame("READY", propertiesOf(socketType, options.routingId)));
		return this.readFrame();
	}

	/** Exchanges greetings, or what the place has instead. */
	greet(parts: GreetingParts = {}): Promise<void> {
		return this.#framing.greet(this, parts);
	}

	/** Says frames as the mechanism would. */
	say(...frames: readonly RawFrame[]): void {
		this.sayBare(...frames.map(this.seal));
	}

	/** Says frames as they are, in the framing of the place where the peer is. */
	sayBare(...frames: readonly RawFrame[]): void {
		this.write(Buffer.concat(frames.map((frame) => this.#framing.encode(frame))));
	}

	get unread(): number {
		return this.#octets.length;
	}

	write(...chunks: Uint8Array[]): void {
		for (const chunk of chunks) for (const piece of this.cut(chunk)) this.socket.write(piece);
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
		return this.open(await this.#framing.read(this));
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

	/** Leaves at once; a Unix socket knows no RST. */
	reset(): void {
		if (this.socket.remotePort === undefined) this.socket.destroy();
		else this.socket.resetAndDestroy();
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

/** A server whose connections are raw peers. */
export class RawServer {
	readonly endpoint: string;
	readonly #server: Server;
	readonly #arrived: RawPeer[] = [];
	readonly #peers: RawPeer[] = [];
	#waiting: ((peer: RawPeer) => void)[] = [];
	/** When connections came. Unit: ms. */
	readonly arrivals: number[] = [];
	onPeer: (peer: RawPeer) => void = () => {};

	constructor(server: Server, endpoint: string) {
		this.#server = server;
		this.endpoint = endpoint;
		server.on("connection", (socket) => {
			const peer = new RawPeer(socket.setNoDelay(), endpoint.startsWith("ws:") ? zwsServer : zmtpFraming);
			this.arrivals.push(performance.now());
			this.#peers.push(peer);
			this.onPeer(peer);
			const waiting = this.#waiting.shift();
			if (waiting === undefined) this.#arrived.push(peer);
			else waiting(peer);
		});
	}

	/** At a tcp, ipc or ws endpoint; port 0 or `*`: of the system's choice. */
	static async listen(endpoint = "tcp://127.0.0.1:0"): Promise<RawServer> {
		const server = createServer();
		const asked = endpoint.replace(/:\*$/, ":0");
		await new Promise<void>((resolve) => server.listen(addressOf(asked), resolve));
		const address = server.address();
		const port = address !== null && typeof address === "object" ? address.port : 0;
		return new RawServer(server, asked.replace(/:0$/, `:${port}`));
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
