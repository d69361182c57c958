import {
	type Connection,
	connect,
	Queue,
	type QueueOptions,
	type QueueStats,
	Server,
	type ServerOptions,
	type Service,
} from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "./cleanup.js";
import { type EchoHandlers, echoService } from "./echo.js";
import { anyPort } from "./endpoints.js";
import { fast } from "./queue-rig.js";
import { until } from "./until.js";

/** A queue that runs, and where. */
export interface Running {
	readonly queue: Queue;
	readonly clients: string;
	readonly workers: string;
	stats(): QueueStats;
}

/** Queues that join each other, with servers and clients; closed after each test. Call it once in a `describe`. */
export class ChainRig {
	readonly own = closeAfterEach();

	/** A queue, joined to those in `upstream`. Resolves when these have taken its offer. */
	async queue(upstream: readonly Running[] = [], options: Partial<QueueOptions> = {}): Promise<Running> {
		const queue = this.own(
			new Queue({
				clients: anyPort,
				workers: anyPort,
				upstream: upstream.map(({ workers }) => workers),
				discoveryMs: 1,
				...fast,
				...options,
			}),
		);
		const { clients, workers } = await queue.start();
		await until(() => queue.stats().upstream.every(({ state }) => state === "joined"));
		return { queue, clients: clients[0]!, workers: workers[0]!, stats: () => queue.stats() };
	}

	/** A worker that has joined. */
	async serve(at: Running, service: Service, options: ServerOptions = {}): Promise<Server> {
		const server = this.own(new Server({ ...fast, ...options })).add(service);
		server.on("failure", () => {});
		const before = at.stats().workers.length;
		await server.join(at.workers);
		await until(() => at.stats().workers.length > before);
		return server;
	}

	worker(at: Running, handlers: EchoHandlers = {}, options: ServerOptions = {}): Promise<Server> {
		return this.serve(at, echoService(handlers), options);
	}

	client({ clients }: Running): Connection {
		return this.own(connect(clients, fast));
	}

	/** Waits until a queue knows of `service`, with so much credit of all its workers together. */
	async offered(at: Running, service: string, concurrency: number): Promise<void> {
		await until(() => {
			const serving = at.stats().workers.filter(({ services }) => services.includes(service));
			return serving.reduce((sum, worker) => sum + worker.concurrency, 0) === concurrency;
		}, `${service} is offered ${concurrency} at a time`);
	}
}
