import {
	type Connection,
	connect,
	type LinkOptions,
	Queue,
	Server,
	type Service,
} from "../../../packages/runtime/src/index.js";
import type { closeAfterEach } from "./cleanup.js";
import { anyPort, transports } from "./endpoints.js";
import { until } from "./until.js";

type Own = ReturnType<typeof closeAfterEach>;

/** A way from a caller to a service. What fails at the server is not logged. */
export interface Way {
	readonly name: string;
	/** `limits`: of every hop. */
	serve(own: Own, service: Service, limits?: LinkOptions): Promise<[connection: Connection, server: Server]>;
}

function serverOf(own: Own, service: Service, limits: LinkOptions | undefined): Server {
	const server = own(new Server(limits)).add(service);
	server.on("failure", () => {});
	return server;
}

/** Every way that a call can take. */
export const ways: readonly Way[] = [
	...transports.map(({ name, endpoint }) => ({
		name: `directly, over ${name}`,
		async serve(own: Own, service: Service, limits?: LinkOptions): Promise<[Connection, Server]> {
			const server = serverOf(own, service, limits);
			return [own(connect(await server.bind(endpoint()), limits)), server];
		},
	})),
	{ name: "through a queue", serve: (own, service, limits) => serveBehind(1, own, service, limits) },
	{ name: "through two queues", serve: (own, service, limits) => serveBehind(2, own, service, limits) },
];

/** A server that has joined the last of so many queues in a row, each of which has joined the one before, and a client of the first. */
export async function serveBehind(
	queues: number,
	own: Own,
	service: Service,
	limits?: LinkOptions,
): Promise<[Connection, Server]> {
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
	const server = serverOf(own, service, limits);
	await server.join(upstream[0]!);
	const { name } = service.descriptor;
	await until(() => row.every((queue) => queue.stats().workers.some(({ services }) => services.includes(name))));
	return [own(connect(clients!, limits)), server];
}
