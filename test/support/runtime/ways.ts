import { type Connection, connect, Queue, Server, type Service } from "../../../packages/runtime/src/index.js";
import type { closeAfterEach } from "./cleanup.js";
import { anyPort, transports } from "./endpoints.js";

type Own = ReturnType<typeof closeAfterEach>;

/** A way from a caller to a service. What fails at the server is not logged. */
export interface Way {
	readonly name: string;
	serve(own: Own, service: Service): Promise<[connection: Connection, server: Server]>;
}

function serverOf(own: Own, service: Service): Server {
	const server = own(new Server()).add(service);
	server.on("failure", () => {});
	return server;
}

/** Every way that a call can take. */
export const ways: readonly Way[] = [
	...transports.map(({ name, endpoint }) => ({
		name: `directly, over ${name}`,
		async serve(own: Own, service: Service): Promise<[Connection, Server]> {
			const server = serverOf(own, service);
			return [own(connect(await server.bind(endpoint()))), server];
		},
	})),
	{
		name: "through a queue",
		async serve(own, service) {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
			const { clients, workers } = await queue.start();
			const server = serverOf(own, service);
			await server.join(workers[0]!);
			return [own(connect(clients[0]!)), server];
		},
	},
];
