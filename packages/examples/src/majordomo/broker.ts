import {
	client,
	DISCONNECT,
	HEARTBEAT,
	heartbeatMs,
	liveness,
	READY,
	REPLY,
	REQUEST,
	textOf,
	worker,
} from "./protocol.js";
import { type Router, zmq } from "./zeromq.js";

type Frames = readonly Uint8Array[];

interface Worker {
	readonly id: Uint8Array;
	readonly service: Service;
	expiresAt: number;
}

/** What waits for each other: requests with their clients, and workers, the one that has waited longest first. */
interface Service {
	readonly requests: { readonly client: Uint8Array; readonly body: Frames }[];
	readonly idle: Set<Worker>;
}

/** Gives each request to a worker of its service, one at a time, and forgets workers that fall silent. */
export class Broker {
	readonly #socket: Router = new zmq.Router({ linger: 0 });
	readonly #services = new Map<string, Service>();
	readonly #workers = new Map<string, Worker>();
	/** Workers that fell silent so far. */
	expired = 0;
	#onJoined = () => {};

	/** Returns the endpoint with the port that the system chose. */
	async bind(endpoint: string): Promise<string> {
		await this.#socket.bind(endpoint);
		return this.#socket.lastEndpoint ?? endpoint;
	}

	/** Resolves when so many workers are there. */
	async joined(count: number): Promise<void> {
		while (this.#workers.size < count) await new Promise<void>((resolve) => (this.#onJoined = resolve));
	}

	/** Resolves when the broker is closed. */
	async run(): Promise<void> {
		const timer = setInterval(() => this.#beat(), heartbeatMs);
		for await (const [id, , sender, ...frames] of this.#socket) {
			if (textOf(sender) === client) this.#onRequest(id!, textOf(frames[0]), frames.slice(1));
			else if (textOf(sender) === worker) await this.#onWorker(id!, textOf(frames[0]), frames.slice(1));
		}
		clearInterval(timer);
	}

	close(): void {
		this.#socket.close();
	}

	#onRequest(id: Uint8Array, name: string, body: Frames): void {
		const service = this.#service(name);
		service.requests.push({ client: id, body });
		void this.#dispatch(service);
	}

	async #onWorker(id: Uint8Array, command: string, frames: Frames): Promise<void> {
		const known = this.#workers.get(textOf(id));
		if (command === READY && known === undefined) {
			const added: Worker = { id, service: this.#service(textOf(frames[0])), expiresAt: 0 };
			this.#workers.set(textOf(id), added);
			this.#rest(added);
			this.#onJoined();
		} else if (known === undefined || command === READY) {
			// It was taken for dead, or a broker before this one knew it: it is to begin anew.
			await this.#tell(id, DISCONNECT);
		} else if (command === REPLY) {
			const [address, , ...body] = frames;
			await this.#socket.send([address!, null, client, ...body]);
			this.#rest(known);
		} else if (command === DISCONNECT) {
			this.#forget(known);
		}
		if (known !== undefined) known.expiresAt = Date.now() + heartbeatMs * liveness;
	}

	#rest(idle: Worker): void {
		idle.expiresAt = Date.now() + heartbeatMs * liveness;
		idle.service.idle.add(idle);
		void this.#dispatch(idle.service);
	}

	async #dispatch({ requests, idle }: Service): Promise<void> {
		for (const next of idle) {
			const request = requests.shift();
			if (request === undefined) return;
			idle.delete(next);
			await this.#tell(next.id, REQUEST, request.client, null, ...request.body);
		}
	}

	#beat(): void {
		for (const known of this.#workers.values()) {
			if (known.expiresAt < Date.now()) {
				this.expired++;
				this.#forget(known);
			} else {
				void this.#tell(known.id, HEARTBEAT);
			}
		}
	}

	#forget(known: Worker): void {
		this.#workers.delete(textOf(known.id));
		known.service.idle.delete(known);
	}

	#tell(id: Uint8Array, command: string, ...frames: (Uint8Array | null)[]): Promise<void> {
		return this.#socket.send([id, null, worker, command, ...frames]);
	}

	#service(name: string): Service {
		const service = this.#services.get(name) ?? { requests: [], idle: new Set() };
		this.#services.set(name, service);
		return service;
	}
}
