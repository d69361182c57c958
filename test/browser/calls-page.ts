/** What the tests have a page call, with a generated stub and nothing but what a browser has. Each function is called by its name. */
import {
	bearerToken,
	type ClientInterceptor,
	type Connection,
	type ConnectionOptions,
	connect,
	RpcError,
} from "@homing/runtime";
import { WorkshopClient } from "./generated/workshop.js";
import { SoldOut } from "./workshop.js";

let connection: Connection;
let workshop: WorkshopClient;

const named: ClientInterceptor = (call, next) => next(call.with({ metadata: { name: "a page" } }));

/** Opens a connection, which stays. */
export function open(endpoints: string | readonly string[], options: ConnectionOptions = {}): void {
	connection = connect(endpoints, {
		reconnectMs: 5,
		reconnectMaxMs: 50,
		...options,
		interceptors: [named, bearerToken(() => "secret")],
	});
	workshop = new WorkshopClient(connection);
}

export function close(): Promise<void> {
	return connection.close();
}

/** What an error says that a page can go by. */
function told(error: unknown): string {
	if (!(error instanceof RpcError)) return `no RpcError: ${String(error)}`;
	return `${error.status} ${error.outcome} ${error.origin}`;
}

async function verdictOf(call: Promise<unknown>): Promise<string> {
	return call.then((value) => `succeeded with ${String(value)}`, told);
}

/** What of a parcel came back as something else. */
export async function mirror(size: number): Promise<string[]> {
	const bytes = Uint8Array.from({ length: size }, (_, index) => index);
	const parcel = {
		at: new Date(1_700_000_000_123),
		bytes,
		large: 2n ** 62n + 1n,
		amounts: new Map([
			["grüße", 1.5],
			["zwei", -2],
		]),
		tags: new Set(["a", "b"]),
	};
	const back = await workshop.mirror(parcel);
	const spoilt: string[] = [];
	if (!(back.at instanceof Date && back.at.getTime() === parcel.at.getTime())) spoilt.push("at");
	if (!(back.bytes.length === size && back.bytes.every((octet, index) => octet === bytes[index]))) spoilt.push("bytes");
	if (back.large !== parcel.large) spoilt.push("large");
	if (JSON.stringify([...back.amounts]) !== JSON.stringify([...parcel.amounts])) spoilt.push("amounts");
	if (JSON.stringify([...back.tags]) !== JSON.stringify([...parcel.tags])) spoilt.push("tags");
	if ("note" in back) spoilt.push("note");
	return spoilt;
}

/** How many of so many calls at a time were answered rightly. */
export async function takeMany(calls: number): Promise<number> {
	const left = await Promise.all(Array.from({ length: calls }, (_, index) => workshop.take("nail", index)));
	return left.filter((count, index) => count === 1000 - index).length;
}

/** The class, the data and the verdict of the error of a call. */
export async function takeTooMuch(): Promise<string> {
	try {
		await workshop.take("nail", 1001);
	} catch (error) {
		if (error instanceof SoldOut) return `SoldOut ${error.data.left} ${error.message} ${told(error)}`;
		return told(error);
	}
	return "succeeded";
}

/** What becomes of a call whose argument is not what the interface says. */
export async function takeNonsense(): Promise<string> {
	try {
		return String(await workshop.take("nail", "many" as unknown as number));
	} catch (error) {
		return `${told(error)} ${(error as Error).message}`;
	}
}

/** Reads a stream without an end, and leaves it. */
export async function count(until: number): Promise<number[]> {
	const numbers: number[] = [];
	for await (const number of workshop.count()) {
		numbers.push(number);
		if (number === until) break;
	}
	return numbers;
}

/** The sum of the numbers from 1 on, as the server makes it of a stream. */
export function sum(upTo: number): Promise<number> {
	async function* numbers() {
		for (let number = 1; number <= upTo; number++) yield number;
	}
	return workshop.sum(numbers());
}

export async function ask(questions: string[]): Promise<{ answers: string[]; done: number[] }> {
	const done: number[] = [];
	const answers = await workshop.ask(
		questions,
		async (question) => question.toUpperCase(),
		(count) => done.push(count),
	);
	return { answers, done };
}

export function waitFor(timeoutMs: number): Promise<string> {
	return verdictOf(workshop.wait({ timeoutMs }));
}

let controller: AbortController;
let waiting: Promise<string>;

/** Begins a call that is never answered. */
export function beginWaiting(): void {
	controller = new AbortController();
	waiting = verdictOf(workshop.wait({ signal: controller.signal }));
}

/** What becomes of it when it is cancelled. */
export function cancelWaiting(): Promise<string> {
	controller.abort();
	return waiting;
}

/** What becomes of it by itself. */
export function endOfWaiting(): Promise<string> {
	return waiting;
}

export function note(text: string): void {
	workshop.note(text);
}

export function caller(): Promise<string> {
	return workshop.caller();
}

/** A call that is made again while it is answered with UNAVAILABLE, and how often it was. */
export async function callerRetried(): Promise<[name: string, retries: number]> {
	const name = await workshop.caller({ retry: { attempts: 3, initialBackoffMs: 1 } });
	return [name, connection.stats().retries];
}

/** A call that is sent to a second server when the first does not answer, and how many of these won. */
export async function callerHedged(): Promise<[name: string, wins: number]> {
	const name = await workshop.caller({ hedge: { delayMs: 5 } });
	return [name, connection.stats().hedgesWon];
}

export function ready(): Promise<void> {
	return connection.ready();
}

/** Resolves when the connection has no server. */
export async function lost(): Promise<void> {
	if (connection.state === "ready") await new Promise<unknown>((resolve) => connection.once("state", resolve));
}

/** What is said of what cannot be had here. */
export function refusals(): string[] {
	const attempts: (() => Connection)[] = [
		() => connect("tcp://127.0.0.1:80"),
		() => connect("ws://127.0.0.1:80/", { security: { username: "x", password: "y" } }),
		() => connect("ws://127.0.0.1:80/", { security: { serverKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7" } }),
	];
	return attempts.map((attempt) => {
		try {
			void attempt().close();
			return "none";
		} catch (error) {
			return (error as { code?: string }).code ?? String(error);
		}
	});
}

/** What a worker of the page's, which runs this script too, is told by a server. */
export async function callerOfWorker(endpoint: string): Promise<string> {
	const { Worker } = globalThis as unknown as { Worker: new (script: string) => WorkerOf<string> };
	const worker = new Worker("page.js");
	const told = await new Promise<string>((resolve) => {
		worker.onmessage = ({ data }) => resolve(data);
		worker.postMessage(endpoint);
	});
	worker.terminate();
	return told;
}

interface WorkerOf<T> {
	onmessage: ((event: { readonly data: T }) => void) | null;
	postMessage(message: T): void;
	terminate(): void;
}

if ("WorkerGlobalScope" in globalThis) {
	const self = globalThis as unknown as WorkerOf<string>;
	self.onmessage = async ({ data }) => {
		open(data);
		self.postMessage(await caller());
		await close();
	};
}

/** Whether code may be made of strings here. */
export async function evaluates(): Promise<boolean> {
	// What drives the page may, while it runs this.
	await new Promise((resolve) => setTimeout(resolve));
	try {
		return new Function("return true")() as boolean;
	} catch {
		return false;
	}
}

/** What of Node is to be found here. */
export function traces(): string[] {
	return ["Buffer", "process", "require", "setImmediate", "global"].filter((name) => name in globalThis);
}
