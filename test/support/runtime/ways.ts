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
	{
		name: "through a queue",
		async serve(own, service, limits) {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 1, ...limits }));
			const { clients, workers } = await queue.start();
			const server = serverOf(own, service, limits);
			await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === 1);
			return [own(connect(clients[0]!, limits)), server];
		},
	},
];
