import { maxHeartbeatTtlMs } from "../limits.js";

export interface HeartbeatOptions {
	/** A PING goes out after this much silence of the peer. Unit: ms. 0: never. */
	readonly intervalMs: number;
	/** The peer is given up when it stays silent this long after a PING was due. Unit: ms. */
	readonly timeoutMs: number;
	/** How long the peer may wait for a sign of ours, told in each PING. Unit: ms. 0: it decides itself. */
	readonly timeToLiveMs: number;
}

/** Ticks come no more often, for they cost every connection of a socket. Unit: ms. */
const finestTickMs = 20;

/** What is due now. */
export type Pulse = "none" | "ping" | "expired";

/**
 * Liveness of one peer, without a clock of its own. Any octet received is a sign of life, not only whole frames as in
 * libzmq (libzmq#2709): a large frame over a slow line must not look like a dead peer.
 */
export class Heartbeat {
	readonly #options: HeartbeatOptions;
	readonly #canPing: boolean;
	#heardAt: number;
	#pingedAt: number;
	#tickedAt: number;
	/** What the peer's last PING asked for; 0: nothing. */
	#peerTtlMs = 0;

	/** `canPing`: whether the peer knows PING, so has ZMTP 3.1. */
	constructor(options: HeartbeatOptions, canPing: boolean, now: number) {
		this.#options = options;
		this.#canPing = canPing && options.intervalMs > 0;
		this.#heardAt = now;
		this.#pingedAt = now;
		this.#tickedAt = now;
	}

	/** How often `tick` must be called to be in time. Unit: ms. `Infinity`: not at all. */
	get tickMs(): number {
		const interval = this.#canPing ? this.#options.intervalMs : Number.POSITIVE_INFINITY;
		const ttl = this.#peerTtlMs > 0 ? this.#peerTtlMs : Number.POSITIVE_INFINITY;
		return Math.max(finestTickMs, Math.min(interval, ttl) / 2);
	}

	/** What to tell the peer in a PING. Unit: ms. */
	get timeToLiveMs(): number {
		return Math.min(this.#options.timeToLiveMs, maxHeartbeatTtlMs);
	}

	heard(now: number): void {
		this.#heardAt = now;
	}

	/** RFC 37, PING: a TTL binds this side until the next PING changes it. */
	obey(peerTtlMs: number): void {
		this.#peerTtlMs = peerTtlMs;
	}

	/**
	 * `isListening`: whether what the peer sends is read now. Who does not listen cannot blame the peer for its silence,
	 * and as the peer's own PINGs stay unread, ours have to tell it that this side lives.
	 */
	tick(now: number, isListening: boolean): Pulse {
		this.#forgiveOwnLag(now);
		if (!isListening) {
			this.#heardAt = now;
			return this.#canPing && this.#isPingDue(now) ? "ping" : "none";
		}
		const silence = now - this.#heardAt;
		if (this.#peerTtlMs > 0 && silence >= this.#peerTtlMs) return "expired";
		if (!this.#canPing) return "none";
		const { intervalMs, timeoutMs } = this.#options;
		if (silence >= intervalMs + timeoutMs) return "expired";
		return silence >= intervalMs && this.#isPingDue(now) ? "ping" : "none";
	}

	#isPingDue(now: number): boolean {
		if (now - this.#pingedAt < this.#options.intervalMs) return false;
		this.#pingedAt = now;
		return true;
	}

	/** When this process itself was held up, octets of the peer may wait unread: the time does not count against it. */
	#forgiveOwnLag(now: number): void {
		const lag = now - this.#tickedAt - this.tickMs;
		if (lag > this.tickMs) this.#heardAt = Math.min(now, this.#heardAt + lag);
		this.#tickedAt = now;
	}
}
