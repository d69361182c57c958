import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
	type CallOptions,
	type Connection,
	RpcError,
	type Status,
	statusNumbers,
} from "../../packages/runtime/src/index.js";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { deferred, until } from "../support/runtime/until.js";
import { ways } from "../support/runtime/ways.js";
import { conformanceService, methods, type Simple } from "./service.js";

/** `"2000 of 10"`: so many of that size. */
type Sizes = readonly number[] | string;

interface Case {
	readonly name: string;
	readonly from: string;
	readonly call: keyof typeof methods;
	readonly payload?: number;
	readonly size?: number;
	readonly sizes?: Sizes;
	readonly send?: Sizes;
	readonly requests?: readonly Sizes[];
	/** The next request is made when the answer to the one before is there. */
	readonly pingPong?: boolean;
	readonly pauseMs?: number;
	readonly ms?: number;
	readonly hops?: number;
	readonly steps?: number;
	readonly number?: number;
	/** Asks everybody, until so many have answered. */
	readonly quorum?: number;
	readonly fail?: { readonly status: Status; readonly message: string };
	/** Made once for each status, with this message. */
	readonly everyStatus?: string;
	readonly metadata?: Readonly<Record<string, unknown>>;
	readonly timeoutMs?: number;
	readonly maxFrameBytes?: number;
	readonly cancel?: "before" | "after begin" | "after answer" | { readonly afterItems: number };
	/** Where no queue is in between, if that makes a difference. */
	readonly expectDirectly?: Expected;
	readonly expect: Expected;
}

interface Expected {
	readonly result?: unknown;
	readonly size?: number;
	readonly items?: Sizes;
	readonly metadata?: Readonly<Record<string, unknown>>;
	readonly status?: Status;
	readonly message?: string;
	readonly outcome?: string;
	readonly atMost?: number;
	readonly atLeast?: number;
	readonly callbacks?: number;
	/** Of a survey: how many octets each worker answered with, or its status. */
	readonly answers?: readonly unknown[];
}

function read<T>(file: string): T {
	return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as T;
}

const cases = read<readonly Case[]>("cases.json");
/** `way: case`. */
const knownFailures = new Set(read<readonly string[]>("known-failures.json"));

function sizesOf(sizes: Sizes): readonly number[] {
	if (typeof sizes !== "string") return sizes;
	const [count, size] = sizes.split(" of ").map(Number);
	return new Array<number>(count!).fill(size!);
}

const bytes = (size: number) => new Uint8Array(size).fill(7);

/** What became of a call. */
interface Ending {
	result?: unknown;
	readonly items: number[];
	callbacks: number;
	readonly answers: unknown[];
	error?: RpcError;
}

