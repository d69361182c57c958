/**
 * What a program written for zeromq.js 6 says of its types. It is never run: `pnpm types` checks it with zeromq.js itself,
 * sockets.test.ts with the sockets here in its place.
 */
import * as zmq from "zeromq";

export class Telemetry {
	readonly #sockets: zmq.Socket[] = [];
	readonly #context = new zmq.Context({ blocky: false, ioThreads: 1, maxSockets: 100 });

	options(): zmq.SocketOptions<zmq.Dealer> {
		return { context: this.#context, linger: 0, routingId: "me", sendTimeout: -1, curveServerKey: null };
	}

	async open(endpoint: string): Promise<void> {
		const dealer = new zmq.Dealer(this.options());
		const router = new zmq.Router({ mandatory: true, handover: true, probeRouter: false });
		const publisher = new zmq.Publisher({ noDrop: true, conflate: false, invertMatching: false });
		const subscriber = new zmq.Subscriber({ receiveHighWaterMark: 0 });
		const xpublisher = new zmq.XPublisher({ manual: false, welcomeMessage: "hello" });
		this.#sockets.push(
			dealer,
			router,
			publisher,
			subscriber,
			xpublisher,
			new zmq.Request({ correlate: true, relaxed: true }),
		);
		this.#sockets.push(new zmq.Reply(), new zmq.Push(), new zmq.Pull(), new zmq.Pair(), new zmq.XSubscriber());
		xpublisher.verbosity = "allSubs";
		subscriber.subscribe("a", Buffer.from("b"));
		subscriber.unsubscribe();
		await router.bind(endpoint);
		router.connect("tcp://127.0.0.1:1", { routingId: "other" });
		dealer.connect(router.lastEndpoint ?? endpoint);
		dealer.sendTimeout = 0;
		const id: string | null = dealer.routingId;
		const mechanism: null | "plain" | "curve" | "gssapi" = dealer.securityMechanism;
		const everywhere: number = this.#sockets.reduce((sum, socket) => sum + socket.linger + socket.type, 0);
		await this.describe(dealer, [id, mechanism, everywhere, dealer.context === this.#context]);
		await this.copy(dealer, router);
		router.bindSync("inproc://x");
		await router.unbind("inproc://x");
		dealer.disconnect(endpoint);
	}

	async describe(socket: zmq.Writable, words: readonly unknown[]): Promise<void> {
		const message: zmq.MessageLike[] = [
			"text",
			1,
			null,
			Buffer.alloc(1),
			new ArrayBuffer(1),
			new DataView(new ArrayBuffer(1)),
		];
		await socket.send(message);
		await socket.send(words.map(String));
		socket.sendHighWaterMark = 5;
	}

	async copy(from: zmq.Readable, to: zmq.Writable): Promise<zmq.Message[]> {
		from.receiveTimeout = 10;
		for await (const [first, ...rest] of from) {
			if (first === undefined || first.readUInt8(0) > 5) break;
			await to.send([first, ...rest]);
		}
		return from.receive();
	}

	watch(socket: zmq.Socket): void {
		const seen = ({ address }: zmq.EventOfType<"bind">) => console.log(address);
		socket.events.on("bind", seen);
		socket.events.off("bind", seen);
		socket.events.on("connect:retry", ({ interval }) => console.log(interval.toFixed()));
		socket.events.on("bind:error", ({ error }) => console.log(error.code, error.message));
	}

	count(events: zmq.EventSubscriber, options: zmq.RouterConnectOptions = { routingId: "x" }): void {
		events.on("accept", () => console.log(options.routingId)).on("close", ({ address }) => console.log(address));
	}

	async follow(socket: zmq.Socket): Promise<zmq.EventType[]> {
		const types: zmq.EventType[] = [];
		const events: zmq.Observer = socket.events;
		for await (const event of events) {
			types.push(event.type);
			if (event.type === "accept" || event.type === "disconnect") console.log(event.address);
		}
		const last: zmq.Event = await events.receive();
		return events.closed ? types : [...types, last.type];
	}

	async relay(): Promise<void> {
		const proxy = new zmq.Proxy(new zmq.Router(), new zmq.Dealer());
		await proxy.frontEnd.bind("tcp://127.0.0.1:*");
		proxy.pause();
		proxy.resume();
		proxy.terminate();
		await proxy.run();
	}

	close(): void {
		for (const socket of this.#sockets) if (!socket.closed && (socket.readable || socket.writable)) socket.close();
		const { publicKey, secretKey } = zmq.curveKeyPair();
		console.log(zmq.version.split("."), zmq.capability.curve === true, publicKey, secretKey, zmq.context.maxSockets);
	}
}
