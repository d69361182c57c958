/** Calls that their workers have handed over, by the key that whoever answers them shows. */
import type { IncomingMessage } from "../link/link.js";
import { type Delivery, nameOfKey, readDelegate, readDeliver } from "../protocol/hand-over.js";
import type { QueuedCall } from "./queued-call.js";

/** A call is handed on so often: then it goes round in circles. */
export const maxForwards = 16;

export class HandOvers {
	readonly #calls = new Map<string, QueuedCall>();

	/** Keeps a call for whoever shows the key in DELEGATE's body. Returns how long, in ms; `undefined` when it makes no sense. */
	keep(call: QueuedCall, message: IncomingMessage, body: number): number | undefined {
		const delegation = readDelegate(message, body);
		if (delegation === undefined) return undefined;
		const key = nameOfKey(delegation.key);
		if (this.#calls.has(key)) return undefined;
		this.#calls.set(key, call);
		call.key = key;
		return delegation.expiresMs;
	}

	/** The call whose key a DELIVER shows. */
	find(message: IncomingMessage, header: number): [QueuedCall, Delivery] | undefined {
		const delivery = readDeliver(message.buffers[header]!, message.starts[header]!, message.ends[header]!);
		const call = delivery === undefined ? undefined : this.#calls.get(delivery.key);
		return delivery === undefined || call === undefined ? undefined : [call, delivery];
	}

	/** The call has ended. */
	forget(call: QueuedCall): void {
		if (call.key !== undefined) this.#calls.delete(call.key);
	}
}
