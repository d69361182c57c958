import { expect } from "chai";
import { platform } from "../../../packages/zmtp/src/platform/node.js";
import type { ByteStream, Listener } from "../../../packages/zmtp/src/transport/transport.js";
import { resolveEndpoint, type Transports } from "../../../packages/zmtp/src/transport/transports.js";
import { codeOf } from "../../support/zmtp/errors.js";
import { FramedStream } from "../../support/zmtp/framed-stream.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import {
	abstractPlace,
	inprocPlace,
	ipcPlace,
	type Place,
	places,
	tcpPlace,
	wsPlace,
	wssPlace,
} from "../../support/zmtp/places.js";
import { streamedTcp } from "../../support/zmtp/streamed-tcp.js";
import { listenOptions, streamOptions } from "../../support/zmtp/streams.js";
import { defer, until } from "../../support/zmtp/waiting.js";

/** Whose streams read past Node's own. */
const readIntoRoom: readonly Place[] = [tcpPlace, ipcPlace, abstractPlace];

const streamedPlace: Place = { ...tcpPlace, name: "tcp, read as a stream" };

/** A stream with an ear: what has arrived, and its end. */
interface End {
	readonly stream: ByteStream;
	octets(): Buffer;
	count: number;
	/** Of the largest chunk. Unit: bytes. */
	most: number;
	drains: number;
	readonly closed: Promise<void>;
}

function listenTo(stream: ByteStream, keeps = true): End {
	const chunks: Uint8Array[] = [];
	const closed = defer();
	const end: End = {
		stream,
		octets: () => Buffer.concat(chunks),
		count: 0,
		most: 0,
		drains: 0,
		closed: closed.promise,
	};
	stream.onData = (chunk) => {
		end.count += chunk.length;
		end.most = Math.max(end.most, chunk.length);
		if (keeps) chunks.push(chunk);
	};
	stream.onDrain = () => {
		end.drains++;
	};
	stream.onClose = () => closed.resolve();
	return end;
}

