import { notStarted, RpcError } from "../errors.js";
import { maxMetadataBytes, maxRunBytes } from "../limits.js";
import type { LinkPeer, MessageWriter } from "../link/link.js";
import { BodyTooLarge, bodyFor, encodeBody, writeBody, writeEncoded } from "../protocol/body-writer.js";
import { InvalidValue } from "../protocol/codec.js";
import { encodeCallHeader, Flag, Kind, metadataOffset, setAttempt, setBudget } from "../protocol/header.js";
import { type RequestHead, requestHead, writeRequestHead } from "../protocol/request-head.js";
import { encodeFollowUp, noRoute } from "../protocol/route.js";
import { encodeSchemaHash, joinEntries } from "../protocol/schema-hash.js";
import { noSlot, writeToken } from "../protocol/token.js";
import type { AnyMethod } from "../service.js";
import type { Call, WaitingRequest } from "./call.js";
import type { SchemaCheck } from "./connection-options.js";
import { saidAgain, writeMetadata } from "./metadata-writer.js";

/** Headers are the same for every call of a method but for the budget; made once. */
export interface HeaderTemplates {
	/** With the schema hash, where the method has one. */
	readonly isStrict: boolean;
	/** Items of streams may come together. */
	readonly takesRuns: boolean;
	readonly byMethod: WeakMap<AnyMethod, RequestHead>;
	/** The method called last, and its head: asking a map costs more than all else that is done for a header. */
	lastMethod: AnyMethod | undefined;
	lastHead: RequestHead | undefined;
}

const templatesOfAll: readonly HeaderTemplates[] = [false, true].flatMap((isStrict) =>
	[false, true].map((takesRuns) => ({
		isStrict,
		takesRuns,
		byMethod: new WeakMap(),
		lastMethod: undefined,
		lastHead: undefined,
	})),
);

/** The headers of a connection's calls. Throws a RangeError when there is no such check. */
export function templatesFor(schemaCheck: SchemaCheck, maxFrameBytes: number): HeaderTemplates {
	if (schemaCheck !== "none" && schemaCheck !== "strict") {
		throw new RangeError(`schemaCheck must be none or strict, not ${String(schemaCheck)}`);
	}
	const isStrict = schemaCheck === "strict";
	const takesRuns = maxFrameBytes >= maxRunBytes;
	return templatesOfAll.find((templates) => templates.isStrict === isStrict && templates.takesRuns === takesRuns)!;
}

function headOf(templates: HeaderTemplates, method: AnyMethod): RequestHead {
	if (templates.lastMethod === method) return templates.lastHead!;
	const head = templates.byMethod.get(method) ?? makeHead(templates, method);
	templates.lastMethod = method;
	templates.lastHead = head;
	return head;
}

function makeHead(templates: HeaderTemplates, method: AnyMethod): RequestHead {
	const { schemaHash } = method;
	const isHashed = templates.isStrict && schemaHash !== undefined;
	const flags =
		(method.isIdempotent ? Flag.IDEMPOTENT : 0) |
		(method.form === "one-way" ? Flag.ONE_WAY : 0) |
		(method.form === "stream" && templates.takesRuns ? Flag.TAKES_ITEMS : 0) |
		(isHashed ? Flag.SCHEMA_HASH : 0);
	const head = requestHead(encodeCallHeader(method, flags, isHashed ? encodeSchemaHash(schemaHash) : undefined));
	templates.byMethod.set(method, head);
	return head;
}

/** Gives a method a header of another kind than CALL; its octets 2 to 5 take the budget all the same. */
export function useHeader(method: AnyMethod, header: Uint8Array): void {
	for (const { byMethod } of templatesOfAll) byMethod.set(method, requestHead(header));
}

/** Where headers are made that are not a method's own: one at a time. */
const scratch = new Uint8Array(maxMetadataBytes + 512);

/**
 * Makes the header of one call in `scratch`, and returns where it ends. `budgetMs`: what is left; `Infinity`: no deadline. Throws
 * an `RpcError` or `InvalidValue` for metadata that is too large, or cannot travel.
 */
function makeHeader(templates: HeaderTemplates, call: Call, budgetMs: number): number {
	const { method, options, repetition } = call;
	const header = scratch;
	const { header: template } = headOf(templates, method);
	const metadata = isCall(template) ? options?.metadata : undefined;
	// First: what it reads may make headers too.
	let end = metadata === undefined ? template.length : addMetadata(method, metadata, template.length);
	for (let i = 0; i < template.length; i++) header[i] = template[i]!;
	setBudget(header, 0, budgetMs);
	if (!isCall(template)) return end;
	if (metadata !== undefined && (template[1]! & Flag.SCHEMA_HASH) !== 0) end = joinHash(method, template.length, end);
	if (options?.waitForReady === false) header[1]! |= Flag.FAIL_FAST;
	if (call.channel?.isSurvey === true) header[1]! |= Flag.SURVEY;
	if (repetition !== undefined) setAttempt(header, 0, repetition.attempt);
	return end;
}

/** Headers of other kinds have something else where a call's flags, attempt and metadata are. */
function isCall(template: Uint8Array): boolean {
	return template[0] === Kind.CALL;
}

