import type { LinkPeer } from "../../../packages/runtime/src/link/link.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { framesOf } from "./messages.js";
import { flags, kinds, pack, unpack } from "./wire.js";

/** A request as it arrived. */
export interface Request {
	readonly peer: LinkPeer;
	readonly replyToken: Buffer;
	readonly args: readonly unknown[];
	readonly attempt: number;
	readonly budgetMs: number;
	readonly isIdempotent: boolean;
}

const empty = Buffer.alloc(0);
const unavailable = 14;

/** A server that answers each request as the test says, with what a real one answers only when something goes wrong. */
export class ScriptedServer {
	readonly requests: Request[] = [];
	/** Tokens of the calls that were cancelled. */
	readonly cancelled: Buffer[] = [];
	readonly #peers = new Set<LinkPeer>();
	onRequest: (request: Request) => void = () => {};
	readonly #port = new Port(
		"ROUTER",
		{ linger: 0 },
		{
			onPeerReady: (peer) => this.#peers.add(peer),
			onPeerLost: (peer) => this.#peers.delete(peer),
			onWritable: () => {},
			onMessage: (peer, message) => this.#receive(peer, framesOf(message)),
		},
	);

	bind(endpoint: string): Promise<string> {
		return this.#port.bind(endpoint);
	}

	close(): Promise<void> {
		return this.#port.close();
	}

	/** Ends all connections. Clients come back. */
	cut(): void {
		for (const peer of this.#peers) peer.close(undefined);
	}

	succeed({ peer, replyToken }: Request, value: unknown): void {
		this.#send(peer, replyToken, empty, pack(value));
	}

	/** `outcome`: nothing said means that the handler failed. */
	fail({ peer, replyToken }: Request, outcome?: "not-started" | "unknown", status = unavailable): void {
		const flag = outcome === undefined ? 0 : outcome === "unknown" ? flags.UNKNOWN : flags.NOT_STARTED;
		this.#send(
			peer,
			replyToken,
			empty,
			Buffer.of(kinds.ERROR, flag, status),
			pack({ message: "as the test wants it" }),
		);
	}

	#receive(peer: LinkPeer, frames: Buffer[]): void {
		const [replyToken, , header, body] = frames as [Buffer, Buffer, Buffer, Buffer?];
		if (header?.[0] === kinds.CANCEL) this.cancelled.push(replyToken);
		if (header?.[0] !== kinds.CALL || body === undefined) return;
		const request = {
			peer,
			replyToken,
			args: unpack(body) as unknown[],
			attempt: header[6]!,
			budgetMs: header.readUInt32BE(2),
			isIdempotent: (header[1]! & flags.IDEMPOTENT) !== 0,
		};
		this.requests.push(request);
		this.onRequest(request);
	}

	#send(peer: LinkPeer, ...frames: Uint8Array[]): void {
		if (!this.#peers.has(peer)) return;
		const writer = peer.begin();
		for (const [at, frame] of frames.entries()) writer.frame(frame, at < frames.length - 1);
		peer.commit();
	}
}
