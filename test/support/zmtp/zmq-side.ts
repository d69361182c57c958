import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Dealer, Reply, Request, Router } from "../../../packages/zmtp/src/index.js";

export type Type = "DEALER" | "REP" | "REQ" | "ROUTER";

/** A frame to be made: its size, and the text whose SHA-256 is repeated to fill it. */
export type FrameSpec = readonly [size: number, seed: string];
/** A frame as it was received. */
export type FrameSum = readonly [size: number, sha256: string];

export interface OpenOptions {
	readonly routingId?: Uint8Array;
	readonly heartbeatMs?: number;
}

/** An implementation of ZeroMQ sockets that a test can tell what to do: ours, or libzmq in a process of its own. */
export interface Side {
	readonly name: string;
	start(): Promise<void>;
	open(type: Type, options?: OpenOptions): Promise<SideSocket>;
	stop(): Promise<void>;
}

export interface SideSocket {
	bind(endpoint: string): Promise<string>;
	connect(endpoint: string): Promise<void>;
	/** A ROUTER waits until the peer that it names is there. */
	send(envelope: readonly Uint8Array[], frames: readonly FrameSpec[]): Promise<void>;
	/** `first`: the first 300 octets of the first frame. */
	receive(): Promise<{ readonly frames: FrameSum[]; readonly first: Buffer }>;
	/** Sends every message back as it is, until closed. */
	echo(): Promise<void>;
	close(): Promise<void>;
}

export function bodyOf([size, seed]: FrameSpec): Buffer {
	return Buffer.alloc(size, createHash("sha256").update(seed).digest());
}

export function sumOf(frame: Uint8Array): FrameSum {
	return [frame.length, createHash("sha256").update(frame).digest("hex")];
}

const classes = { DEALER: Dealer, REP: Reply, REQ: Request, ROUTER: Router };

export const ours: Side = {
	name: "ours",
	start: async () => {},
	stop: async () => {},
	async open(type, { routingId, heartbeatMs } = {}) {
		const socket = new classes[type]({
			linger: 0,
			...(routingId === undefined ? {} : { routingId }),
			...(type === "ROUTER" ? { mandatory: true } : {}),
			...(heartbeatMs === undefined
				? {}
				: { heartbeatInterval: heartbeatMs, heartbeatTimeout: heartbeatMs * 4, heartbeatTimeToLive: heartbeatMs * 8 }),
		});
		const met = once(socket.events, "handshake");
		return {
			bind: async (endpoint) => {
				await socket.bind(endpoint);
				return socket.lastEndpoint!;
			},
			connect: async (endpoint) => socket.connect(endpoint),
			send: async (envelope, frames) => {
				if (type === "ROUTER") await met;
				await socket.send([...(envelope as Uint8Array[]), ...frames.map(bodyOf)]);
			},
			receive: async () => {
				const frames = await socket.receive();
				return { frames: frames.map(sumOf), first: Buffer.from(frames[0]!.subarray(0, 300)) };
			},
			echo: async () => {
				void (async () => {
					for await (const frames of socket) await socket.send(frames);
				})();
			},
			close: () => socket.close(),
		};
	},
};

/** libzmq in a process that takes commands as lines of JSON. */
export class ZmqSide implements Side {
	readonly name: string;
	version = "";
	readonly #command: readonly [string, ...string[]];
	#process: ChildProcess | undefined;
	#calls = new Map<number, { resolve(answer: Record<string, unknown>): void; reject(error: Error): void }>();
	#lastId = 0;
	#sockets = 0;

	constructor(name: string, command: readonly [string, ...string[]]) {
		this.name = name;
		this.#command = command;
	}

	async start(): Promise<void> {
		const [program, ...args] = this.#command;
		const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
		this.#process = child;
		child.on("exit", () => {
			for (const { reject } of this.#calls.values()) reject(new Error(`${this.name} has ended`));
			this.#calls.clear();
		});
		const started = new Promise<Record<string, unknown>>((resolve, reject) => this.#calls.set(0, { resolve, reject }));
		createInterface(child.stdout!).on("line", (line) => {
			const answer = JSON.parse(line) as Record<string, unknown> & { id: number; error?: string };
			const call = this.#calls.get(answer.id);
			this.#calls.delete(answer.id);
			if (answer.error === undefined) call?.resolve(answer);
			else call?.reject(new Error(`${this.name}: ${answer.error}`));
		});
		this.version = String((await started)["version"]);
	}

	async stop(): Promise<void> {
		const child = this.#process;
		if (child === undefined || child.exitCode !== null) return;
		const over = once(child, "exit");
		child.stdin!.end();
		child.kill("SIGKILL");
		await over;
	}

	call(op: string, details: Record<string, unknown>): Promise<Record<string, unknown>> {
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			this.#calls.set(id, { resolve, reject });
			this.#process!.stdin!.write(`${JSON.stringify({ id, op, ...details })}\n`);
		});
	}

	async open(
		type: Type,
		{ routingId, heartbeatMs }: OpenOptions = {},
	): Promise<SideSocket & { readonly name: string }> {
		const name = `s${++this.#sockets}`;
		await this.call("open", {
			name,
			type,
			heartbeatMs,
			routingId: routingId && Buffer.from(routingId).toString("hex"),
		});
		return {
			name,
			bind: async (endpoint) => String((await this.call("bind", { name, endpoint }))["endpoint"]),
			connect: async (endpoint) => void (await this.call("connect", { name, endpoint })),
			send: async (envelope, frames) =>
				void (await this.call("send", {
					name,
					frames,
					envelope: envelope.map((part) => Buffer.from(part).toString("hex")),
				})),
			receive: async () => {
				const { frames, first } = await this.call("receive", { name });
				return { frames: frames as FrameSum[], first: Buffer.from(String(first), "hex") };
			},
			echo: async () => void (await this.call("echo", { name })),
			close: async () => void (await this.call("close", { name })),
		};
	}

	/** zmq_proxy between two sockets opened before; it ends with the process. */
	async proxy(front: { readonly name: string }, back: { readonly name: string }): Promise<void> {
		await this.call("proxy", { front: front.name, back: back.name });
	}
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
