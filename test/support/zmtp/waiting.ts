import type { EventType, Observer, SocketEvents } from "../../../packages/zmtp/src/socket/observer.js";

/** The next event of this name that fits. */
export function event<Name extends EventType>(
	events: Observer,
	name: Name,
	fits: (event: SocketEvents[Name]) => boolean = () => true,
): Promise<SocketEvents[Name]> {
	return new Promise((resolve) => {
		const hear = (heard: SocketEvents[Name]) => {
			if (!fits(heard)) return;
			events.off(name, hear as never);
			resolve(heard);
		};
		events.on(name, hear as never);
	});
}

const names: readonly EventType[] = [
	"accept",
	"accept:error",
	"bind",
	"bind:error",
	"connect",
	"connect:delay",
	"connect:retry",
	"handshake",
	"handshake:error:auth",
	"handshake:error:protocol",
	"handshake:error:other",
	"disconnect",
	"close",
	"end",
];

/** Everything that happens from now on, as `name` or `name CODE`. */
export function recordEvents(events: Observer): string[] {
	const heard: string[] = [];
	for (const name of names) {
		events.on(name, ((detail: { error?: { code: string } }) => {
			heard.push(detail.error === undefined ? name : `${name} ${detail.error.code}`);
		}) as never);
	}
	return heard;
}

/** Turns of the event loop until `holds`; fails after `limitMs`. For what has no event of its own: memory, kernels. */
export async function until(holds: () => boolean, limitMs = 10_000): Promise<void> {
	const end = performance.now() + limitMs;
	while (!holds()) {
		if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${holds}`);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

export interface Deferred<T = void> {
	readonly promise: Promise<T>;
	resolve(value: T): void;
}

export function defer<T = void>(): Deferred<T> {
	let resolve: (value: T) => void = () => {};
	const promise = new Promise<T>((done) => {
		resolve = done;
	});
	return { promise, resolve };
}
