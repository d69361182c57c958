import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
	type FrameSum,
	type MessageSpec,
	type Options,
	optionsOf,
	type Received,
	type Side,
	type SideSocket,
	subscription,
	type Type,
	type ZapRules,
} from "./side.js";

type Answer = Record<string, unknown>;

/** What a server asked its ZAP handler. */
export interface ZapRequest {
	readonly key: string;
	readonly domain: string;
	readonly address: string;
	readonly identity: string;
}

/** libzmq in a process that takes commands as lines of JSON. */
export class ZmqSide implements Side {
	readonly name: string;
	/** What the process says it is. */
	version = "";
	readonly #command: readonly [string, ...string[]];
	#process: ChildProcess | undefined;
	/** Why it takes no calls any more. */
	#ending: Error | undefined;
	#calls = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
	#lastId = 0;
	#sockets = 0;

	constructor(name: string, command: readonly [string, ...string[]]) {
		this.name = name;
		this.#command = command;
	}

	async start(): Promise<void> {
		const [program, ...args] = this.#command;
		const child = spawn(program, args, {
			stdio: ["pipe", "pipe", "inherit"],
			// A proxy of zeromq.js keeps one of libuv's threads, of which there are four.
			env: { ...process.env, UV_THREADPOOL_SIZE: "32" },
		});
		this.#process = child;
		this.#ending = undefined;
		child.on("exit", (code, signal) => {
			this.#ending = new Error(`${this.name} has ended: ${signal ?? code}`);
			for (const { reject } of this.#calls.values()) reject(this.#ending);
			this.#calls.clear();
		});
		// What is written to a process that has just died; its exit says so.
		child.stdin!.on("error", () => {});
		const started = new Promise<Answer>((resolve, reject) => this.#calls.set(0, { resolve, reject }));
		createInterface(child.stdout!).on("line", (line) => {
			const answer = JSON.parse(line) as Answer & { id: number; error?: string };
			const call = this.#calls.get(answer.id);
			this.#calls.delete(answer.id);
			if (answer.error === undefined) call?.resolve(answer);
			else call?.reject(new Error(`${this.name}: ${answer.error}`));
		});
		this.version = String((await started)["version"]);
	}

	/** Kills the process: its sockets are gone as in a crash. It can be started again. */
	async stop(): Promise<void> {
		const child = this.#process;
		if (child === undefined || this.#ending !== undefined) return;
		const over = once(child, "exit");
		child.stdin!.end();
		child.kill("SIGKILL");
		await over;
	}

	async call(op: string, details: Answer = {}): Promise<Answer> {
		if (this.#ending !== undefined) throw this.#ending;
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			this.#calls.set(id, { resolve, reject });
			this.#process!.stdin!.write(`${JSON.stringify({ id, op, ...details })}\n`);
		});
	}

	async open(type: Type, options: Options = {}): Promise<ZmqSocket> {
		const name = `s${++this.#sockets}`;
		const given = Object.entries(optionsOf(type, options)).map(([key, value]) => [
			key,
			value instanceof Uint8Array ? { hex: hex(value) } : value,
		]);
		await this.call("open", { name, type, options: Object.fromEntries(given) });
		return new ZmqSocket(this, type, name);
	}

	/** It stays as long as the process. */
	async zap(rules: ZapRules): Promise<void> {
		await this.call("zap", { rules });
	}

	/** All that the handler was asked. */
	async zapRequests(): Promise<ZapRequest[]> {
		return (await this.call("zapRequests"))["requests"] as ZapRequest[];
	}
}

export class ZmqSocket implements SideSocket {
	readonly name: string;
	readonly #side: ZmqSide;
	readonly #type: Type;

	constructor(side: ZmqSide, type: Type, name: string) {
		this.#side = side;
		this.#type = type;
		this.name = name;
	}

	async bind(endpoint: string): Promise<string> {
		return String((await this.#call("bind", { endpoint }))["endpoint"]);
	}

	async connect(endpoint: string): Promise<void> {
		await this.#call("connect", { endpoint });
	}

	async unbind(endpoint: string): Promise<void> {
		await this.#call("unbind", { endpoint });
	}

	async disconnect(endpoint: string): Promise<void> {
		await this.#call("disconnect", { endpoint });
	}

	async subscribe(topic: Uint8Array): Promise<void> {
		if (this.#type === "XSUB") await this.send([subscription(true, topic)], []);
		else await this.#call("subscribe", { topic: hex(topic) });
	}

	async unsubscribe(topic: Uint8Array): Promise<void> {
		if (this.#type === "XSUB") await this.send([subscription(false, topic)], []);
		else await this.#call("unsubscribe", { topic: hex(topic) });
	}

	send(envelope: MessageSpec["envelope"], frames: MessageSpec["frames"]): Promise<void> {
		return this.sendAll([{ envelope, frames }]);
	}

	async sendAll(messages: readonly MessageSpec[]): Promise<void> {
		await this.#call("send", {
			messages: messages.map(({ envelope, frames }) => ({ envelope: envelope.map(hex), frames })),
		});
	}

	async receive(): Promise<Received> {
		return (await this.receiveAll(1))[0]!;
	}

	async receiveAll(count: number, skip?: Uint8Array): Promise<Received[]> {
		const details = skip === undefined ? { count } : { count, skip: hex(skip) };
		const { messages } = (await this.#call("receive", details)) as {
			messages: { frames: FrameSum[]; first: string }[];
		};
		return messages.map(({ frames, first }) => ({ frames, first: Buffer.from(first, "hex") }));
	}

	async echo(): Promise<void> {
		await this.#call("echo");
	}

	async beacon(frame: Uint8Array): Promise<void> {
		await this.#call("beacon", { frame: hex(frame) });
	}

	/** zmq_proxy. pyzmq's ends only with the process. */
	async proxy(back: SideSocket): Promise<void> {
		if (!(back instanceof ZmqSocket)) throw new Error("a proxy has sockets of one side");
		await this.#side.call("proxy", { front: this.name, back: back.name });
	}

	async notice(): Promise<void> {
		await this.#call("notice");
	}

	async close(): Promise<void> {
		await this.#call("close");
	}

	#call(op: string, details: Answer = {}): Promise<Answer> {
		return this.#side.call(op, { name: this.name, ...details });
	}
}

function hex(octets: Uint8Array): string {
	return Buffer.from(octets).toString("hex");
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export const zeromqJs = () => new ZmqSide("zeromq.js", [process.execPath, here("zmq-peer.mjs")]);
/** Debian's python3-zmq. */
export const pyzmq = () => new ZmqSide("pyzmq", ["/usr/bin/python3", here("zmq_peer.py")]);

const hasPyzmq = spawnSync("/usr/bin/python3", ["-c", "import zmq"]).status === 0;

/** Call in a suite that needs pyzmq: without it the suite fails under CI and is skipped, loudly, elsewhere. */
export function needsPyzmq(context: Mocha.Context): void {
	if (hasPyzmq) return;
	if (process.env["CI"] === "true") throw new Error("pyzmq is missing: apt-get install python3-zmq");
	console.warn("\n  SKIPPED: pyzmq is missing, so nothing below was tested against it: apt-get install python3-zmq\n");
	context.skip();
}
