/** Reads what methods return. */
import { ts } from "ts-morph";
import type { MethodModel, StreamName, Type, TypeText } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { warnOfLostConstraints } from "./lost-constraints.js";
import { typeText } from "./names.js";
import { type Bindings, hintFor, isUnresolved, noBindings, type Reading, textOf, unreadable } from "./reading.js";
import { argumentHint, refuseOtherValues, type StreamType, spelledArgument, streamOf } from "./streams.js";

export interface Result {
	readonly form: MethodModel["form"];
	readonly type: Type | undefined;
	readonly text: TypeText | undefined;
	readonly streamName: StreamName | undefined;
}

/** A promise or stream as the source spells it. */
interface Spelling {
	readonly node: ts.TypeNode | undefined;
	readonly bindings: Bindings;
}

/** `undefined` for a result that has been reported. */
export function readResult(
	reading: Reading,
	signature: ts.Signature,
	declaration: ts.MethodSignature,
	bindings: Bindings,
	site: Site,
): Result | undefined {
	const { context } = reading;
	const type = signature.getReturnType();
	const node = declaration.type;
	const inner: Site = { node: node ?? declaration, trail: `${site.trail}()` };
	if (type.flags & ts.TypeFlags.Void) return nothing("one-way");
	if (isUnresolved(type)) {
		reading.read(type, hintFor(context, node, type, noBindings), inner);
		return undefined;
	}
	const stream = streamOf(context, type);
	if (stream !== undefined) return readStream(reading, type, stream, { node, bindings }, inner);
	const { symbol } = type;
	if (symbol === undefined || symbol.name !== "Promise" || !context.isLibrarySymbol(symbol)) {
		refuseResult(context, type, node, site, inner);
		return undefined;
	}
	const [resolved] = context.checker.getTypeArguments(type as ts.TypeReference);
	if (resolved === undefined) return { form: "unary", type: unreadable, text: undefined, streamName: undefined };
	if (resolved.flags & ts.TypeFlags.Void) return nothing("unary");
	const promised = streamOf(context, resolved);
	if (promised !== undefined) {
		const spelled = spelledArgument(context, spelledArgument(context, node).node).node;
		const item = spelled?.getText() ?? textOf(context, promised.item);
		context.report(
			"HC009",
			inner,
			`${inner.trail} is a promise of a stream, and a stream comes without one.`,
			`Drop the promise: return \`AsyncIterable<${item}>\`.`,
		);
		return undefined;
	}
	return { form: "unary", ...readValue(reading, resolved, { node, bindings }, inner), streamName: undefined };
}

function nothing(form: "unary" | "one-way"): Result {
	return { form, type: undefined, text: undefined, streamName: undefined };
}

function readStream(
	reading: Reading,
	type: ts.Type,
	{ name, item }: StreamType,
	spelling: Spelling,
	site: Site,
): Result | undefined {
	const { context } = reading;
	if (name !== "AsyncIterable" && name !== "AsyncIterableIterator" && name !== "AsyncGenerator") {
		context.report(
			"HC009",
			site,
			`${site.trail} is of type \`${name}\`, a stream of a kind that does not travel.`,
			`Return \`AsyncIterable<${textOf(context, item)}>\`.`,
		);
		return undefined;
	}
	if (refuseOtherValues(context, type, site)) return undefined;
	const inner = { ...site, trail: `${site.trail}[]` };
	return { form: "stream", ...readValue(reading, item, spelling, inner), streamName: name };
}

/** What is promised, or each of a stream's items. */
function readValue(
	reading: Reading,
	type: ts.Type,
	{ node, bindings }: Spelling,
	site: Site,
): Pick<Result, "type" | "text"> {
	const { context } = reading;
	const hint = argumentHint(context, node, type, bindings);
	const read = reading.read(type, hint, site);
	warnOfLostConstraints(reading, spelledArgument(context, node, bindings).node, read, site);
	return {
		type: read,
		text: hint === undefined ? undefined : typeText(context, hint.node),
	};
}

function refuseResult(
	context: ReadContext,
	type: ts.Type,
	node: ts.TypeNode | undefined,
	site: Site,
	inner: Site,
): void {
	const text = textOf(context, type);
	const problem = node === undefined ? "says nothing about its result" : `returns \`${text}\`, and a reply takes time`;
	const name = type.symbol?.name ?? "";
	const [item] = /^(Iterable|Generator)/.test(name) ? context.checker.getTypeArguments(type as ts.TypeReference) : [];
	if (item !== undefined || isAsyncIterable(type)) {
		const stream = `AsyncIterable<${item === undefined ? "T" : textOf(context, item)}>`;
		const remedy = `Return \`${stream}\` itself; who serves it may answer with any iterable.`;
		context.report("HC007", inner, `${site.trail} ${problem}.`, remedy);
		return;
	}
	const promise = node === undefined || text.includes("Promise") ? "Promise<T>" : `Promise<${text}>`;
	const remedy = `Return \`${promise}\`, or \`void\` for a one-way call.`;
	context.report("HC007", inner, `${site.trail} ${problem}.`, remedy);
}

/** As a type of the user's own may be, which has more to it than its items. */
function isAsyncIterable(type: ts.Type): boolean {
	return type.getProperties().some(({ name }) => name.startsWith("__@asyncIterator"));
}
