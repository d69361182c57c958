/** The kinds of options: what a row of the table says, which values it takes, and how they are kept and shown. */
import { ZmtpError } from "../errors.js";
import { acceptTls, tlsNames } from "../transport/tls-options.js";
import { utf8 } from "../wire/octets.js";
import type { SocketType } from "../wire/socket-type.js";
import { decodeZ85, encodeZ85 } from "../wire/z85.js";

/** When a change of an option takes effect: at once, or for endpoints bound or connected, or sockets made, afterwards. */
export type Effect = "at once" | "new endpoints" | "new sockets";

interface Row {
	readonly on: readonly SocketType[];
	/** libzmq's constant; `undefined` when the option is ours. */
	readonly libzmq?: string;
	readonly effect: Effect;
}

export interface NumberRow extends Row {
	readonly kind: "number";
	readonly unit: string;
	readonly default: number;
	readonly least: number;
	/** Largest number beside `Infinity`. */
	readonly most: number;
	/** How `Infinity` is spelt when the option is read, and may be when it is set; absent: it is none of its values. */
	readonly infinite?: number;
	/** A number outside the range with a meaning of its own, which is also the default. */
	readonly unset?: { readonly value: -1; readonly means: string };
	readonly isWhole: boolean;
}

export interface FlagRow extends Row {
	readonly kind: "flag";
	readonly default: boolean;
}

export interface ChoiceRow<Value = unknown> extends Row {
	readonly kind: "choice";
	readonly values: readonly Value[];
	readonly default: Value;
}

/** Text that goes out as UTF-8; `null`: none. */
export interface TextRow extends Row {
	readonly kind: "text";
	readonly default: null;
	/** Longest text. Unit: octets. */
	readonly most: number;
}

/** Octets, or text taken as UTF-8; `null`: none. Kept as octets, and none as no octets. */
export interface OctetsRow extends Row {
	readonly kind: "octets";
	readonly default: null;
	readonly most: number;
	/** RFC 37: addresses that start with a zero are a ROUTER's own. */
	readonly mayStartWithZero: boolean;
}

/** A CURVE key: 32 octets, or 40 digits of Z85; `null`: none. */
export interface KeyRow extends Row {
	readonly kind: "key";
	readonly default: null;
}

/** A function of the application's; `null`: none. */
export interface CallbackRow<Callback = unknown> extends Row {
	readonly kind: "callback";
	readonly default: null;
	/** What it is called with and returns, for people and for types. */
	readonly signature: string;
	readonly type?: Callback;
}

/** TLS's keys, certificates and choices; `null`: none. */
export interface TlsRow extends Row {
	readonly kind: "tls";
	readonly default: null;
}

/** Another name of an option. */
export interface AliasRow<Name extends string = string> extends Row {
	readonly kind: "alias";
	readonly of: Name;
}

/** An option that this implementation cannot offer: it keeps its default, and says what to do instead. */
export interface UnavailableRow<Value = unknown> extends Row {
	readonly kind: "unavailable";
	readonly default: Value;
	readonly instead: string;
}

/** What can be set to a value and is kept. */
export type ValueRow = NumberRow | FlagRow | ChoiceRow | TextRow | OctetsRow | KeyRow | CallbackRow | TlsRow;

export type OptionRow = ValueRow | AliasRow | UnavailableRow;

const keyBytes = 32;

/** The value as it is kept. Throws `EINVAL` naming option, value and range. */
export function keep(name: string, row: ValueRow, value: unknown): unknown {
	const kept = accept(row, value);
	if (kept === undefined) {
		// A key may be a secret one, and what somebody took for a key another.
		const shown = row.kind === "key" || row.kind === "tls" ? "this" : nameValue(value);
		throw new ZmtpError("EINVAL", `option ${name} cannot be ${shown}: ${describeValues(row)}`);
	}
	return kept;
}

/** For people, whatever it is: an object need not know how to be text. */
export function nameValue(value: unknown): string {
	if (value instanceof Uint8Array) return `${value.length} octets`;
	return value !== null && /object|function/.test(typeof value) ? `this ${typeof value}` : String(value);
}

/** A kept value as zeromq.js spells it. */
export function show(row: ValueRow, kept: unknown): unknown {
	switch (row.kind) {
		case "number":
			return kept === Number.POSITIVE_INFINITY ? row.infinite : kept;
		case "octets":
			return (kept as Uint8Array).length === 0 ? null : new TextDecoder().decode(kept as Uint8Array);
		case "key":
			return kept === null ? null : encodeZ85(kept as Uint8Array);
		default:
			return kept;
	}
}

/** For people: `1 to 2147483647, or Infinity`. */
export function describeValues(row: ValueRow): string {
	switch (row.kind) {
		case "number":
			return describeRange(row);
		case "flag":
			return "true or false";
		case "choice":
			return row.values.map((value) => JSON.stringify(value)).join(", ");
		case "text":
			return `text of 1 to ${row.most} octets, or null`;
		case "octets":
			return `1 to ${row.most} octets${row.mayStartWithZero ? "" : ", the first not zero"}, or null`;
		case "key":
			return "a key of 32 octets, or its 40 digits of Z85, or null";
		case "callback":
			return `a function ${row.signature}, or null`;
		case "tls":
			return `an object of ${tlsNames.join(", ")}, or null`;
	}
}

function accept(row: ValueRow, value: unknown): unknown {
	switch (row.kind) {
		case "number":
			return acceptNumber(row, value);
		case "flag":
			return typeof value === "boolean" ? value : undefined;
		case "choice":
			return row.values.includes(value) ? value : undefined;
		case "text":
			if (value === null) return null;
			return typeof value === "string" && isWithin(utf8(value), row.most) ? value : undefined;
		case "octets":
			return acceptOctets(row, value);
		case "key":
			if (typeof value === "string") return keyOf(decodeZ85(value));
			return value === null ? null : value instanceof Uint8Array ? keyOf(Uint8Array.from(value)) : undefined;
		case "callback":
			return value === null || typeof value === "function" ? value : undefined;
		case "tls":
			return acceptTls(value);
	}
}

function acceptNumber(row: NumberRow, value: unknown): number | undefined {
	if (typeof value !== "number") return undefined;
	if (value === row.unset?.value) return value;
	if (row.infinite !== undefined && (value === row.infinite || value === Number.POSITIVE_INFINITY)) {
		return Number.POSITIVE_INFINITY;
	}
	return value >= row.least && value <= row.most && (!row.isWhole || Number.isInteger(value)) ? value : undefined;
}

function acceptOctets(row: OctetsRow, value: unknown): Uint8Array | undefined {
	if (value === null) return new Uint8Array(0);
	if (typeof value !== "string" && !(value instanceof Uint8Array)) return undefined;
	const octets = typeof value === "string" ? utf8(value) : Uint8Array.from(value);
	return isWithin(octets, row.most) && (row.mayStartWithZero || octets[0] !== 0) ? octets : undefined;
}

function isWithin(octets: Uint8Array, most: number): boolean {
	return octets.length > 0 && octets.length <= most;
}

function keyOf(octets: Uint8Array | undefined): Uint8Array | undefined {
	return octets?.length === keyBytes ? octets : undefined;
}

function describeRange({ least, most, infinite, unset }: NumberRow): string {
	let range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
	if (infinite !== undefined) range += infinite < least ? `, or Infinity (or ${infinite})` : ", or Infinity";
	return unset === undefined ? range : `${range}, or ${unset.value}`;
}
