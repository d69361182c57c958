/**
 * A server and whoever harms it, in one process with little memory: says what was seen, as JSON. `name`: which harm, `count`:
 * how often.
 */
import { connect, Server } from "../../../packages/runtime/src/index.js";
import { anyPort } from "./endpoints.js";
import { type LedgerHandlers, ledger, ledgerService } from "./ledger.js";
import { RawClient } from "./raw-client.js";
import { until } from "./until.js";
import { callHeader, followUp, kinds, pack, token } from "./wire.js";

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
