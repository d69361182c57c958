/**
 * A server and whoever harms it, in one process with little memory: says what was seen, as JSON. `name`: which harm, `count`:
 * how often.
 */
import fc from "fast-check";
import * as z from "zod";
import { stringSchema } from "../../../packages/codegen/src/emit/constraints.js";
import { formats } from "../../../packages/codegen/src/model/formats.js";
import {
	type Connection,
	connect,
	defineService,
	messageCodec,
	Queue,
	Server,
	unary,
} from "../../../packages/runtime/src/index.js";
import { blobs, blobsService } from "./blobs.js";
import { anyPort } from "./endpoints.js";
import { type LedgerHandlers, ledger, ledgerService } from "./ledger.js";
import { RawClient } from "./raw-client.js";
import { until } from "./until.js";
import { callHeader, failureIn, followUp, kinds, offer, pack, token } from "./wire.js";

const [name, count] = [process.argv[2]!, Number(process.argv[3])];
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function serve(handlers: LedgerHandlers): Promise<[Server, string]> {
	const server = new Server().add(ledgerService(handlers));
	return [server, await server.bind(anyPort)];
}

/** After collection. Unit: bytes. */
async function used(): Promise<number> {
	for (let i = 0; i < 5; i++) {
		globalThis.gc?.();
		await turn();
	}
	const { heapUsed, external, arrayBuffers } = process.memoryUsage();
	return heapUsed + external + arrayBuffers;
}

/** Calls again and again until it is told to end; none may fail. Returns how often. */
function standBy(connection: Connection): { end(): Promise<number> } {
	let isOver = false;
	const standing = (async () => {
		let calls = 0;
		for (; !isOver; calls++) {
			const octets = await connection.call(blobs.echo, [Uint8Array.of(calls)]);
			if (octets[0] !== calls % 256) throw new Error("another answer");
		}
		return calls;
	})();
	return {
		async end() {
			isOver = true;
			const calls = await standing;
			await connection.close();
			return calls;
		},
	};
}

