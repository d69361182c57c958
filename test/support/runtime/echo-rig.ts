import {
	type Connection,
	type ConnectionOptions,
	connect,
	type HandlerFailure,
	Server,
	type ServerOptions,
} from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "./cleanup.js";
import { type EchoHandlers, echoService } from "./echo.js";

/** Servers of the echo service and connections to them, closed after each test. Call it once in a `describe`. */
export class EchoRig {
	readonly own = closeAfterEach();
	/** What the servers' logs would say. */
	readonly failures: HandlerFailure[] = [];
	readonly #endpoint: () => string;

	constructor(endpoint: () => string) {
		this.#endpoint = endpoint;
		beforeEach(() => {
			this.failures.length = 0;
		});
	}

	/** A server that is not bound yet. */
	server(handlers: EchoHandlers = {}, options: ServerOptions = {}): Server {
		const server = this.own(new Server(options)).add(echoService(handlers));
		server.on("failure", (failure) => this.failures.push(failure));
		return server;
	}

	async serve(handlers: EchoHandlers = {}, options: ServerOptions = {}): Promise<[Server, string]> {
		const server = this.server(handlers, options);
		return [server, await server.bind(this.#endpoint())];
	}

	connect(endpoints: string | readonly string[], options: ConnectionOptions = {}): Connection {
		return this.own(connect(endpoints, options));
	}

	async pair(
		handlers: EchoHandlers = {},
		serverOptions: ServerOptions = {},
		options: ConnectionOptions = {},
	): Promise<[Connection, Server]> {
		const [server, bound] = await this.serve(handlers, serverOptions);
		return [this.connect(bound, options), server];
	}

	/** An endpoint that nobody serves, though somebody did. */
	async deserted(): Promise<string> {
		const [server, endpoint] = await this.serve();
		await server.close();
		return endpoint;
	}
}