async function make(connection: Connection, what: Case, running: () => number): Promise<Ending> {
	const ending: Ending = { items: [], callbacks: 0, answers: [] };
	const abort = new AbortController();
	const options: CallOptions = {
		signal: abort.signal,
		...(what.timeoutMs === undefined ? {} : { timeoutMs: what.timeoutMs }),
		...(what.metadata === undefined ? {} : { metadata: what.metadata }),
	};
	if (what.cancel === "before") abort.abort();
	let answered = deferred();
	async function* requests() {
		for (const sizes of what.requests ?? []) {
			yield { sizes: [...sizesOf(sizes)] };
			if (what.pingPong === true) await answered.promise;
			answered = deferred();
		}
	}
	async function* payloads() {
		for (const size of sizesOf(what.send ?? [])) yield bytes(size);
		// A caller that never comes to an end by itself.
		if (what.cancel === "after begin") await new Promise(() => {});
	}
	async function readAll(items: AsyncIterable<Uint8Array>): Promise<void> {
		for await (const { length } of items) {
			ending.items.push(length);
			answered.resolve();
			if (typeof what.cancel === "object" && ending.items.length === what.cancel.afterItems) abort.abort();
		}
	}
	const { fail } = what;
	const simple = () => [{ payload: bytes(what.payload ?? 0), size: what.size ?? 0, fail }] as [Simple];
	async function askEverybody(): Promise<void> {
		const surveyed = connection.survey(methods.unary, simple(), { ...options, quorum: what.quorum! });
		for await (const { value, error } of surveyed) ending.answers.push(value?.payload.length ?? error?.status);
	}
	const start = (): Promise<unknown> => {
		if (what.quorum !== undefined) return askEverybody();
		switch (what.call) {
			case "delegated":
			case "forwarded":
				return connection.call(methods[what.call], [{ number: what.number!, fail }], options);
			case "unary":
				return connection.call(methods.unary, simple(), options);
			case "sleep":
				return connection.call(methods.sleep, [what.ms!], options);
			case "remaining":
				return connection.call(methods.remaining, [what.hops!], options);
			case "collect":
				return connection.call(methods.collect, [], options, [payloads()]);
			case "produce": {
				const production = { sizes: [...sizesOf(what.sizes!)], pauseMs: what.pauseMs, fail };
				return readAll(connection.stream(methods.produce, [production], options));
			}
			case "exchange":
				return readAll(connection.stream(methods.exchange, [], options, [requests()]));
			case "audit": {
				const onStep = () => void ending.callbacks++;
				return connection.call(methods.audit, [what.steps!], options, [onStep, async (step) => step % 2 === 0]);
			}
			default:
				return connection.call(methods[what.call], [], options);
		}
	};
	try {
		const call = start();
		if (what.cancel === "after begin") {
			void until(() => running() > 0).then(() => abort.abort());
		}
		ending.result = await call;
		if (what.cancel === "after answer") abort.abort();
	} catch (error) {
		if (!(error instanceof RpcError)) throw error;
		ending.error = error;
	}
	return ending;
}

function judge({ result, items, callbacks, answers, error }: Ending, wanted: Expected): void {
	expect(error?.status, error?.message).equal(wanted.status);
	if (wanted.message !== undefined) expect(error?.message).equal(wanted.message);
	if (wanted.outcome !== undefined) expect(error?.outcome).equal(wanted.outcome);
	if (wanted.items !== undefined) expect(items).deep.equal(sizesOf(wanted.items));
	if (wanted.callbacks !== undefined) expect(callbacks).equal(wanted.callbacks);
	if (wanted.answers !== undefined) expect(answers).deep.equal(wanted.answers);
	if ("result" in wanted) expect(result ?? null).deep.equal(wanted.result);
	if (wanted.size !== undefined) expect((result as { payload: Uint8Array }).payload.length).equal(wanted.size);
	if (wanted.metadata !== undefined) expect((result as { metadata: unknown }).metadata).deep.equal(wanted.metadata);
	if (wanted.atMost !== undefined) expect(result).most(wanted.atMost);
	if (wanted.atLeast !== undefined) expect(result).least(wanted.atLeast);
}

/** A case for each status, where it asks for that. */
function variantsOf(what: Case): readonly Case[] {
	const { everyStatus: message } = what;
	if (message === undefined) return [what];
	return (Object.keys(statusNumbers) as Status[]).map((status) => ({
		...what,
		fail: { status, message },
		expect: { status, message },
	}));
}

for (const { name: way, serve } of ways) {
	describe(`conformance, ${way}`, () => {
		const own = closeAfterEach();
		const expectedOf = ({ expect, expectDirectly = expect }: Case) =>
			way.startsWith("directly") ? expectDirectly : expect;

		for (const what of cases) {
			const test = async () => {
				let connection: Connection;
				const service = conformanceService(() => connection);
				const limits = what.maxFrameBytes === undefined ? {} : { maxFrameBytes: what.maxFrameBytes };
				const [opened, server] = await serve(own, service, limits);
				connection = opened;
				const { running } = { running: () => server.stats().running };
				for (const variant of variantsOf(what)) judge(await make(connection, variant, running), expectedOf(variant));
				// Nothing is left of it, on either side, and the connection is as good as before.
				await until(() => server.stats().running === 0);
				expect(connection.stats().inFlight).equal(0);
				await connection.call(methods.empty, []);
			};
			it(`${what.name} (${what.from})`, async () => {
				if (!knownFailures.has(`${way}: ${what.name}`)) return test();
				const outcome = await test().then(
					() => "passes, and stands among the known failures",
					() => undefined,
				);
				expect(outcome).equal(undefined);
			});
		}
	});
}