function addMetadata(method: AnyMethod, metadata: Readonly<Record<string, unknown>>, start: number): number {
	const end = writeMetadata(scratch, start, metadata);
	assertFits(method, end - start);
	return end;
}

/** Makes one of the metadata with the hash, which the template ends with, and the caller's behind it. Returns where it ends. */
function joinHash(method: AnyMethod, start: number, end: number): number {
	const hashStart = metadataOffset(scratch, 0);
	const joined = joinEntries(scratch, hashStart, start, end);
	if (joined === -1) throw notStarted("INVALID_ARGUMENT", `${method.name}: metadata is no map`);
	assertFits(method, joined - hashStart);
	return joined;
}

function assertFits(method: AnyMethod, size: number): void {
	if (size <= maxMetadataBytes) return;
	throw notStarted("INVALID_ARGUMENT", `${method.name}: metadata of ${size} bytes exceeds ${maxMetadataBytes}`);
}

/** The head made last that has metadata, and what of. */
let last: { readonly template: Uint8Array; readonly metadata: Uint8Array; readonly head: RequestHead } | undefined;

/** A method's head with what was just said for metadata, if it is what was said last. Borrowed until the next call. */
function headSaidAgain(template: Uint8Array, said: Readonly<Record<string, unknown>>): RequestHead | undefined {
	const metadata = saidAgain(said);
	if (metadata === undefined || !isCall(template) || (template[1]! & Flag.SCHEMA_HASH) !== 0) return undefined;
	if (last?.metadata !== metadata || last.template !== template) {
		const header = new Uint8Array(template.length + metadata.length);
		header.set(template);
		header.set(metadata, template.length);
		last = { template, metadata, head: requestHead(header) };
	}
	return last.head;
}

/** A head that is there already, but for token and budget: the method's own, or with metadata that is said again. */
function readyHead(
	templates: HeaderTemplates,
	{ method, options, repetition, channel }: Call,
): RequestHead | undefined {
	if (options?.waitForReady === false || repetition !== undefined || channel?.isSurvey === true) return undefined;
	const head = headOf(templates, method);
	const metadata = options?.metadata;
	return metadata === undefined ? head : headSaidAgain(head.header, metadata);
}

/**
 * Writes a request straight into the peer's queue. Throws an `RpcError`, with nothing written, when it cannot be sent.
 * `budgetMs`: as of `makeHeader`.
 */
export function writeRequest(
	peer: LinkPeer,
	call: Call,
	budgetMs: number,
	maxFrameBytes: number,
	templates: HeaderTemplates,
): void {
	const { method } = call;
	const writer = peer.begin();
	try {
		const frames = readyHead(templates, call)?.frames;
		if (frames !== undefined) {
			if (call.isOneWay) writeRequestHead(writer, frames, noSlot, 0, budgetMs);
			else writeRequestHead(writer, frames, call.slot, call.generation, budgetMs);
		} else {
			writeAddress(writer, call);
			writer.frameOf(scratch, 0, makeHeader(templates, call, budgetMs), true);
		}
		writeBody(writer, method.arguments, call.args, maxFrameBytes, peer);
	} catch (error) {
		peer.rollback();
		throw toRpcError(method, error);
	}
	peer.commit();
}

function writeAddress(writer: MessageWriter, call: Call): void {
	if (call.isOneWay) writeToken(writer, noSlot, 0);
	else writeToken(writer, call.slot, call.generation);
	writer.emptyFrame(true);
}

/** Encodes a request that has to wait. Throws an `RpcError` as `writeRequest` does. */
export function encodeRequest(call: Call, maxFrameBytes: number, templates: HeaderTemplates): WaitingRequest {
	const { method } = call;
	try {
		return {
			header: scratch.slice(0, makeHeader(templates, call, Number.POSITIVE_INFINITY)),
			body: encodeBody(method.arguments, call.args, maxFrameBytes),
		};
	} catch (error) {
		throw toRpcError(method, error);
	}
}

/** Writes a request that has waited, with what is left of its budget. */
export function writeWaiting(peer: LinkPeer, call: Call, request: WaitingRequest, budgetMs: number): void {
	const body = bodyFor(peer, request.body);
	const writer = peer.begin();
	writeAddress(writer, call);
	setBudget(request.header, 0, budgetMs);
	writer.frame(request.header, true);
	writeEncoded(writer, body);
	peer.commit();
}

/** Tells the peer that nobody waits for a call any more. One that has been told no route is found by its envelope. */
export function writeCancel(peer: LinkPeer, call: Call): void {
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	writer.emptyFrame(true);
	writer.frame(encodeFollowUp(Kind.CANCEL, call.channel?.route ?? noRoute), false);
	peer.commit();
}

function toRpcError(method: AnyMethod, error: unknown): RpcError {
	if (error instanceof RpcError) return error;
	if (error instanceof BodyTooLarge) {
		return notStarted("RESOURCE_EXHAUSTED", `${method.name}: arguments of ${error.message}`);
	}
	if (error instanceof InvalidValue) {
		return notStarted("INVALID_ARGUMENT", `${method.name}: ${error.message}`, {
			details: { violations: error.violations },
		});
	}
	return notStarted("INTERNAL", `${method.name}: the arguments could not be encoded: ${String(error)}`, {
		cause: error,
	});
}
