import { client } from "./protocol.js";
import { zmq } from "./zeromq.js";

/** How long a reply may take before it is asked for again. Unit: ms. */
const patienceMs = 1500;

/** One who asks, one question at a time. A question whose worker died is asked again, on a new socket: a REQ waits for ever. */
export class Client {
	readonly #endpoint: string;
	#socket = this.#open();
	/** Questions asked again so far. */
	repeated = 0;

	constructor(endpoint: string) {
		this.#endpoint = endpoint;
		this.#socket.connect(endpoint);
	}

	async ask(service: string, question: string): Promise<string> {
		for (;;) {
			await this.#socket.send([client, service, question]);
			try {
				const [, answer] = await this.#socket.receive();
				return String(answer);
			} catch (error) {
				if ((error as { code?: string }).code !== "EAGAIN") throw error;
				this.repeated++;
				this.#socket.close();
				this.#socket = this.#open();
				this.#socket.connect(this.#endpoint);
			}
		}
	}

	close(): void {
		this.#socket.close();
	}

	#open() {
		return new zmq.Request({ receiveTimeout: patienceMs, linger: 0 });
	}
}
