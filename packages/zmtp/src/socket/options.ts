/** What the table of options becomes: types, the settings of a socket, and properties of the socket classes. */
import type { ConnectionOptions } from "../connection/connection.js";
import { ZmtpError } from "../errors.js";
import type { HighWaterMark } from "../pattern/back-pressure.js";
import type { TlsOptions } from "../transport/tls-options.js";
import type { ListenOptions, StreamOptions } from "../transport/transport.js";
import type { SocketType } from "../wire/socket-type.js";
import type {
	AliasRow,
	CallbackRow,
	ChoiceRow,
	FlagRow,
	KeyRow,
	NumberRow,
	OctetsRow,
	OptionRow,
	TextRow,
	TlsRow,
	UnavailableRow,
	ValueRow,
} from "./option-rules.js";
import { keep, nameValue, show } from "./option-rules.js";
import { optionTable } from "./option-table.js";
import { mechanismOf } from "./security.js";

type Table = typeof optionTable;
type OptionName = keyof Table;

/** What an option may be set to when a socket is made. */
type Given<Row> = Row extends OctetsRow | KeyRow ? string | Uint8Array | null : Shown<Row>;

/** What it reads as, and what its property may be set to: zeromq.js's types. */
type Shown<Row> = Row extends NumberRow
	? number
	: Row extends FlagRow
		? boolean
		: Row extends ChoiceRow<infer V>
			? V
			: Row extends TextRow | OctetsRow | KeyRow
				? string | null
				: Row extends CallbackRow<infer Callback>
					? Callback | null
					: Row extends TlsRow
						? TlsOptions | null
						: Row extends AliasRow<infer Name extends OptionName>
							? Shown<Table[Name]>
							: Row extends UnavailableRow<infer V>
								? V
								: never;

/** How it is kept: no end is `Infinity`, no octets are an empty array. */
type Kept<Row> = Row extends OctetsRow ? Uint8Array : Row extends KeyRow ? Uint8Array | null : Shown<Row>;

/** The options that every one of these types has. */
type NamesOn<Type extends SocketType> = {
	[Name in OptionName]: [Type] extends [Table[Name]["on"][number]] ? Name : never;
}[OptionName];

/** The options of one type of socket, as its properties; of `SocketType`, those that all sockets have. */
export type PropertiesOf<Type extends SocketType> = {
	-readonly [Name in keyof Pick<Table, NamesOn<Type>>]: Shown<Table[Name]>;
};

/** The options among the properties of a socket, as its constructor takes them. */
export type OptionsIn<Properties> = {
	readonly [Name in keyof Pick<Table, OptionName & keyof Properties>]?: Given<Table[Name]> | undefined;
};

export type OptionsOf<Type extends SocketType> = OptionsIn<PropertiesOf<Type>>;

type ValueName = { [Name in OptionName]: Table[Name] extends ValueRow ? Name : never }[OptionName];

/** All options of one socket, whatever its type, in one object that is read when a value is needed: a change counts from then on. */
export type Settings = { -readonly [Name in ValueName]: Kept<Table[Name]> };

const rows: ReadonlyMap<string, OptionRow> = new Map(Object.entries(optionTable));

/** Copied for each socket, so that all settings have one shape. */
const defaults = Object.fromEntries(
	[...rows].flatMap(([name, row]) => (isValue(row) ? [[name, keep(name, row, row.default)]] : [])),
) as Settings;

/** The names of a socket type's options. */
export function optionNames(type: SocketType): string[] {
	return [...rows].flatMap(([name, row]) => (row.on.includes(type) ? [name] : []));
}

/**
 * Fills in defaults; of what is given twice the last counts, and `undefined` counts as not given. Throws `EINVAL` naming
 * option, value and range.
 */
export function createSettings<Type extends SocketType>(type: Type, ...given: OptionsOf<Type>[]): Settings {
	const settings = { ...defaults };
	for (const [name, value] of given.flatMap((options) => Object.entries(options))) {
		if (value === undefined) continue;
		if (!rows.get(name)?.on.includes(type)) throw new ZmtpError("EINVAL", `a ${type} socket has no option ${name}`);
		writeOption(settings, name, value);
	}
	return settings;
}