for (const place of [...places, streamedPlace]) {
	describe(`zmtp transport contract: ${place.name}`, () => {
		const transports: Transports = place === streamedPlace ? { tcp: streamedTcp } : platform.transports;
		leavesNothingOpen();
		let listeners: Listener[] = [];
		let streams: ByteStream[] = [];

		afterEach(async () => {
			for (const stream of streams) stream.destroy();
			await Promise.all(listeners.map((listener) => listener.close()));
			listeners = [];
			streams = [];
		});

		async function listen(endpoint: string, onStream: (stream: ByteStream) => void = () => {}): Promise<Listener> {
			const { transport, address } = resolveEndpoint(transports, endpoint);
			const listener = await transport.listen(
				address,
				listenOptions((stream) => {
					streams.push(stream);
					onStream(stream);
				}),
			);
			listeners.push(listener);
			return listener;
		}

		async function connect(endpoint: string, signal = new AbortController().signal): Promise<ByteStream> {
			const { transport, address } = resolveEndpoint(transports, endpoint);
			const stream = await transport.connect(address, streamOptions, signal);
			streams.push(stream);
			return stream;
		}

		/** A stream for any octets, when it has come so far. */
		async function octetStream(stream: ByteStream): Promise<ByteStream> {
			return place === wsPlace || place === wssPlace ? new FramedStream(stream).ready : stream;
		}

		async function pair(keeps = true): Promise<[near: End, far: End]> {
			const accepted = defer<ByteStream>();
			const { endpoint } = await listen(place.endpoint(), (stream) => accepted.resolve(stream));
			const near = octetStream(await connect(endpoint));
			const far = octetStream(await accepted.promise);
			return [listenTo(await near, keeps), listenTo(await far, keeps)];
		}

		it("says where it listens and who is at the other end", async () => {
			const [near, far] = await pair();
			expect(near.stream.remoteAddress).equal(listeners[0]!.endpoint);
			expect(far.stream.remoteAddress).match(/^(tcp|ipc|inproc|wss?):\/\/./);
			expect(listeners[0]!.endpoint).not.match(/:0$/);
		});

		it("carries octets both ways in order", async () => {
			const [near, far] = await pair();
			near.stream.write([Buffer.from("one "), Buffer.from("two "), Buffer.from("three")]);
			far.stream.write([Buffer.from("answer")]);
			await until(() => far.count === 13 && near.count === 6);
			expect([far.octets().toString(), near.octets().toString()]).deep.equal(["one two three", "answer"]);
		});

		it("carries 64 MiB unharmed", async () => {
			const [near, far] = await pair();
			const octets = Buffer.alloc(64 * 2 ** 20);
			for (let at = 0; at < octets.length; at += 4) octets.writeUInt32LE(at, at);
			near.stream.write([octets.subarray(0, 1000), octets.subarray(1000)]);
			await until(() => far.count === octets.length);
			expect(Buffer.compare(far.octets(), octets)).equal(0);
		});

		if (readIntoRoom.includes(place)) {
			it("reads into its user's memory where that has room, and tells of it as of a chunk", async () => {
				const ends = await pair();
				const octets = Buffer.alloc(500_000);
				for (let at = 0; at < octets.length; at += 4) octets.writeUInt32LE(at, at);
				for (const [near, far] of [ends, [...ends].reverse()] as [End, End][]) {
					const memory = Buffer.alloc(octets.length);
					// Of the first chunk nobody knows that it is coming.
					const from = far.count;
					far.stream.onRoom = () => (far.count - from < memory.length ? memory.subarray(far.count - from) : undefined);
					near.stream.write([octets.subarray(0, 1000)]);
					await until(() => far.count === from + 1000);
					near.stream.write([octets.subarray(1000)]);
					await until(() => far.count === from + octets.length);
					// More at a time would keep all other peers waiting.
					expect(far.most).at.most(65_536);
					expect(Buffer.compare(memory.subarray(1000), octets.subarray(1000))).equal(0);
					expect(Buffer.compare(far.octets().subarray(from), octets)).equal(0);
					far.stream.onRoom = () => undefined;
				}
			});
		}

		it("has taken what write() said true to: the memory may be used again", async () => {
			const [near, far] = await pair();
			const memory = Buffer.from("first");
			if (!near.stream.write([memory])) await until(() => near.drains === 1);
			memory.write("XXXXX");
			await until(() => far.count === 5);
			expect(far.octets().toString()).equal("first");
		});

		it("stops the writer when the reader is paused, and lets it go on when that reads again", async () => {
			const [near, far] = await pair(false);
			far.stream.pause();
			const chunk = Buffer.alloc(256 * 1024);
			let written = 0;
			let isWriterStopped = false;
			while (!isWriterStopped) {
				const { drains } = near;
				const isTaken = near.stream.write([chunk]);
				written += chunk.length;
				expect(written, "a reader that never reads").below(64 * 2 ** 20);
				// TLS takes nothing at once, and drains in a later turn.
				for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
				isWriterStopped = !isTaken && near.drains === drains;
			}
			const { drains } = near;
			expect(far.count).below(written);
			far.stream.resume();
			await until(() => near.drains === drains + 1 && far.count === written);
			near.stream.write([Buffer.from("on")]);
			await until(() => far.count === written + 2);
		});

		it("delivers nothing while paused, not even what had already arrived", async () => {
			const [near, far] = await pair();
			far.stream.onData = () => {
				far.count++;
				far.stream.pause();
			};
			for (let i = 0; i < 3; i++) {
				near.stream.write([Buffer.from("x")]);
				await new Promise((resolve) => setImmediate(resolve));
			}
			await until(() => far.count === 1);
			for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
			expect(far.count).equal(1);
			far.stream.resume();
			await until(() => far.count >= 2);
		});

		it("ends in order: what was written still arrives, then the other end closes", async () => {
			const [near, far] = await pair();
			const octets = Buffer.alloc(2 ** 20, "x");
			near.stream.write([octets]);
			let isNearClosed = false;
			near.stream.onClose = () => {
				isNearClosed = true;
			};
			const ended = near.stream.end();
			await far.closed;
			await ended;
			expect([far.count, isNearClosed]).deep.equal([octets.length, false]);
		});

		it("ends in order even with octets of the other end unread", async () => {
			const [near, far] = await pair();
			near.stream.pause();
			far.stream.write([Buffer.alloc(50_000)]);
			near.stream.write([Buffer.from("last words")]);
			const ended = near.stream.end();
			await far.closed;
			await ended;
			expect(far.octets().toString()).equal("last words");
		});

		it("tells both ends when one destroys it", async () => {
			const [near, far] = await pair();
			near.stream.destroy();
			await Promise.all([near.closed, far.closed]);
		});

		it("does not mind being used after its end", async () => {
			const [near, far] = await pair();
			near.stream.destroy();
			await Promise.all([near.closed, far.closed]);
			for (const { stream } of [near, far]) {
				stream.write([Buffer.from("x")]);
				stream.pause();
				stream.resume();
				stream.destroy();
				await stream.end();
			}
		});

		it("does not mind a write to a peer that is just leaving", async () => {
			const [near, far] = await pair();
			far.stream.destroy();
			for (let i = 0; i < 20; i++) {
				near.stream.write([Buffer.alloc(1000)]);
				await new Promise((resolve) => setImmediate(resolve));
			}
			await near.closed;
		});

		it("takes nothing more for a peer that was reset while a write was under way, however busy the writer is", async () => {
			const [near, far] = await pair(false);
			far.stream.pause();
			while (near.stream.write([Buffer.alloc(256 * 1024)])) await new Promise((resolve) => setImmediate(resolve));
			let taken = 0;
			near.stream.onDrain = () => {
				// As a sender does that is woken by room: it writes on within one turn of the loop.
				while (near.stream.write([Buffer.alloc(1024)]) && taken < 10_000) taken++;
			};
			far.stream.destroy();
			await near.closed;
			expect(taken).below(10_000);
		});

		it("refuses an address that is in use with EADDRINUSE, and takes it again when it is free", async () => {
			const first = await listen(place.endpoint());
			expect(await codeOf(() => listen(first.endpoint))).equal("EADDRINUSE");
			await first.close();
			await listen(first.endpoint);
			await connect(first.endpoint);
		});

		it("stops accepting when its listener closes, and keeps the streams it has", async () => {
			const [near, far] = await pair();
			await listeners[0]!.close();
			near.stream.write([Buffer.from("still")]);
			await until(() => far.count === 5);
		});

		it("gives up connecting when told so", async () => {
			const controller = new AbortController();
			controller.abort();
			const { endpoint } = await listen(place.endpoint());
			if (place !== inprocPlace) expect(await codeOf(() => connect(endpoint, controller.signal))).equal("ECANCELED");
			const absent = new AbortController();
			const { transport, address } = resolveEndpoint(platform.transports, inprocPlace.endpoint());
			const connecting = codeOf(() => transport.connect(address, streamOptions, absent.signal));
			absent.abort();
			expect(await connecting).equal("ECANCELED");
		});

		it("accepts many at once", async () => {
			const ends: End[] = [];
			const { endpoint } = await listen(place.endpoint(), async (stream) => {
				ends.push(listenTo(await octetStream(stream)));
			});
			const near = await Promise.all(Array.from({ length: 50 }, async () => octetStream(await connect(endpoint))));
			await until(() => ends.length === 50);
			for (const stream of near) stream.write([Buffer.from("hi")]);
			await until(() => ends.every((end) => end.count === 2));
		});
	});
}
