/**
 * Names of `inproc://` that other threads of the process have bound.
 *
 * Threads find each other over one broadcast channel, which no other process hears. Whoever seeks a name is told a door of
 * its own: a Unix socket in a folder that only this user may enter, which is gone as soon as one has come through. The
 * octets go through what is left, so the kernel bounds what waits and tells of a thread that has died. No message port
 * does that which two threads of Node 20 could have without knowing each other.
 */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BroadcastChannel } from "node:worker_threads";
import { fromNodeError } from "../errors.js";
import { listen } from "./node-listener.js";
import { accept, acceptPaused, dial } from "./node-sockets.js";
import type { ByteStream, ListenOptions } from "./transport.js";

/** What threads say to each other: who has this name, I have it, you find it behind that door. */
type Word =
	| { readonly word: "seek"; readonly name: string; readonly seeker: string }
	| { readonly word: "offer"; readonly name: string }
	| { readonly word: "found"; readonly seeker: string; readonly door: string };

/** What this thread has bound. */
export interface BoundNames {
	readonly size: number;
	get(name: string): ListenOptions | undefined;
}

/** A name that another thread has bound. */
export class OtherThread {
	readonly #endpoint: string;
	readonly #door: string;

	constructor(name: string, door: string) {
		this.#endpoint = `inproc://${name}`;
		this.#door = door;
	}

	/** To be called once. Rejects with a `ZmtpError`, as when the name has been unbound meanwhile. */
	connect(signal: AbortSignal): Promise<ByteStream> {
		return dial({ path: this.#door }, this.#endpoint, signal);
	}
}

interface Seeking {
	readonly name: string;
	readonly onFound: (other: OtherThread) => void;
}

interface Door {
	readonly name: string;
	readonly path: string;
	close(): void;
}

/** Where several threads have bound one name, the seeker takes the first door, and nobody comes to the others. Unit: ms. */
const doorStandsMs = 10_000;

export class Threads {
	readonly #bound: BoundNames;
	readonly #seeking = new Map<string, Seeking>();
	/** Those through which nobody has come yet. */
	readonly #doors = new Set<Door>();
	#channel: BroadcastChannel | undefined;

	constructor(bound: BoundNames) {
		this.#bound = bound;
	}

	/** This thread has bound a name. */
	offer(name: string): void {
		this.#say({ word: "offer", name });
	}

	/** It has not any more. Who has come in stays. */
	withdraw(name: string): void {
		for (const door of this.#doors) if (door.name === name) door.close();
		this.#rest();
	}

	/** Awaits a name, until `onFound` is called or what this returns is. */
	seek(name: string, onFound: (other: OtherThread) => void): () => void {
		const seeker = randomUUID();
		this.#seeking.set(seeker, { name, onFound });
		this.#say({ word: "seek", name, seeker });
		return () => {
			this.#seeking.delete(seeker);
			this.#rest();
		};
	}

	#say(word: Word): void {
		this.#channel ??= this.#open();
		this.#channel.postMessage(word);
	}

	#open(): BroadcastChannel {
		const channel = new BroadcastChannel("homing:inproc");
		channel.onmessage = (event) => void this.#hear((event as { readonly data: Word }).data);
		// Deno's has none.
		(channel as { unref?(): void }).unref?.();
		return channel;
	}

	/** Nothing bound, nothing awaited: nobody to talk to. */
	#rest(): void {
		if (this.#bound.size > 0 || this.#seeking.size > 0) return;
		this.#channel?.close();
		this.#channel = undefined;
	}

	async #hear(said: Word): Promise<void> {
		if (said.word === "seek") {
			await this.#answer(said.name, said.seeker);
		} else if (said.word === "offer") {
			for (const [seeker, { name }] of this.#seeking) if (name === said.name) this.#say({ word: "seek", name, seeker });
		} else {
			const seeking = this.#seeking.get(said.seeker);
			if (!this.#seeking.delete(said.seeker)) return;
			seeking!.onFound(new OtherThread(seeking!.name, said.door));
			this.#rest();
		}
	}

	async #answer(name: string, seeker: string): Promise<void> {
		if (this.#bound.get(name) === undefined) return;
		try {
			const door = await this.#openDoor(name);
			if (this.#bound.get(name) === undefined) door.close();
			else this.#say({ word: "found", seeker, door: door.path });
		} catch (error) {
			this.#bound.get(name)?.onAcceptError(fromNodeError(error, `cannot let another thread in at inproc://${name}`));
		}
	}

	async #openDoor(name: string): Promise<Door> {
		// Of mode 700: nobody else gets to the socket, whatever its own mode.
		const folder = await mkdtemp(join(tmpdir(), "homing-"));
		// Windows has its pipes elsewhere, and this name nobody can guess.
		const path = process.platform === "win32" ? `\\\\.\\pipe\\${randomUUID()}` : join(folder, "inproc");
		const server = createServer(acceptPaused, (socket) => {
			door.close();
			const stream = accept(socket, `inproc://${name}`);
			const listener = this.#bound.get(name);
			if (listener === undefined) stream.destroy();
			else listener.onStream(stream);
		});
		const timer = setTimeout(() => door.close(), doorStandsMs).unref();
		const door: Door = {
			name,
			path,
			close: () => {
				clearTimeout(timer);
				this.#doors.delete(door);
				server.close();
				rmSync(folder, { recursive: true, force: true });
			},
		};
		this.#doors.add(door);
		try {
			await listen(server, { path }, (error) => this.#bound.get(name)?.onAcceptError(error));
		} catch (error) {
			door.close();
			throw error;
		}
		return door;
	}
}
