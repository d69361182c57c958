import { ZmtpError } from "../errors.js";
import type { SocketType } from "../wire/socket-type.js";
import { type FlagRow, keep, type NumberRow, show } from "./option-rules.js";
import type { OptionsOf } from "./options.js";

const later = { on: [], effect: "new sockets" } as const;

function range(standard: number, least: number, most: number): Omit<NumberRow, "on" | "effect" | "libzmq"> {
	return { kind: "number", unit: "", default: standard, least, most, isWhole: true };
}

const flag = { kind: "flag", default: true } as const;

/** ZMQ_SOCKET_LIMIT: as libzmq's. */
const maxSocketsLimit = 65_535;
const longestInt = 2 ** 31 - 1;

/** What a context can be told. */
export const contextTable = {
	/** Most sockets that are open at once, those that are closing included; one more throws `EMFILE`. */
	maxSockets: { ...later, libzmq: "ZMQ_MAX_SOCKETS", ...range(maxSocketsLimit, 1, maxSocketsLimit), unit: "sockets" },
	/** Largest frame that sockets send; a larger one is refused with `EMSGSIZE`. 2147483647 stands for no limit. */
	maxMessageSize: {
		...later,
		libzmq: "ZMQ_MAX_MSGSZ",
		...range(Number.POSITIVE_INFINITY, 0, longestInt - 1),
		unit: "bytes",
		infinite: longestInt,
	},
	/** Whether new sockets linger at their end. When `false`, their `linger` is 0 unless they are told otherwise. */
	blocky: { ...later, libzmq: "ZMQ_BLOCKY", ...flag },
	/** Whether new sockets use IPv6, unless they are told otherwise. */
	ipv6: { ...later, libzmq: "ZMQ_IPV6", ...flag },
	/** Kept and not used: there are no threads for input and output. For more processors use `worker_threads`. */
	ioThreads: { ...later, libzmq: "ZMQ_IO_THREADS", ...range(1, 0, longestInt), unit: "threads" },
	/** Kept and not used, for the same reason. */
	threadPriority: { ...later, libzmq: "ZMQ_THREAD_PRIORITY", ...range(-1, -1, longestInt) },
	/** Kept and not used, for the same reason. */
	threadSchedulingPolicy: { ...later, libzmq: "ZMQ_THREAD_SCHED_POLICY", ...range(-1, -1, longestInt) },
} as const satisfies Record<string, NumberRow | FlagRow>;

type Table = typeof contextTable;
type Values = { -readonly [Name in keyof Table]: Table[Name] extends FlagRow ? boolean : number };

const rows = new Map<string, NumberRow | FlagRow>(Object.entries(contextTable));

export type ContextOptions = { readonly [Name in keyof Table]?: Values[Name] | undefined };

/**
 * What sockets have in common: `new Dealer({ context })`. Those that are not told have `context`, the one that is there
 * from the start. A context holds nothing and need not be closed.
 */
export class Context {
	static {
		for (const [name, row] of rows) {
			Object.defineProperty(Context.prototype, name, {
				configurable: true,
				enumerable: true,
				get(this: Context) {
					return show(row, this.#values[name]);
				},
				set(this: Context, value: unknown) {
					this.#values[name] = keep(name, row, value);
				},
			});
		}
	}

	readonly #values: Record<string, unknown> = Object.fromEntries([...rows].map(([name, row]) => [name, row.default]));
	#sockets = 0;

	/** Throws `EINVAL` naming option, value and range. */
	constructor(options: ContextOptions = {}) {
		for (const [name, value] of Object.entries(options)) {
			if (!rows.has(name)) throw new ZmtpError("EINVAL", `a context has no option ${name}`);
			if (value !== undefined) Object.assign(this, { [name]: value });
		}
	}

	/** Largest value of `maxSockets`. */
	get maxSocketsLimit(): number {
		return maxSocketsLimit;
	}

	/** The options of a new socket that was not told otherwise. */
	get socketDefaults(): OptionsOf<SocketType> {
		return { ...(this.blocky ? {} : { linger: 0 }), ...(this.ipv6 ? {} : { ipv6: false }) };
	}

	/** For each new socket. Throws `EMFILE` when it is one too many. */
	admit(): void {
		if (this.#sockets >= this.maxSockets) {
			throw new ZmtpError("EMFILE", `the context has ${this.#sockets} sockets, as many as its maxSockets`);
		}
		this.#sockets++;
	}

	/** A socket that was admitted is no more. */
	release(): void {
		this.#sockets--;
	}

	/** Throws `EMSGSIZE` on a frame above `maxMessageSize`. */
	check(frames: readonly Uint8Array[]): void {
		const most = this.#values["maxMessageSize"] as number;
		if (most === Number.POSITIVE_INFINITY) return;
		for (const { length } of frames) {
			if (length > most) throw new ZmtpError("EMSGSIZE", `a frame has ${length} octets; the context allows ${most}`);
		}
	}
}
export interface Context extends Values {}

/** The context of all sockets that are not given another. */
export const context = new Context();
