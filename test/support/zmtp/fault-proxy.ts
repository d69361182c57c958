import { createConnection, createServer, type Server, type Socket } from "node:net";
import { addressOf } from "./raw-peer.js";
import { createRandom } from "./seed.js";

/** What happens to the octets of one direction. Names are toxiproxy's, with units. */
export interface Toxics {
	/** latency: each chunk arrives this much later, give or take the jitter, and never before the one in front of it. */
	latencyMs?: number;
	jitterMs?: number;
	/** bandwidth: no faster than this. */
	bytesPerSecond?: number;
	/** slow_close: the end is passed on this much later. */
	slowCloseMs?: number;
	/**
	 * timeout: nothing goes through any more, the end neither, and nobody is told; after so long the connection ends, with
	 * 0 never. Held, not dropped, as TCP would send it again: what waits goes through once the toxic is gone.
	 */
	timeoutMs?: number;
	/** slicer: chunks are cut into pieces of at most so many octets, with a pause between two. */
	slicerBytes?: number;
	slicerDelayMs?: number;
	/** limit_data: the connection ends once so many octets went through. */
	limitDataBytes?: number;
	/** reset_peer: it is reset so long after its next chunk; with `limitDataBytes`, when it ends by that. */
	resetPeerMs?: number;
}

export type Direction = "upstream" | "downstream";

/** Held back before the sender is. Unit: bytes. */
const maxHeldBytes = 256 * 1024;

/** A proxy that mistreats what goes through it, in one process with the test. Toxics may be changed at any time. */
export class FaultProxy {
	connections = 0;
	readonly endpoint: string;
	#upstream: Toxics = {};
	#downstream: Toxics = {};
	readonly #ways = new Set<Way>();
	#server: Server;
	readonly #target: string;
	readonly #sockets = new Set<Socket>();

