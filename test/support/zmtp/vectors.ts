import { readFileSync } from "node:fs";
import type { SocketType } from "../../../packages/zmtp/src/wire/socket-type.js";
import { RecordingHost } from "./recording-host.js";

/** Octets of one peer's side of a connection, and what a socket of type `role` makes of them. */
export interface Vector {
	readonly name: string;
	readonly spec: string;
	readonly role: SocketType;
	readonly bytesHex: string;
	/** Frames of messages in hex, joined by commas; the last event may be `failed CODE`. */
	readonly expectEvents: readonly string[];
}

export function readVectors(file: string): Vector[] {
	return JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), "utf8")) as Vector[];
}

export function eventsOf({ role, bytesHex }: Vector, cut: (octets: Uint8Array) => Uint8Array[]): string[] {
	const host = new RecordingHost({ socketType: role, showsHex: true });
	host.receive(...cut(Buffer.from(bytesHex, "hex")));
	return host.events;
}