/** Whether a change of the option counts for endpoints that are bound or connected already. */
export function isLive(name: string): boolean {
	return rows.get(name)?.effect === "at once";
}

/** An option as zeromq.js shows it: -1 or 0 for no end, `null` for nothing, keys as Z85. */
export function readOption(settings: Settings, name: string): unknown {
	const row = rows.get(name)!;
	if (row.kind === "alias") return readAlias(settings, row);
	return isValue(row) ? show(row, settings[name as ValueName]) : row.default;
}

/** Throws `EINVAL` as `createSettings`, and `ENOTSUP` on what there is no way to do. */
export function writeOption(settings: Settings, name: string, value: unknown): void {
	const row = rows.get(name)!;
	if (row.kind === "alias") {
		writeAlias(settings, row, value);
	} else if (isValue(row)) {
		(settings as Record<string, unknown>)[name] = keep(name, row, value);
	} else if (value !== row.default) {
		throw new ZmtpError("ENOTSUP", `option ${name} cannot be ${nameValue(value)}: ${row.instead}`);
	}
}

/** -1 is libzmq's word for no limit, and a limit of all frames together below that of one would undo it. */
function writeAlias(settings: Settings, row: AliasRow, value: unknown): void {
	writeOption(settings, row.of, value === -1 ? Number.POSITIVE_INFINITY : value);
	settings.maxMessageBytes = Math.max(settings.maxMessageBytes, settings.maxFrameBytes);
}

function readAlias(settings: Settings, row: AliasRow): unknown {
	const value = readOption(settings, row.of);
	return value === Number.POSITIVE_INFINITY ? -1 : value;
}

function isValue(row: OptionRow): row is ValueRow {
	return row.kind !== "alias" && row.kind !== "unavailable";
}

/** The marks of the queue towards each peer, as they are now. A class: its getters are read for every message. */
export class SendLimit implements HighWaterMark {
	readonly #settings: Settings;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	get messages(): number {
		return this.#settings.sendHighWaterMark;
	}

	get bytes(): number {
		return this.#settings.sendHighWaterMarkBytes;
	}

	get conflates(): boolean {
		return this.#settings.conflate;
	}
}

/** The marks of the queue from each peer, likewise. */
export class ReceiveLimit implements HighWaterMark {
	readonly #settings: Settings;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	get messages(): number {
		return this.#settings.receiveHighWaterMark;
	}

	get bytes(): number {
		return this.#settings.receiveHighWaterMarkBytes;
	}

	get conflates(): boolean {
		return this.#settings.conflate;
	}
}

/** What of the settings a transport has to know. They are read when a stream is made. */
export function listenOptions(settings: Settings): Omit<ListenOptions, "onStream" | "onAcceptError"> {
	const { backlog, reusePort, handshakeInterval, maxPendingHandshakes } = settings;
	return { ...streamOptions(settings), backlog, reusePort, handshakeInterval, maxPendingHandshakes };
}

export function streamOptions(settings: Settings): StreamOptions {
	const { maxFrameBytes, maxCommandBytes, ipv6, tcpKeepalive, tcpKeepaliveIdle, tls } = settings;
	const mechanism = (mechanismOf(settings) ?? "null").toUpperCase();
	return { mechanism, maxFrameBytes, maxCommandBytes, ipv6, tcpKeepalive, tcpKeepaliveIdle, tls };
}

/** What of the settings a connection has to know. */
export function connectionOptions(socketType: SocketType, settings: Settings): ConnectionOptions {
	const { heartbeatInterval, heartbeatTimeout } = settings;
	return {
		socketType,
		limits: {
			maxFrameBytes: settings.maxFrameBytes,
			maxMessageBytes: settings.maxMessageBytes,
			maxFramesPerMessage: settings.maxFramesPerMessage,
			maxCommandBytes: settings.maxCommandBytes,
		},
		handshakeTimeoutMs: settings.handshakeInterval,
		heartbeat: {
			intervalMs: heartbeatInterval,
			timeoutMs: heartbeatTimeout === -1 ? heartbeatInterval : heartbeatTimeout,
			timeToLiveMs: settings.heartbeatTimeToLive,
		},
	};
}
