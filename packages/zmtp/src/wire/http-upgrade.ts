/**
 * RFC 6455, Opening Handshake, both sides: one HTTP request, one answer, and what follows is no HTTP. Only what the
 * handshake needs is read, all of it bounded; no extension is ever offered or agreed to.
 */
import { ZmtpError } from "../errors.js";
import { latin1, utf8 } from "./octets.js";

/** Longest head of a request or an answer: twice libzmq's buffer, for browsers send cookies. Unit: bytes. */
const maxHeadBytes = 16 * 1024;
const maxHeaders = 100;

/** Takes a key to the value that proves it was understood: the Base64 of a SHA-1, which no part of this folder has. */
export type AcceptKey = (key: string) => string;

/** How an upgrade ended: with a protocol of ZWS, or not at all. `reply` is to be sent, `rest` follows in the stream. */
export type Upgraded =
	| { readonly protocol: string; readonly reply: Uint8Array | undefined; readonly rest: Uint8Array }
	| { readonly error: ZmtpError; readonly reply: Uint8Array | undefined };

/** One side of the handshake. */
export interface Upgrade {
	/** What to send before anything was received. */
	readonly request: Uint8Array | undefined;
	/** Takes the next octets, owned from here on. Returns `undefined` until the head is complete. */
	push(piece: Uint8Array): Upgraded | undefined;
}

/** RFC 45, Handshake: what a socket of this mechanism offers and takes, the best first. CURVE is libzmq's spelling. */
export function protocolsOf(mechanism: string): readonly string[] {
	return mechanism === "NULL" ? ["ZWS2.0/NULL", bareProtocol] : [`ZWS2.0/${mechanism}`];
}

/** ZWS without a mechanism, the only one of RFC 45 whose name a browser lets through: "/" is none of its letters. */
export const bareProtocol = "ZWS2.0";

/** ZWS2.0/NULL by a name that a browser lets through. Of ours: others do not know it, and take the bare one. */
const pageProtocol = "ZWS2.0-NULL";

/** What a page offers, the best first. */
export const pageProtocols: readonly string[] = [pageProtocol, bareProtocol];

export class ServerUpgrade implements Upgrade {
	readonly request = undefined;
	readonly #head = new HeadReader("GET ");
	readonly #protocols: readonly string[];
	readonly #acceptKey: AcceptKey;

	constructor(mechanism: string, acceptKey: AcceptKey) {
		this.#protocols = mechanism === "NULL" ? [...protocolsOf(mechanism), pageProtocol] : protocolsOf(mechanism);
		this.#acceptKey = acceptKey;
	}

