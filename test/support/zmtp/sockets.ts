import { afterEach } from "mocha";
import {
	Dealer,
	Pair,
	Publisher,
	Pull,
	Push,
	type Readable,
	Reply,
	Request,
	Router,
	type Socket,
	type SocketOptions,
	Subscriber,
	XPublisher,
	XSubscriber,
} from "../../../packages/zmtp/src/index.js";
import { testTls } from "./certificate.js";
import { textOf } from "./frames.js";

interface Closable {
	close(): unknown;
}

/** Makes sockets, and closes after each test those that it left open. */
export interface Kit {
	dealer(options?: SocketOptions<Dealer>): Dealer;
	router(options?: SocketOptions<Router>): Router;
	request(options?: SocketOptions<Request>): Request;
	reply(options?: SocketOptions<Reply>): Reply;
	pair(options?: SocketOptions<Pair>): Pair;
	push(options?: SocketOptions<Push>): Push;
	pull(options?: SocketOptions<Pull>): Pull;
	publisher(options?: SocketOptions<Publisher>): Publisher;
	/** Subscribed to `topics`. */
	subscriber(topics: readonly string[], options?: SocketOptions<Subscriber>): Subscriber;
	xpublisher(options?: SocketOptions<XPublisher>): XPublisher;
	xsubscriber(options?: SocketOptions<XSubscriber>): XSubscriber;
	/** Anything else that is to be closed with them, the last one first. */
	keep<T extends Closable>(closable: T): T;
}

export function useSockets(): Kit {
	let open: Closable[] = [];
	afterEach(async () => {
		const closing = open.reverse();
		open = [];
		await Promise.all(closing.map((closable) => closable.close()));
	});
	const keep = <T extends Closable>(closable: T): T => {
		open.push(closable);
		return closable;
	};
	// What a failing test leaves queued must not hold up the others.
	const standard = { linger: 0, tls: testTls };
	return {
		keep,
		dealer: (options = {}) => keep(new Dealer({ ...standard, ...options })),
		router: (options = {}) => keep(new Router({ ...standard, ...options })),
		request: (options = {}) => keep(new Request({ ...standard, ...options })),
		reply: (options = {}) => keep(new Reply({ ...standard, ...options })),
		pair: (options = {}) => keep(new Pair({ ...standard, ...options })),
		push: (options = {}) => keep(new Push({ ...standard, ...options })),
		pull: (options = {}) => keep(new Pull({ ...standard, ...options })),
		publisher: (options = {}) => keep(new Publisher({ ...standard, ...options })),
		subscriber: (topics, options = {}) => {
			const subscriber = keep(new Subscriber({ ...standard, ...options }));
			if (topics.length > 0) subscriber.subscribe(...topics);
			return subscriber;
		},
		xpublisher: (options = {}) => keep(new XPublisher({ ...standard, ...options })),
		xsubscriber: (options = {}) => keep(new XSubscriber({ ...standard, ...options })),
	};
}

/** Binds and returns the endpoint to connect to. */
export async function bound(socket: Socket, endpoint: string): Promise<string> {
	await socket.bind(endpoint);
	return socket.lastEndpoint!;
}

/** The next message's frames as texts. */
export async function received(socket: Readable): Promise<string[]> {
	return textOf(await socket.receive());
}
