/** What the RFCs 28 to 31 say in the same words of all queues: when they are made, how long they last. */
import { expect } from "chai";
import type { MessageLike, Readable, Socket, Writable } from "../../../packages/zmtp/src/index.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, type Kit, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

interface Pairing {
	readonly clause: string;
	/** Whose outgoing queue is looked at. */
	sender(kit: Kit): Socket & Writable;
	receiver(kit: Kit, options?: { receiveHighWaterMark: number }): Socket & Readable;
	connect(sender: Socket & Writable, endpoint: string): void;
	/** Resolves when a peer that is connecting can be sent to. */
	arrival(sender: Socket & Writable): Promise<unknown>;
	/** Whether nothing is sent to a peer before it has asked for it. */
	readonly isAsked?: boolean;
	frames(text: string, body: MessageLike): MessageLike[];
}

const plain = {
	connect: (sender: Socket, endpoint: string) => sender.connect(endpoint),
	arrival: (sender: Socket) => event(sender.events, "handshake"),
	frames: (text: string, body: MessageLike) => [text, body],
};

const pairings: readonly Pairing[] = [
	{
		clause: "28/REQREP DEALER",
		...plain,
		sender: (kit) => kit.dealer(quick),
		receiver: (kit, options) => kit.dealer(options),
	},
	{
		clause: "28/REQREP ROUTER",
		...plain,
		sender: (kit) => kit.router({ ...quick, mandatory: true }),
		receiver: (kit, options) => kit.dealer({ ...options, routingId: "peer" }),
		connect: (sender, endpoint) => (sender as ReturnType<Kit["router"]>).connect(endpoint, { routingId: "peer" }),
		frames: (text, body) => ["peer", text, body],
	},
	{
		clause: "30/PIPELINE PUSH",
		...plain,
		sender: (kit) => kit.push(quick),
		receiver: (kit, options) => kit.pull(options),
	},
	{
		clause: "31/EXPAIR PAIR",
		...plain,
		sender: (kit) => kit.pair(quick),
		receiver: (kit, options) => kit.pair(options),
	},
	{
		clause: "29/PUBSUB XSUB",
		...plain,
		sender: (kit) => kit.xsubscriber(quick),
		receiver: (kit, options) => kit.xpublisher(options),
	},
	{
		clause: "29/PUBSUB PUB, XPUB",
		...plain,
		sender: (kit) => kit.xpublisher(quick),
		receiver: (kit, options) => kit.subscriber([""], options),
		arrival: (sender) => (sender as ReturnType<Kit["xpublisher"]>).receive(),
		isAsked: true,
	},
];

const textOf = async (socket: Readable) => `${(await socket.receive())[0]}`;

/** Behind the end of the former peer's subscription there is the next one's. */
async function untilAsked(publisher: Socket): Promise<void> {
	while ((await (publisher as ReturnType<Kit["xpublisher"]>).receive())[0]![0] !== 1);
}

const turns = async (count: number) => {
	for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

for (const place of places) {
	describe(`zmtp queues over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const { clause, sender: makeSender, receiver: makeReceiver, connect, arrival, isAsked, frames } of pairings) {
			if (!isAsked)
				it(`${clause}: SHALL create the queue when it connects, and SHALL keep it whether or not the connection stands`, async () => {
					const first = makeReceiver(kit);
					const endpoint = await bound(first, place.endpoint());
					await first.close();
					const sender = makeSender(kit);
					connect(sender, endpoint);
					await sender.send(frames("before", ""));
					const second = makeReceiver(kit);
					await second.bind(endpoint);
					expect(await textOf(second)).equal("before");
					const lost = event(sender.events, "disconnect");
					await second.close();
					await lost;
					await sender.send(frames("in between", ""));
					const third = makeReceiver(kit);
					await third.bind(endpoint);
					expect(await textOf(third)).equal("in between");
				});

			it(`${clause}: SHALL create a queue when a peer connects; when that leaves, SHALL destroy it with the messages in it`, async () => {
				const sender = makeSender(kit);
				const endpoint = await bound(sender, place.endpoint());
				const reading = makeReceiver(kit, { receiveHighWaterMark: 1 });
				const arrived = arrival(sender);
				reading.connect(endpoint);
				await arrived;
				const body = Buffer.alloc(200_000);
				// More than fits into marks and kernels, so that some of it must still wait here.
				let sent = 0;
				let isSending = true;
				const sending = (async () => {
					while (isSending && sent < 500) {
						await sender.send(frames(`${sent++}`, body));
						await turns(1);
					}
				})().catch(() => {});
				await until(() => reading.readable);
				await turns(200);
				isSending = false;
				const lost = event(sender.events, "disconnect");
				await reading.close();
				await lost;
				// A call that waited for room goes to the next peer, or learns that there is none: it is no message yet.
				const next = makeReceiver(kit);
				const nextArrived = isAsked ? untilAsked(sender) : arrival(sender);
				next.connect(endpoint);
				await Promise.all([sending, nextArrived]);
				await sender.send(frames("to the next", ""));
				const texts: string[] = [];
				while (texts.at(-1) !== "to the next") texts.push(await textOf(next));
				expect(texts.length).below(3);
			});
		}
	});
}
