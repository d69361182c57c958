import {
	type Connection,
	type ConnectionOptions,
	Queue,
	type QueueOptions,
	type Server,
	type ServerOptions,
} from "../../../packages/runtime/src/index.js";
import type { EchoHandlers } from "./echo.js";
import { EchoRig } from "./echo-rig.js";
import { anyPort } from "./endpoints.js";
import { until } from "./until.js";

/** Short reconnects: tests wait for them. */
export const fast = { reconnectMs: 5, reconnectMaxMs: 20 };

/** A queue with its workers and clients, closed after each test. Call it once in a `describe`. */
export class QueueRig extends EchoRig {
	queue!: Queue;
	clients!: string;
	workers!: string;
	repWorkers!: string;

	constructor() {
		super(() => anyPort);
	}

	async start(options: Partial<QueueOptions> = {}): Promise<Queue> {
		this.queue = this.own(new Queue({ clients: anyPort, workers: anyPort, repWorkers: anyPort, ...options }));
		const bound = await this.queue.start();
		[this.clients, this.workers, this.repWorkers] = [bound.clients[0]!, bound.workers[0]!, bound.repWorkers[0]!];
		return this.queue;
	}

	/** A worker that has joined. */
	async worker(handlers: EchoHandlers = {}, options: ServerOptions = {}): Promise<Server> {
		const server = this.server(handlers, { ...fast, ...options });
		const before = this.queue.stats().workers.length;
		await server.join(this.workers);
		await until(() => this.queue.stats().workers.length > before);
		return server;
	}

	client(options: ConnectionOptions = {}): Connection {
		return this.connect(this.clients, { ...fast, ...options });
	}
}
