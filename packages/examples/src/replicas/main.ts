/** Four servers of one service, one slow, one busy at first, one that goes: what a caller has to say to notice little of it. */
import { on } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type ConnectionOptions, connect, RpcError, Server } from "@homing/runtime";
import { RatesClient, ratesService } from "./generated/rates.js";
import type { Rate } from "./rates.js";

async function serve(name: string, prepare: (signal: AbortSignal) => Promise<void> | void = () => {}) {
	const rate = async (_currency: string, { signal }: { readonly signal: AbortSignal }): Promise<Rate> => {
		await prepare(signal);
		return { value: 1.09, from: name };
	};
	const server = new Server().add(ratesService({ rate }));
	return { server, endpoint: await server.bind("tcp://127.0.0.1:0") };
}

let isBusy = 2;
const quick = await serve("quick");
const slow = await serve("slow", (signal) => pause(5000, undefined, { signal }));
const busy = await serve("busy", () => {
	if (isBusy-- > 0) throw new RpcError("UNAVAILABLE", "the rates are being loaded");
});
const doomed = await serve("doomed");
const all = [quick, slow, busy, doomed];

/** Resolves when all of them are connected; a call would wait for one. */
async function ask(of: readonly { readonly endpoint: string }[], options: ConnectionOptions) {
	const endpoints = of.map(({ endpoint }) => endpoint);
	const connection = connect(endpoints, options);
	let missing = endpoints.length;
	for await (const _ of on(connection, "peer")) if (--missing === 0) break;
	return { connection, rates: new RatesClient(connection) };
}

{
	// The busy one says UNAVAILABLE; as the method is idempotent, and a policy is given, it is asked again.
	const { connection, rates } = await ask([busy], { retry: { attempts: 3, initialBackoffMs: 1 } });
	connection.on("retry", ({ attempt, error }) => console.log(`attempt ${attempt}: ${error.message}`));
	console.log(`answered by ${(await rates.rate("EUR")).from}`);
	await connection.close();
}

{
	// Whoever has not answered in 20 ms has company: another server is asked besides, and the slower one is told to stop.
	const { connection, rates } = await ask(all, { hedge: { delayMs: 20 } });
	const from = new Set<string>();
	for (let call = 0; call < 40; call++) from.add((await rates.rate("EUR")).from);
	const { hedges, hedgesWon } = connection.stats();
	console.log(`hedged: 40 calls, ${from.has("slow") ? "some" : "none"} waited for the slow server`);
	console.log(`second servers were asked: ${hedges > 0}, and were first: ${hedgesWon > 0}`);
	await connection.close();
}

{
	// Equal arguments go to one server, and to another when that is gone.
	const { connection, rates } = await ask([quick, doomed], { balance: "affinity", retry: { attempts: 3 } });
	const askMany = async () => {
		const currencies = Array.from({ length: 20 }, (_, number) => `C${number}`);
		const answers = await Promise.all(currencies.map((currency) => rates.rate(currency)));
		return answers.map(({ from }) => from).join();
	};
	const before = await askMany();
	console.log(`the same servers again: ${before === (await askMany())}`);
	await doomed.server.close();
	console.log(`those that are left: ${[...new Set((await askMany()).split(","))].join()}`);
	await connection.close();
}

{
	// After two calls that it did not answer in time nobody waits for the slow one any more.
	const { connection, rates } = await ask([slow], { breaker: { failures: 2, openMs: 60_000 }, timeoutMs: 50 });
	connection.on("breaker", ({ state }) => console.log(`the breaker is ${state}`));
	for (const waitForReady of [true, true, false]) {
		try {
			await rates.rate("EUR", { waitForReady });
		} catch (error) {
			if (!(error instanceof RpcError)) throw error;
			console.log(`${error.status}, ${error.outcome}`);
		}
	}
	await connection.close();
}

for (const { server } of all) await server.close();
