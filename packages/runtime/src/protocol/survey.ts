/** SURVEYED: one worker's answer among others. Header: kind, flags, status (0: a result), then the worker's name. */
import { platform } from "#platform";
import type { IncomingMessage, MessageWriter } from "../link/link.js";
import { Flag, Reply } from "./header.js";

const nameAt = 3;
/** Longest name that is sent and believed. Unit: bytes. */
const maxNameBytes = 64;

export function writeSurveyedHeader(writer: MessageWriter, worker: string, status: number, flags: number): void {
	const name = platform.encodeText(worker).subarray(0, maxNameBytes);
	const header = new Uint8Array(nameAt + name.length);
	header[0] = Reply.SURVEYED;
	header[1] = flags & Flag.JSON;
	header[2] = status;
	header.set(name, nameAt);
	writer.frame(header, true);
}

export interface SurveyedHeader {
	readonly worker: string;
	/** 0: a result. */
	readonly status: number;
	readonly flags: number;
}

export function readSurveyedHeader(message: IncomingMessage, header: number): SurveyedHeader {
	const octets = message.frame(header);
	return {
		flags: octets[1] ?? 0,
		status: octets[2] ?? 0,
		worker: platform.decodeText(octets, nameAt, Math.min(octets.length, nameAt + maxNameBytes)),
	};
}