	push(piece: Uint8Array): Upgraded | undefined {
		const head = this.#head.push(piece);
		if (head === undefined) return undefined;
		if ("error" in head) return refuse(head.status, head.error);
		const { headers } = head;
		const key = headers.get("sec-websocket-key") ?? "";
		if (!/^GET [!-~]+ HTTP\/1\.1$/.test(head.startLine) || !isUpgrade(headers)) {
			return refuse("426 Upgrade Required", "the peer's request is not for a WebSocket", "Upgrade: websocket\r\n");
		}
		if (headers.get("sec-websocket-version") !== "13") {
			return refuse("426 Upgrade Required", "the peer's WebSocket is not version 13", "Sec-WebSocket-Version: 13\r\n");
		}
		if (!/^[A-Za-z0-9+/]{22}==$/.test(key))
			return refuse("400 Bad Request", "the peer's WebSocket key is not 16 octets");
		const offered = list(headers.get("sec-websocket-protocol"));
		// As libzmq: the client's order decides.
		const protocol = offered.find((name) => this.#protocols.includes(name));
		if (protocol === undefined) {
			const error = new ZmtpError("ZMTP_MECHANISM_MISMATCH", `the peer offers none of ${this.#protocols.join(", ")}`);
			return { error, reply: answer("400 Bad Request", "") };
		}
		// libzmq reads "Switching Protocols" letter by letter.
		const reply = utf8(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${this.#acceptKey(key)}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
		);
		return { protocol, reply, rest: head.rest };
	}
}

export class ClientUpgrade implements Upgrade {
	readonly request: Uint8Array;
	readonly #head = new HeadReader("HTTP/1.1 ");
	readonly #protocols: readonly string[];
	readonly #accepted: string;

	/** `host` with the port, `path` from its slash on, `key`: Base64 of 16 random octets. */
	constructor(mechanism: string, host: string, path: string, key: string, acceptKey: AcceptKey) {
		this.#protocols = protocolsOf(mechanism);
		this.#accepted = acceptKey(key);
		this.request = utf8(
			`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${this.#protocols.join(",")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
		);
	}

	push(piece: Uint8Array): Upgraded | undefined {
		const head = this.#head.push(piece);
		if (head === undefined) return undefined;
		if ("error" in head) return fail("ZMTP_NOT_ZMTP", head.error);
		const { headers, startLine } = head;
		if (!/^HTTP\/1\.1 101( |$)/.test(startLine)) {
			const status = startLine.slice("HTTP/1.1 ".length, 64).replace(/[^ -~]/g, "?");
			return fail("ZMTP_WEBSOCKET_REFUSED", `the server answered ${status}`);
		}
		if (!isUpgrade(headers) || headers.get("sec-websocket-accept") !== this.#accepted) {
			return fail("ZMTP_WEBSOCKET_MALFORMED", "the server's answer does not belong to the question");
		}
		if (headers.has("sec-websocket-extensions")) {
			return fail("ZMTP_WEBSOCKET_MALFORMED", "the server wants an extension that was not offered");
		}
		const protocol = headers.get("sec-websocket-protocol") ?? "";
		if (!this.#protocols.includes(protocol)) {
			return fail("ZMTP_MECHANISM_MISMATCH", `the server takes none of ${this.#protocols.join(", ")}`);
		}
		return { protocol, reply: undefined, rest: head.rest };
	}
}

interface Head {
	readonly startLine: string;
	/** By name in lower case; what stands several times is joined by commas (RFC 9110, Field Order). */
	readonly headers: ReadonlyMap<string, string>;
	readonly rest: Uint8Array;
}

interface BadHead {
	readonly error: string;
	readonly status: string;
}

/** Collects a head up to its empty line, and refuses at the first octet that tells what is no HTTP. */
class HeadReader {
	readonly #start: string;
	#octets = new Uint8Array(1024);
	#length = 0;

	constructor(start: string) {
		this.#start = start;
	}

	push(piece: Uint8Array): Head | BadHead | undefined {
		const before = this.#length;
		this.#append(piece.subarray(0, maxHeadBytes - before));
		const known = Math.min(this.#length, this.#start.length);
		if (latin1(this.#octets, 0, known) !== this.#start.slice(0, known)) {
			return { error: "the peer's first octets are not those of a WebSocket's handshake", status: "400 Bad Request" };
		}
		// Octets seen before are not searched again, but for three that the end may begin with.
		const end = this.#findEnd(Math.max(0, before - 3));
		if (end !== -1) return parse(latin1(this.#octets, 0, end - endOfHead.length), piece.subarray(end - before));
		return this.#length < maxHeadBytes ? undefined : tooLarge(`${maxHeadBytes} bytes`);
	}

	#append(octets: Uint8Array): void {
		const needed = this.#length + octets.length;
		if (needed > this.#octets.length) {
			const larger = new Uint8Array(Math.max(needed, 2 * this.#octets.length));
			larger.set(this.#octets.subarray(0, this.#length));
			this.#octets = larger;
		}
		this.#octets.set(octets, this.#length);
		this.#length = needed;
	}

	/** Where the empty line ends; -1: it is not there. */
	#findEnd(from: number): number {
		const start = latin1(this.#octets, from, this.#length).indexOf(endOfHead);
		return start === -1 ? -1 : from + start + endOfHead.length;
	}
}

const endOfHead = "\r\n\r\n";

function parse(head: string, rest: Uint8Array): Head | BadHead {
	const [startLine, ...lines] = head.split("\r\n") as [string, ...string[]];
	if (lines.length > maxHeaders) return tooLarge(`${maxHeaders} headers`);
	const headers = new Map<string, string>();
	for (const line of lines) {
		const colon = line.indexOf(":");
		const name = line.slice(0, colon).toLowerCase();
		const value = line.slice(colon + 1).trim();
		if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || /[\0\r\n]/.test(value)) {
			return { error: "the peer's handshake has a malformed header", status: "400 Bad Request" };
		}
		const former = headers.get(name);
		headers.set(name, former === undefined ? value : `${former}, ${value}`);
	}
	return { startLine, headers, rest };
}

function isUpgrade(headers: ReadonlyMap<string, string>): boolean {
	return hasToken(headers.get("connection"), "upgrade") && hasToken(headers.get("upgrade"), "websocket");
}

function hasToken(value: string | undefined, token: string): boolean {
	return list(value).some((item) => item.toLowerCase() === token);
}

function list(value: string | undefined): string[] {
	return (value ?? "").split(",").map((item) => item.trim());
}

function tooLarge(bound: string): BadHead {
	return { error: `the peer's handshake exceeds ${bound}`, status: "431 Request Header Fields Too Large" };
}

function refuse(status: string, reason: string, headers = ""): Upgraded {
	return { error: new ZmtpError("ZMTP_NOT_ZMTP", reason), reply: answer(status, headers) };
}

function fail(code: ZmtpError["code"], reason: string): Upgraded {
	return { error: new ZmtpError(code, reason), reply: undefined };
}

function answer(status: string, headers: string): Uint8Array {
	return utf8(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