const harms: Readonly<Record<string, () => Promise<unknown>>> = {
	/** Opens calls and cancels them, in the same breath and in the next. */
	async openAndCancel() {
		let [running, started] = [0, 0];
		const [server, endpoint] = await serve({
			async *running(amounts) {
				running++;
				started++;
				try {
					for await (const amount of amounts) yield amount;
				} finally {
					running--;
				}
			},
		});
		const client = await new RawClient(endpoint).ready();
		client.onMessage = () => {};
		const header = callHeader("Ledger.running");
		const cancel = Buffer.of(kinds.CANCEL, 0);
		const none = pack([]);
		const batch = 500;
		const flood = async (times: number) => {
			for (let done = 0; done < times; done += batch) {
				const isAtOnce = (done / batch) % 2 === 0;
				for (let i = 0; i < batch; i++) {
					client.send(token(i, done), "", header, none);
					if (isAtOnce) client.send(token(i, done), "", cancel);
				}
				// As fast as they are read, and no faster: what lies unsent is not what this is about.
				await until(() => client.queuedBytes === 0);
				if (isAtOnce) continue;
				for (let i = 0; i < batch; i++) client.send(token(i, done), "", cancel);
			}
			await until(() => client.queuedBytes === 0);
			const by = connect(endpoint);
			await by.call(ledger.audit, [1], {}, [() => {}, async () => true]);
			await by.close();
			await until(() => server.stats().running === 0 && running === 0);
		};
		await flood(count / 10);
		const before = await used();
		await flood(count - count / 10);
		const grown = (await used()) - before;
		await client.close();
		await server.close();
		return { grown, running, hasStarted: started > 0 };
	},

	/** A consumer that reads one item of a million and stops. */
	async stoppedConsumer() {
		let made = 0;
		let isStopped = false;
		const [server, endpoint] = await serve({
			*bytes(size) {
				try {
					for (; made < size; made++) yield new Uint8Array(1000);
				} finally {
					isStopped = true;
				}
			},
		});
		const connection = connect(endpoint);
		const items = connection.stream(ledger.bytes, [count]);
		await items.next();
		const held = made;
		for (let i = 0; i < 1000; i++) await turn();
		const later = made;
		await items.return?.();
		await until(() => isStopped && server.stats().running === 0);
		await connection.close();
		await server.close();
		return { held: later, hasMadeMore: later > held + 2000, isStopped };
	},

	/** Stops for a while again and again, each time with all that there is credit for under way. */
	async pausedConsumer() {
		let made = 0;
		const [server, endpoint] = await serve({
			*list(size) {
				for (; made < size; made++) yield made;
			},
		});
		const connection = connect(endpoint);
		let received = 0;
		let held = 0;
		let grown = 0;
		const before = await used();
		for await (const item of connection.stream(ledger.list, [count])) {
			if (item !== received) throw new Error(`item ${item} in place of ${received}`);
			received++;
			if (received % 100_000 !== 50_000) continue;
			for (let i = 0; i < 1000; i++) await turn();
			held = Math.max(held, made - received);
			grown = Math.max(grown, (await used()) - before);
		}
		await connection.close();
		await server.close();
		return { held, received, grown };
	},

	/** A million items to a handler that reads none, without credit. */
	async itemsWithoutCredit() {
		const [server, endpoint] = await serve({
			sum: (_, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(0))),
		});
		const client = await new RawClient(endpoint).ready();
		const route = await client.open(callHeader("Ledger.sum"), pack([]));
		client.onMessage = () => {};
		const item = followUp(kinds.ITEM, route);
		const before = await used();
		for (let i = 0; i < count; i++) {
			client.send("token", "", item, pack(1));
			if (i % 1000 === 999) await until(() => client.queuedBytes === 0);
		}
		await until(() => server.stats().droppedFollowUps > 0 && server.stats().running === 0);
		const grown = (await used()) - before;
		await client.close();
		await server.close();
		return { grown };
	},

	/** Octets to a handler that reads none, within the credit for items and beyond that for octets. */
	async octetsWithoutCredit() {
		let ended = "";
		const server = new Server().add(
			blobsService({
				join: (_, { signal }) =>
					new Promise((_resolve, reject) =>
						signal.addEventListener("abort", () => {
							ended = (signal.reason as { status: string }).status;
							reject(signal.reason);
						}),
					),
			}),
		);
		const endpoint = await server.bind(anyPort);
		const by = standBy(connect(endpoint));
		const client = await new RawClient(endpoint).ready();
		const item = pack(Buffer.alloc(16_384));
		const before = await used();
		// Window after window, and none with as many items as would end it for their number.
		for (let sent = 0; sent < count; ) {
			const name = `call ${sent}`;
			const route = await client.open(callHeader("Blobs.join"), pack([]), name);
			for (let i = 0; i < 200; i++, sent++) client.send(name, "", followUp(kinds.ITEM, route), item);
			const [header] = await client.answerOf(kinds.ERROR, name);
			if (header![2] !== 10) throw new Error(`status ${header![2]}`);
		}
		const grown = (await used()) - before;
		const calls = await by.end();
		await client.close();
		await until(() => server.stats().running === 0);
		await server.close();
		return { grown, ended, calls };
	},

	/** A caller that sends what its worker does not read, through a queue that counts no credit. */
	async octetsUnread() {
		const queue = new Queue({ clients: anyPort, workers: anyPort });
		const { clients, workers } = await queue.start();
		const server = new Server().add(blobsService({}));
		await server.join(workers[0]!);
		const deaf = await new RawClient(workers[0]!).ready();
		deaf.send("", Buffer.of(kinds.READY), offer({ Ledger: "" }));
		await until(() => queue.stats().workers.length === 2);
		const by = standBy(connect(clients[0]!));
		const client = await new RawClient(clients[0]!).ready();
		client.send("token", "", callHeader("Ledger.sum"), pack([]));
		let request = await deaf.receive();
		while (request[0]!.length === 0) request = await deaf.receive();
		deaf.send(...request.slice(0, -3), "", Buffer.concat([Buffer.of(kinds.OPEN, 0, 8), token(1, 1)]), "");
		const route = (await client.answerOf(kinds.OPEN))[0]!.subarray(2);
		deaf.pause();
		const before = await used();
		let most = 0;
		let failure: Buffer[] | undefined;
		client.onMessage = (frames) => {
			failure ??= frames.slice(-2);
		};
		const item = Buffer.alloc(1024 * 1024);
		for (let sent = 0; sent < count && failure === undefined; sent++) {
			client.send("token", "", followUp(kinds.ITEM, route), item);
			await until(() => client.queuedBytes === 0);
			most = Math.max(most, process.memoryUsage().arrayBuffers);
		}
		const status = failure?.[0]?.[2];
		await deaf.close();
		await until(() => queue.stats().workers.length === 1 && queue.stats().inFlight === 0);
		const calls = await by.end();
		await client.close();
		const grown = (await used()) - before;
		await Promise.all([server.close(), queue.close()]);
		return { status, most, grown, calls };
	},

	/** Calls without a deadline that are opened and never ended, far more than a server has places and room in line. */
	async neverFinished() {
		let open = 0;
		const [server, endpoint] = await serve({
			async *running(_, { signal }) {
				open++;
				yield 0;
				await new Promise((resolve) => signal.addEventListener("abort", resolve));
				open--;
			},
		});
		const client = await new RawClient(endpoint).ready();
		const statuses: Record<number, number> = {};
		client.onMessage = (frames) => {
			const header = frames[2];
			if (header?.[0] !== kinds.ERROR) return;
			const status = header[2]!;
			statuses[status] = (statuses[status] ?? 0) + 1;
		};
		const before = await used();
		const header = callHeader("Ledger.running");
		const none = pack([]);
		for (let i = 0; i < count; i++) {
			client.send(token(i, 0), "", header, none);
			if (i % 1000 === 999) await until(() => client.queuedBytes === 0);
		}
		const refused = () => statuses[8] ?? 0;
		await until(() => server.stats().running + server.stats().waiting + refused() === count);
		const { running, waiting } = server.stats();
		const by = connect(endpoint);
		for (let i = 0; i < 300; i++) await by.call(ledger.audit, [1], {}, [() => {}, async () => true]);
		await by.close();
		const held = (await used()) - before;
		await client.close();
		await until(() => server.stats().running === 0 && open === 0);
		await server.close();
		return { running, waiting, refused: refused(), statuses: Object.keys(statuses), held };
	},

	/** Texts of a megabyte that nearly have the form that a method asks for. */
	async nearlyMatching() {
		const methods = formats.map((format) => {
			const source = stringSchema({ kind: "string", constraints: [{ keyword: "format", value: format }] });
			const schema = new Function("z", `return z${source}`)(z) as z.ZodType<string>;
			const text = messageCodec(z.tuple([schema]));
			return unary({ name: `Forms.${format}`, arguments: text, result: messageCodec(z.string()) });
		});
		const table = Object.fromEntries(methods.map((method) => [method.name.slice(6), method]));
		const service = defineService(
			{ name: "Forms", schemaHash: "f", methods: table },
			Object.fromEntries(Object.keys(table).map((name) => [name, () => "taken"])) as never,
		);
		const server = new Server().add(service).add(blobsService({}));
		const endpoint = await server.bind(anyPort);
		const by = standBy(connect(endpoint));
		const client = await new RawClient(endpoint).ready();
		// What all formats are made of, repeated between a beginning and an end.
		const part = fc.stringMatching(/^[a1Z.@:%\-+_=/TP ?#[\]]{0,4}$/);
		const texts = fc.sample(fc.tuple(part, fc.stringMatching(/^[a1.@:%\-+=/P]{1,3}$/), part), {
			seed: count,
			numRuns: 24,
		});
		const tally: Record<string, number> = { taken: 0, refused: 0 };
		for (const { name } of methods) {
			for (const [first, pump, last] of texts) {
				const text = first + pump.repeat(1_000_000 / pump.length) + last;
				client.send("token", "", callHeader(name), pack([text]));
				const frames = await client.answer();
				if (frames.length === 1) tally["taken"]!++;
				else if (failureIn(frames).status === 3) tally["refused"]!++;
			}
		}
		const calls = await by.end();
		await client.close();
		await server.close();
		return { ...tally, texts: methods.length * texts.length, calls };
	},

	/** A caller that gives credit for all it is sent and reads nothing. */
	async creditWithoutReading() {
		let made = 0;
		const [server, endpoint] = await serve({
			*bytes(size, { signal }) {
				for (; made < size && !signal.aborted; made++) yield new Uint8Array(100_000);
			},
		});
		const client = await new RawClient(endpoint).ready();
		const route = await client.open(callHeader("Ledger.bytes"), pack([count]));
		client.pause();
		// One at a time: more than is under way would end the call.
		const credit = followUp(kinds.CREDIT, route, 1);
		for (let i = 0; i < 2000; i++) {
			client.send("token", "", credit, "");
			await turn();
		}
		const held = made;
		await client.close();
		await until(() => server.stats().running === 0);
		await server.close();
		return { megabytes: held / 10 };
	},
};

process.stdout.write(JSON.stringify(await harms[name]!()));
