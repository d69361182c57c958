import { createConnection, createServer, type Server, type Socket } from "node:net";
import { createRandom } from "./seed.js";

/** What happens to the octets on their way. Names are toxiproxy's. */
export interface Toxics {
	/** Each chunk arrives this much later. Unit: ms. */
	latencyMs?: number;
	/** Chunks are cut into pieces of at most so many octets. Unit: bytes. */
	slicer?: number;
	/** The connection is reset once so many octets went through it, both ways together. Unit: bytes. */
	resetAfter?: number;
	/** Nothing goes through any more, and nobody is told. */
	isBlackHole?: boolean;
}

/** A TCP proxy that mistreats what goes through it, in one process with the test. */
export class FaultProxy {
	toxics: Toxics = {};
	connections = 0;
	readonly #server: Server;
	readonly #target: URL;
	readonly #sockets = new Set<Socket>();

	constructor(server: Server, target: URL) {
		this.#server = server;
		this.#target = target;
		server.on("connection", (near) => this.#join(near));
	}

	/** A proxy in front of a tcp endpoint. */
	static async to(endpoint: string): Promise<FaultProxy> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new FaultProxy(server, new URL(endpoint));
	}

	get endpoint(): string {
		const address = this.#server.address();
		if (address === null || typeof address === "string") throw new Error("not listening");
		return `tcp://127.0.0.1:${address.port}`;
	}

	/** Resets every connection. */
	reset(): void {
		for (const socket of this.#sockets) socket.resetAndDestroy();
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	#join(near: Socket): void {
		this.connections++;
		const far = createConnection({ host: this.#target.hostname, port: Number(this.#target.port), noDelay: true });
		near.setNoDelay();
		const passed = { octets: 0 };
		this.#pipe(near, far, passed);
		this.#pipe(far, near, passed);
	}

	#pipe(from: Socket, to: Socket, passed: { octets: number }): void {
		this.#sockets.add(from);
		const random = createRandom(this.connections);
		from.on("error", () => {});
		from.on("close", () => {
			this.#sockets.delete(from);
			to.destroy();
		});
		from.on("data", (chunk: Buffer) => {
			const { latencyMs, slicer, resetAfter, isBlackHole } = this.toxics;
			if (isBlackHole) return;
			passed.octets += chunk.length;
			if (resetAfter !== undefined && passed.octets > resetAfter) {
				const kept = chunk.length - (passed.octets - resetAfter);
				if (kept > 0) to.write(chunk.subarray(0, kept));
				from.resetAndDestroy();
				to.resetAndDestroy();
				return;
			}
			const deliver = () => {
				if (slicer === undefined) {
					if (!to.write(chunk)) {
						from.pause();
						to.once("drain", () => from.resume());
					}
					return;
				}
				for (let at = 0; at < chunk.length; ) {
					const end = at + 1 + Math.floor(random() * slicer);
					to.write(chunk.subarray(at, end));
					at = end;
				}
			};
			if (latencyMs === undefined) deliver();
			else setTimeout(deliver, latencyMs);
		});
	}
}
