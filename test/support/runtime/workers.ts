import { Worker } from "../../../packages/runtime/src/queue/worker.js";
import { FakePeer } from "./fake-peer.js";

export interface FakeWorkerOptions {
	readonly concurrency?: number;
	readonly services?: readonly string[];
	readonly isPlain?: boolean;
	readonly now?: number;
}

/** A worker behind a peer without a wire. */
export function fakeWorker(options: FakeWorkerOptions = {}): { readonly worker: Worker; readonly peer: FakePeer } {
	const peer = new FakePeer();
	const { concurrency = 16, services = ["Echo"], isPlain = false, now = 0 } = options;
	const offer = { instance: "fake", concurrency, services: Object.fromEntries(services.map((name) => [name, ""])) };
	return { worker: new Worker(peer, offer, isPlain, now), peer };
}