	constructor(server: Server, target: string) {
		this.#server = server;
		this.#target = target;
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("not listening");
		this.endpoint = `tcp://127.0.0.1:${address.port}`;
		server.on("connection", (near) => this.#join(near));
	}

	/** A proxy in front of a tcp or ipc endpoint. */
	static async to(endpoint: string): Promise<FaultProxy> {
		return new FaultProxy(await listen(0), endpoint);
	}

	/** From those who connect to the proxy. */
	set upstream(toxics: Toxics) {
		this.#upstream = toxics;
		for (const way of this.#ways) way.pump();
	}

	/** Back to them. */
	set downstream(toxics: Toxics) {
		this.#downstream = toxics;
		for (const way of this.#ways) way.pump();
	}

	/** Both directions alike. */
	set toxics(toxics: Toxics) {
		this.upstream = toxics;
		this.downstream = toxics;
	}

	/** reset_peer, now and for every connection. */
	reset(): void {
		for (const socket of this.#sockets) resetSocket(socket);
	}

	/** down: connections end, and no other is accepted until `up`. */
	async down(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	async up(): Promise<void> {
		this.#server = await listen(Number(new URL(this.endpoint).port));
		this.#server.on("connection", (near) => this.#join(near));
	}

	close(): Promise<void> {
		return this.#server.listening ? this.down() : Promise.resolve();
	}

	#join(near: Socket): void {
		this.connections++;
		const far = createConnection({ ...addressOf(this.#target), allowHalfOpen: true });
		near.setNoDelay();
		const up = new Way(near, far, () => this.#upstream, this.connections);
		const down = new Way(far, near, () => this.#downstream, -this.connections);
		for (const [way, socket] of [
			[up, near],
			[down, far],
		] as const) {
			this.#ways.add(way);
			this.#sockets.add(socket);
			socket.on("close", () => {
				this.#ways.delete(way);
				this.#sockets.delete(socket);
			});
		}
	}
}

/** One direction of one connection. */
class Way {
	readonly #from: Socket;
	readonly #to: Socket;
	readonly #toxics: () => Toxics;
	readonly #random: () => number;
	#passed = 0;
	/** What is held back, and when each piece is due. */
	readonly #held: { readonly octets: Buffer; readonly due: number }[] = [];
	#heldBytes = 0;
	#lastDue = 0;
	#timer: NodeJS.Timeout | undefined;
	#cutTimer: NodeJS.Timeout | undefined;
	#hasEnded = false;
	/** The limit was reached: nothing that comes behind may pass, whatever the limit is then. */
	#isFull = false;

	constructor(from: Socket, to: Socket, toxics: () => Toxics, seed: number) {
		this.#from = from;
		this.#to = to;
		this.#toxics = toxics;
		this.#random = createRandom(seed);
		from.on("data", (chunk: Buffer) => this.#take(chunk));
		const end = () => {
			this.#hasEnded = true;
			this.pump();
		};
		from.on("end", end);
		from.on("close", end);
		from.on("error", () => {
			if (this.#toxics().timeoutMs === undefined) resetSocket(to);
		});
		to.on("drain", () => this.pump());
		to.on("close", () => {
			clearTimeout(this.#timer);
			clearTimeout(this.#cutTimer);
			from.destroy();
		});
	}

	#take(chunk: Buffer): void {
		if (this.#isFull) return;
		const { timeoutMs, limitDataBytes, resetPeerMs } = this.#toxics();
		if (timeoutMs !== undefined && timeoutMs > 0) this.#cutAfter(timeoutMs, false);
		const room = (limitDataBytes ?? Number.POSITIVE_INFINITY) - this.#passed;
		this.#passed += chunk.length;
		for (const piece of this.#slice(chunk.subarray(0, Math.max(0, room)))) this.#hold(piece);
		this.pump();
		this.#isFull = chunk.length >= room;
		if (this.#isFull) this.#cutAfter(resetPeerMs ?? 0, resetPeerMs !== undefined);
		else if (resetPeerMs !== undefined && limitDataBytes === undefined) this.#cutAfter(resetPeerMs, true);
	}

	#slice(chunk: Buffer): Buffer[] {
		const { slicerBytes, bytesPerSecond } = this.#toxics();
		// At a tenth of a second's worth at most, so that a slow line flows and does not jump.
		const longest = Math.max(1, Math.min(slicerBytes ?? chunk.length, Math.ceil((bytesPerSecond ?? Infinity) / 10)));
		const pieces: Buffer[] = [];
		for (let at = 0; at < chunk.length; ) {
			const size = slicerBytes === undefined ? longest : 1 + Math.floor(this.#random() * longest);
			pieces.push(chunk.subarray(at, at + size));
			at += size;
		}
		return pieces;
	}

	#hold(octets: Buffer): void {
		const { latencyMs = 0, jitterMs = 0, bytesPerSecond = Infinity, slicerDelayMs = 0 } = this.#toxics();
		const arrival = performance.now() + latencyMs + jitterMs * (2 * this.#random() - 1);
		const due = Math.max(arrival, this.#lastDue + slicerDelayMs + (octets.length / bytesPerSecond) * 1000);
		this.#lastDue = due;
		this.#held.push({ octets, due });
		this.#heldBytes += octets.length;
		if (this.#heldBytes > maxHeldBytes) this.#from.pause();
	}

	/** Passes on what is due, as far as the receiver takes it. */
	pump(): void {
		clearTimeout(this.#timer);
		if (this.#to.destroyed || this.#toxics().timeoutMs !== undefined) return;
		const now = performance.now();
		while (this.#held.length > 0 && this.#held[0]!.due <= now) {
			if (this.#to.writableNeedDrain) return;
			const { octets } = this.#held.shift()!;
			this.#heldBytes -= octets.length;
			this.#to.write(octets);
		}
		if (this.#heldBytes <= maxHeldBytes && this.#from.isPaused()) this.#from.resume();
		if (this.#held.length > 0) this.#timer = setTimeout(() => this.pump(), this.#held[0]!.due - now);
		else if (this.#hasEnded) this.#end();
	}

	#end(): void {
		const { slowCloseMs } = this.#toxics();
		if (slowCloseMs === undefined) this.#to.end();
		else this.#timer = setTimeout(() => this.#to.end(), slowCloseMs);
	}

	#cutAfter(pauseMs: number, isReset: boolean): void {
		this.#cutTimer ??= setTimeout(() => {
			for (const socket of [this.#from, this.#to]) {
				if (isReset) resetSocket(socket);
				else socket.end(() => socket.destroy());
			}
		}, pauseMs);
	}
}

async function listen(port: number): Promise<Server> {
	const server = createServer({ allowHalfOpen: true });
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	return server;
}

/** A Unix socket knows no RST. */
function resetSocket(socket: Socket): void {
	if (socket.destroyed) return;
	if (socket.remotePort === undefined) socket.destroy();
	else socket.resetAndDestroy();
}
