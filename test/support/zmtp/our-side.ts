import { setTimeout as delay } from "node:timers/promises";
import {
	type Authenticator,
	Dealer,
	Pair,
	Proxy,
	Publisher,
	Pull,
	Push,
	type Readable,
	Reply,
	Request,
	Router,
	type Socket,
	Subscriber,
	type Writable,
	XPublisher,
	XSubscriber,
	type ZmtpError,
} from "../../../packages/zmtp/src/index.js";
import {
	bodyOf,
	type MessageSpec,
	type Options,
	optionsOf,
	type Received,
	type Side,
	type SideSocket,
	subscription,
	sumOf,
	type Type,
	type ZapRules,
} from "./side.js";

/** Any of them; what one cannot do the tests do not ask of it. */
type AnySocket = Socket & Readable & Writable & Pick<Subscriber, "subscribe" | "unsubscribe">;

const classes = {
	DEALER: Dealer,
	PAIR: Pair,
	PUB: Publisher,
	PULL: Pull,
	PUSH: Push,
	REP: Reply,
	REQ: Request,
	ROUTER: Router,
	SUB: Subscriber,
	XPUB: XPublisher,
	XSUB: XSubscriber,
};

class Ours implements Side {
	readonly name = "ours";
	#authenticator: Authenticator | null = null;

	async start(): Promise<void> {}

	/** Its sockets are closed one by one; what is left is the handler. */
	async stop(): Promise<void> {
		this.#authenticator = null;
	}

	async zap(rules: ZapRules): Promise<void> {
		this.#authenticator = ({ mechanism, username, password, publicKey }) => {
			const credentials = mechanism === "PLAIN" ? [username, password] : [publicKey];
			const [status, text, userId] = rules[[mechanism, ...credentials].join(" ")] ?? ["400", "unknown", ""];
			return { status: Number(status) as 200 | 300 | 400 | 500, text, userId };
		};
	}

	async open(type: Type, options: Options = {}): Promise<SideSocket> {
		const isServer = options["plainServer"] === true || options["curveServer"] === true;
		const socket: Socket = new classes[type]({
			...optionsOf(type, options),
			...(isServer ? { authenticator: this.#authenticator } : {}),
		});
		return new OurSocket(type, socket as AnySocket);
	}
}

export const ours = new Ours();

class OurSocket implements SideSocket {
	readonly #type: Type;
	readonly #socket: AnySocket;
	/** Resolves when the proxy that has this socket is over. */
	#over: Promise<void> | undefined;
	#stopBeacon: () => Promise<void> = async () => {};

	constructor(type: Type, socket: AnySocket) {
		this.#type = type;
		this.#socket = socket;
	}

	async bind(endpoint: string): Promise<string> {
		await this.#socket.bind(endpoint);
		return this.#socket.lastEndpoint!;
	}

	async connect(endpoint: string): Promise<void> {
		this.#socket.connect(endpoint);
	}

	async unbind(endpoint: string): Promise<void> {
		await this.#socket.unbind(endpoint);
	}

	async disconnect(endpoint: string): Promise<void> {
		this.#socket.disconnect(endpoint);
	}

	async subscribe(topic: Uint8Array): Promise<void> {
		if (this.#type === "XSUB") await this.#socket.send(subscription(true, topic));
		else this.#socket.subscribe(Buffer.from(topic));
	}

	async unsubscribe(topic: Uint8Array): Promise<void> {
		if (this.#type === "XSUB") await this.#socket.send(subscription(false, topic));
		else this.#socket.unsubscribe(Buffer.from(topic));
	}

	send(envelope: MessageSpec["envelope"], frames: MessageSpec["frames"]): Promise<void> {
		return this.sendAll([{ envelope, frames }]);
	}

	async sendAll(messages: readonly MessageSpec[]): Promise<void> {
		await this.#stopBeacon();
		for (const { envelope, frames } of messages) {
			await this.#sendToPeer([...envelope.map((part) => Buffer.from(part)), ...frames.map(bodyOf)]);
		}
	}

	/** A mandatory ROUTER says EHOSTUNREACH until its peer is there. */
	async #sendToPeer(frames: Buffer[]): Promise<void> {
		for (const end = performance.now() + 10_000; ; ) {
			try {
				return await this.#socket.send(frames);
			} catch (error) {
				if ((error as ZmtpError).code !== "EHOSTUNREACH" || performance.now() > end) throw error;
				await delay(2);
			}
		}
	}

	async receive(): Promise<Received> {
		return (await this.receiveAll(1))[0]!;
	}

	async receiveAll(count: number, skip?: Uint8Array): Promise<Received[]> {
		const messages: Received[] = [];
		while (messages.length < count) {
			const frames = await this.#socket.receive();
			if (skip !== undefined && frames.length === 1 && frames[0]!.equals(skip)) continue;
			messages.push({ frames: frames.map(sumOf), first: Buffer.from(frames[0]!.subarray(0, 300)) });
		}
		return messages;
	}

	async echo(): Promise<void> {
		void (async () => {
			for await (const frames of this.#socket) await this.#socket.send(frames);
		})().catch(() => {});
	}

	async beacon(frame: Uint8Array): Promise<void> {
		let isOver = false;
		const sent = (async () => {
			while (!isOver) {
				await this.#socket.send(Buffer.from(frame));
				await delay(2);
			}
		})();
		this.#stopBeacon = () => {
			isOver = true;
			return sent;
		};
	}

	async proxy(back: SideSocket): Promise<void> {
		if (!(back instanceof OurSocket)) throw new Error("a proxy has sockets of one side");
		const relayed = new Proxy(this.#socket, back.#socket).run();
		// Closing one of the two ends it, and closes the other.
		this.#over = relayed;
	}

	async notice(): Promise<void> {}

	async close(): Promise<void> {
		await this.#stopBeacon();
		await this.#socket.close();
		await this.#over;
	}
}
