// Every socket class, two of them in one process, over each transport named on the command line.
import assert from "node:assert/strict";
import {
	Dealer,
	Pair,
	Publisher,
	Pull,
	Push,
	Reply,
	Request,
	Router,
	Subscriber,
	XPublisher,
	XSubscriber,
} from "@homing/zmtp";
import { check, using } from "./check.mjs";

const endpoints = { tcp: "tcp://127.0.0.1:*", ipc: "ipc://*", ws: "ws://127.0.0.1:*", inproc: "inproc://here" };
const large = new Uint8Array(3_000_000).fill(7);
const options = { linger: 0 };

const texts = (frames) => frames.map((frame) => new TextDecoder().decode(frame));

async function joined(bound, connected, endpoint) {
	await bound.bind(endpoint);
	connected.connect(bound.lastEndpoint);
}

/** What of each pair is shown: a message there, and back where there is a way. */
const conversations = {
	"REQ/REP": () =>
		using([new Reply(options), new Request(options)], async (reply, request) => {
			await joined(reply, request, endpoint);
			await request.send(["question", large]);
			const [text, octets] = await reply.receive();
			assert.equal(text.toString(), "question");
			assert.deepEqual(new Uint8Array(octets), large);
			await reply.send("answer");
			assert.deepEqual(texts(await request.receive()), ["answer"]);
		}),
	"DEALER/ROUTER": () =>
		using([new Router(options), new Dealer({ ...options, routingId: "me" })], async (router, dealer) => {
			await joined(router, dealer, endpoint);
			const count = 5000;
			const sending = (async () => {
				for (let i = 0; i < count; i++) await dealer.send([`${i}`, ""]);
			})();
			for (let i = 0; i < count; i++) {
				const [id, ...frames] = await router.receive();
				assert.deepEqual(texts(frames), [`${i}`, ""]);
				await router.send([id, ...frames]);
			}
			await sending;
			for (let i = 0; i < count; i++) assert.equal(String((await dealer.receive())[0]), `${i}`);
		}),
	"PUSH/PULL": () =>
		using([new Push(options), new Pull(options)], async (push, pull) => {
			await joined(push, pull, endpoint);
			const sending = (async () => {
				for (let i = 0; i < 3000; i++) await push.send([`${i}`]);
				await push.send(large);
			})();
			for (let i = 0; i < 3000; i++) assert.deepEqual(texts(await pull.receive()), [`${i}`]);
			assert.equal((await pull.receive())[0].length, large.length);
			await sending;
		}),
	"PUB/SUB": () =>
		using([new Publisher(options), new Subscriber(options)], async (publisher, subscriber) => {
			subscriber.subscribe("news");
			await joined(publisher, subscriber, endpoint);
			// A publisher that has no subscriber yet drops what it is given.
			let isHeard = false;
			const hearing = subscriber.receive().then((frames) => {
				isHeard = true;
				return frames;
			});
			while (!isHeard) {
				await publisher.send("weather: none of these arrive");
				await publisher.send("news: first");
				await new Promise((resolve) => setTimeout(resolve, 1));
			}
			assert.deepEqual(texts(await hearing), ["news: first"]);
		}),
	"XPUB/XSUB": () =>
		using([new XPublisher(options), new XSubscriber(options)], async (publisher, subscriber) => {
			await joined(publisher, subscriber, endpoint);
			await subscriber.send(Buffer.from("\x01a"));
			assert.deepEqual(texts(await publisher.receive()), ["\x01a"]);
			await publisher.send(["b", "not this one"]);
			await publisher.send(["a", "this one"]);
			assert.deepEqual(texts(await subscriber.receive()), ["a", "this one"]);
			await subscriber.send(Buffer.from("\x00a"));
			assert.deepEqual(texts(await publisher.receive()), ["\x00a"]);
		}),
	PAIR: () =>
		using([new Pair(options), new Pair(options)], async (one, two) => {
			await joined(one, two, endpoint);
			await two.send("there");
			assert.deepEqual(texts(await one.receive()), ["there"]);
			await one.send("and back");
			assert.deepEqual(texts(await two.receive()), ["and back"]);
		}),
};

let endpoint;
for (const transport of process.argv.slice(2)) {
	endpoint = endpoints[transport];
	for (const [name, converse] of Object.entries(conversations)) await check(`${name} over ${transport}`, converse);
}
