import { fromNodeError, type ZmtpError } from "../errors.js";
import type { ByteStream } from "../transport/transport.js";
import { idleTimeout } from "./process-hold.js";

export interface ReconnectOptions {
	readonly reconnectInterval: number;
	readonly reconnectMaxInterval: number;
	readonly connectTimeout: number;
}

export interface ReconnectHost {
	/** An attempt begins. */
	onDial(): void;
	onStream(stream: ByteStream): void;
	/** The next attempt is made after `intervalMs`. */
	onRetry(intervalMs: number, error: ZmtpError | undefined): void;
	/** There will be no other attempt. */
	onGivenUp(error: ZmtpError | undefined): void;
}

/** Keeps one endpoint connected: dials, and dials again when told that the connection is gone. */
export class Reconnect {
	readonly #connect: (signal: AbortSignal) => Promise<ByteStream>;
	readonly #options: ReconnectOptions;
	readonly #host: ReconnectHost;
	readonly #stop = new AbortController();
	#attempt = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(connect: (signal: AbortSignal) => Promise<ByteStream>, options: ReconnectOptions, host: ReconnectHost) {
		this.#connect = connect;
		this.#options = options;
		this.#host = host;
	}

	async dial(): Promise<void> {
		this.#host.onDial();
		const timeout = timeoutSignal(this.#options.connectTimeout, this.#stop.signal);
		try {
			const stream = await this.#connect(timeout.signal);
			if (this.#stop.signal.aborted) stream.destroy();
			else this.#host.onStream(stream);
		} catch (error) {
			if (!this.#stop.signal.aborted) this.again(fromNodeError(error, "cannot connect"));
		} finally {
			timeout.clear();
		}
	}

	/** The peer finished its handshake: the next pause is the first one again. */
	succeeded(): void {
		this.#attempt = 0;
	}

	/** The connection failed or is gone: pauses, then dials. */
	again(error: ZmtpError | undefined): void {
		if (this.#stop.signal.aborted) return;
		// A peer that said no will say it again: RFC 26 forbids asking with the same credentials.
		if (error?.code === "ZMTP_PEER_REFUSED" || this.#options.reconnectInterval === Number.POSITIVE_INFINITY) {
			this.stop();
			this.#host.onGivenUp(error);
			return;
		}
		const pause = backoff(this.#attempt++, this.#options, Math.random());
		this.#host.onRetry(pause, error);
		this.#timer = idleTimeout(() => void this.dial(), pause);
	}

	/** No further attempt; one under way is given up. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#stop.abort();
	}
}

/**
 * Pause before attempt number `attempt`: doubling up to the maximum, then anything from half of it to all, so that
 * clients which lost their server together do not come back together. `random` is from 0 to 1.
 */
export function backoff(
	attempt: number,
	options: Pick<ReconnectOptions, "reconnectInterval" | "reconnectMaxInterval">,
	random: number,
): number {
	const { reconnectMaxInterval } = options;
	// 0 is a value that libzmq takes; without any pause a refused connection would be a busy loop.
	const reconnectInterval = Math.max(1, options.reconnectInterval);
	const longest = Math.max(reconnectInterval, reconnectMaxInterval);
	const full = Math.min(longest, reconnectInterval * 2 ** Math.min(attempt, 30));
	return Math.round(full / 2 + (full / 2) * random);
}

/** `AbortSignal.any` with a timeout, but leaving no timer and no listener behind. */
function timeoutSignal(timeoutMs: number, parent: AbortSignal): { readonly signal: AbortSignal; clear(): void } {
	const controller = new AbortController();
	const abort = () => controller.abort();
	const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : idleTimeout(abort, timeoutMs);
	parent.addEventListener("abort", abort, { once: true });
	return {
		signal: controller.signal,
		clear: () => {
			clearTimeout(timer);
			parent.removeEventListener("abort", abort);
		},
	};
}
