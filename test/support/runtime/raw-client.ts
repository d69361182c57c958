import { Port } from "../../../packages/zmtp/src/port.js";
import { kinds } from "./wire.js";

type Frames = readonly (Uint8Array | string)[];

/** A client that is known as Homing's, and says whatever the test wants, octet by octet. */
export class RawClient {
	readonly #port: Port;
	readonly #peer: ReturnType<Port["connect"]>;
	readonly #endpoint: string;
	readonly #received: Buffer[][] = [];
	/** For its account: how many messages have come, the last of them, and how often the connection was lost. */
	#receivedCount = 0;
	#latest: Buffer[] | undefined;
	#lostCount = 0;
	/** Takes what is received instead of `receive()`, when set. */
	onMessage: ((frames: Buffer[]) => void) | undefined;
	#isReady = false;
	#onChange = () => {};

	/** `takesOctets`: whether it says that it takes octets beside bodies. */
	constructor(endpoint: string, { takesOctets = true } = {}) {
		this.#endpoint = endpoint;
		const handler = {
			onPeerReady: () => {
				this.#isReady = true;
				this.#onChange();
			},
			onPeerLost: () => {
				this.#isReady = false;
				this.#lostCount++;
			},
			onMessage: (_: unknown, message: { readonly count: number; frame(index: number): Uint8Array }) => {
				const frames = Array.from({ length: message.count }, (_, index) => Buffer.from(message.frame(index)));
				this.#receivedCount++;
				this.#latest = frames;
				if (this.onMessage !== undefined) {
					this.onMessage(frames);
					return;
				}
				this.#received.push(frames);
				this.#onChange();
			},
			onWritable: () => {},
		};
		const properties = (takesOctets ? ["X-Homing", "X-Homing-Octets"] : ["X-Homing"]).map(
			(name) => [name, Buffer.from("1")] as const,
		);
		this.#port = new Port("DEALER", { linger: 0 }, handler, properties);
		this.#peer = this.#port.connect(endpoint);
	}

	/** Resolves when it is connected. */
	async ready(): Promise<this> {
		while (!this.#isReady) await this.#changed();
		return this;
	}

	get isConnected(): boolean {
		return this.#isReady;
	}

	send(...frames: Frames): void {
		const writer = this.#peer.begin();
		for (const [index, frame] of frames.entries()) writer.frame(Buffer.from(frame), index < frames.length - 1);
		this.#peer.commit();
	}

	/** Octets that have not left. */
	get queuedBytes(): number {
		return this.#peer.queuedBytes;
	}

	/** Stops reading. */
	pause(): void {
		this.#peer.pause();
	}

	/** The next message. */
	async receive(): Promise<Buffer[]> {
		for (;;) {
			const message = this.#received.shift();
			if (message !== undefined) return message;
			await this.#changed();
		}
	}

	/** The next message with this reply token: what follows it and the delimiter. */
	async answer(token: string | Uint8Array = "token"): Promise<Buffer[]> {
		for (;;) {
			const message = await this.receive();
			if (message[0]!.equals(Buffer.from(token))) return message.slice(2);
		}
	}

	/** The next answer of this kind; whatever comes before it is left out. */
	async answerOf(kind: number, token: string | Uint8Array = "token"): Promise<Buffer[]> {
		for (;;) {
			const frames = await this.answer(token);
			if (frames.length === 2 && frames[0]![0] === kind) return frames;
		}
	}

	/** Makes a call that stays open; returns its route. */
	async open(header: Uint8Array, body: Uint8Array, token: string | Uint8Array = "token"): Promise<Buffer> {
		return (await this.opened(header, body, token)).route;
	}

	/** The same, with what OPEN's flags say. */
	async opened(
		header: Uint8Array,
		body: Uint8Array,
		token: string | Uint8Array = "token",
	): Promise<{ readonly flags: number; readonly route: Buffer }> {
		this.send(token, "", header, body);
		const [open] = await this.answerOf(kinds.OPEN, token);
		return { flags: open![1]!, route: open!.subarray(2) };
	}

	/** How its connection is, what has come over it, and how much of that nobody has asked for. */
	account(): string {
		const state = `${this.#isReady ? "connected" : "not connected"}, lost ${this.#lostCount} times`;
		const latest = this.#latest?.map((frame) => frame.toString("hex", 0, 32) || "(empty)").join(" ") ?? "none";
		const came = `${this.#receivedCount} messages received, ${this.#received.length} of them unread, the last: ${latest}`;
		return `raw client of ${this.#endpoint}: ${state}; ${this.queuedBytes} octets not sent; ${came}`;
	}

	close(): Promise<void> {
		return this.#port.close();
	}

	#changed(): Promise<void> {
		return new Promise((resolve) => {
			this.#onChange = resolve;
		});
	}
}
