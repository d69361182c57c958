import { notStarted, RpcError } from "../errors.js";
import { type IncomingMessage, isHoming, type LinkPeer } from "../link/link.js";
import { isSameEnvelope } from "../protocol/envelope.js";
import { Kind } from "../protocol/header.js";
import { endOfFirstAddress, routeOffset } from "../protocol/route.js";
import { SlotTable } from "../reply-channel/slots.js";
import { pump } from "../stream/pump.js";
import { WritablePeers } from "../stream/writable-peers.js";
import { answerOpen } from "./answers.js";
import { type ChannelHost, ServedChannel } from "./channel.js";
import type { ServedCall } from "./context.js";
import { assertIterable } from "./intercept.js";
import type { Route } from "./routes.js";

/** What is to be done about a follow-up. `missing`: its call is over, or somebody else's. */
export type FollowUp =
	| "done"
	| "missing"
	| "malformed"
	| { readonly call: ServedCall; readonly abandoned: RpcError }
	/** A CANCEL of a call that has been told no address. */
	| "cancel";

/** The calls that stay open, being more than a request and an answer: how they are reached, and what follows them up. */
export class OpenCalls {
	readonly #channels = new SlotTable<ServedChannel>();
	readonly #writable = new WritablePeers();
	readonly #host: ChannelHost;
	/** Callbacks called after their call had ended. */
	droppedCallbacks = 0;

	/** `onSurprise`: what followed a call up was good, and other than its compiled codec expects it. */
	constructor(maxFrameBytes: number, onSurprise: ChannelHost["onSurprise"]) {
		this.#host = {
			maxFrameBytes,
			onSurprise,
			hold: ({ origin }) => (origin === undefined ? undefined : this.#writable.hold(origin)),
			onDroppedCallback: () => void this.droppedCallbacks++,
		};
	}

	/** Gives a call a channel, and tells the caller how to reach it. Throws an `RpcError` when too many are open. */
	open(call: ServedCall, route: Route): ServedChannel {
		const { method } = route;
		const canFollow = call.origin !== undefined && isHoming(call.origin);
		const refusal = canFollow ? undefined : noFollowUps(method.name);
		const channel = new ServedChannel(this.#host, call, route, refusal);
		if (!this.#channels.add(channel)) throw notStarted("RESOURCE_EXHAUSTED", `${method.name}: too many calls are open`);
		call.channel = channel;
		call.watch();
		if (canFollow) answerOpen(call, channel, channel.takesRuns);
		return channel;
	}

	/** Sends what the handler's stream gives, if it gives one; else resolves to its result. */
	async serve(channel: ServedChannel, { method }: Route, handle: () => unknown): Promise<unknown> {
		try {
			const result = await handle();
			if (method.form !== "stream") return result;
			await pump(assertIterable(method.name, result), channel);
			return undefined;
		} finally {
			this.#channels.remove(channel);
		}
	}

	/** Takes what follows a call up, or cancels it. */
	follow(peer: LinkPeer, message: IncomingMessage, delimiter: number, kind: number): FollowUp {
		const index = delimiter + 1;
		const buffer = message.buffers[index]!;
		const end = message.ends[index]!;
		const start = message.starts[index]! + routeOffset(kind);
		const addressEnd = endOfFirstAddress(buffer, start, end);
		if (addressEnd === -1) return kind === Kind.CANCEL ? "cancel" : "malformed";
		const channel = this.#channels.find(buffer, start + 1, addressEnd);
		const call = channel?.call;
		// The route is for the caller's peer alone, and for this call: it is no secret among the callers of one queue.
		if (
			channel === undefined ||
			call?.origin !== peer ||
			call.envelope === undefined ||
			!isSameEnvelope(call.envelope, message, 0, delimiter)
		) {
			return "missing";
		}
		const abandoned =
			kind === Kind.CANCEL ? new RpcError("CANCELLED", "the caller cancelled") : channel.receive(kind, message, index);
		return abandoned === undefined ? "done" : { call, abandoned };
	}

	/** The peer reads again, or is gone. */
	wake(peer: LinkPeer): void {
		this.#writable.wake(peer);
	}
}

export function noFollowUps(name: string): RpcError {
	return notStarted("FAILED_PRECONDITION", `${name}: this route cannot carry follow-ups`);
}
