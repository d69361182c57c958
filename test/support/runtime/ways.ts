import {
	type Connection,
	type ConnectionOptions,
	connect,
	type LinkOptions,
	Queue,
	Server,
	type ServerOptions,
	type Service,
} from "../../../packages/runtime/src/index.js";
import type { closeAfterEach } from "./cleanup.js";
import { anyPort, transports } from "./endpoints.js";
import { until } from "./until.js";

type Own = ReturnType<typeof closeAfterEach>;

/** What is particular of either end. */
export interface Ends {
	readonly server?: ServerOptions;
	readonly client?: ConnectionOptions;
}

/** A way from a caller to a service. What fails at the server is not logged. */
export interface Way {
	readonly name: string;
	/** `limits`: of every hop. */
	serve(
		own: Own,
		service: Service,
		limits?: LinkOptions,
		ends?: Ends,
	): Promise<[connection: Connection, server: Server]>;
}

function serverOf(own: Own, service: Service, limits: LinkOptions | undefined, ends: Ends | undefined): Server {
	const server = own(new Server({ ...limits, ...ends?.server })).add(service);
	server.on("failure", () => {});
	return server;
}

/** Every way that a call can take. */
export const ways: readonly Way[] = [
	...transports.map(({ name, endpoint }) => ({
		name: `directly, over ${name}`,
		async serve(own: Own, service: Service, limits?: LinkOptions, ends?: Ends): Promise<[Connection, Server]> {
			const server = serverOf(own, service, limits, ends);
			return [own(connect(await server.bind(endpoint()), { ...limits, ...ends?.client })), server];
		},
	})),
	...[1, 2].map((queues) => ({
		name: queues === 1 ? "through a queue" : "through two queues",
		async serve(...given: Parameters<Way["serve"]>): Promise<[Connection, Server]> {
			const [connection, server] = await serveBehind(queues, ...given);
			return [connection, server];
		},
	})),
];

/**
 * A server that has joined the last of so many queues in a row, each of which has joined the one before, a client of the first, and where
 * others find that. With no queue the server is bound itself.
 */
export async function serveBehind(
	queues: number,
	own: Own,
	service: Service,
	limits?: LinkOptions,
	ends?: Ends,
): Promise<[connection: Connection, server: Server, entrance: string]> {
	let clients: string | undefined;
	const row: Queue[] = [];
	let upstream: string[] = [];
	while (row.length < queues) {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, upstream, discoveryMs: 1, ...limits }));
		const bound = await queue.start();
		clients ??= bound.clients[0]!;
		upstream = [bound.workers[0]!];
		row.push(queue);
	}
	const server = serverOf(own, service, limits, ends);
	if (queues === 0) clients = await server.bind(anyPort);
	else await server.join(upstream[0]!);
	const { name } = service.descriptor;
	await until(() => row.every((queue) => queue.stats().workers.some(({ services }) => services.includes(name))));
	return [own(connect(clients!, { ...limits, ...ends?.client })), server, clients!];
}
