/** Reads the parameters of methods. */
import type { ts } from "ts-morph";
import type { DataParameter, InputParameter, Parameter } from "../model/model.js";
import { isCallback, readCallback } from "./callbacks.js";
import type { ReadContext, Site } from "./context.js";
import { type DeclaredParameter, readData } from "./data-parameters.js";
import { documentationOf } from "./documentation.js";
import { typeText } from "./names.js";
import { type ListedParameter, parametersOf } from "./parameter-list.js";
import { type Bindings, hintFor, type Reading, textOf, withoutUndefined } from "./reading.js";
import { readRestData } from "./rest-parameters.js";
import { argumentHint, refuseOtherValues, type StreamType, streamOf } from "./streams.js";

/** `undefined` if any has been reported. */
export function readParameters(
	reading: Reading,
	signature: ts.Signature,
	bindings: Bindings,
	isOneWay: boolean,
	site: Site,
): Parameter[] | undefined {
	const { context } = reading;
	const listed = parametersOf(context, signature, bindings, site, (at, problem, remedy) => {
		context.report("HC008", at, `${at.trail} ${problem}.`, remedy);
	});
	const found: (Parameter | undefined)[] = [];
	for (const one of listed) {
		const parameter = one && readParameter(reading, one);
		if (one !== undefined && parameter?.kind === "input" && found.some((before) => before?.kind === "input")) {
			context.report(
				"HC009",
				one.site,
				`${one.site.trail} is a second stream, and a call sends one.`,
				'Take one stream of both, `AsyncIterable<{ kind: "a"; ... } | { kind: "b"; ... }>`, or make two methods.',
			);
		}
		if (one !== undefined && parameter !== undefined && parameter.kind !== "data" && isOneWay)
			refuseOneWay(context, parameter, site, one.site);
		found.push(parameter);
	}
	return found.some((parameter) => parameter === undefined) ? undefined : (found as Parameter[]);
}

function readParameter(reading: Reading, listed: ListedParameter): Parameter | undefined {
	const { type, site } = listed;
	if (listed.isRest) return readRest(reading, listed);
	if (isCallback(type)) return readCallback(reading, type, listed, site);
	const stream = soleStream(reading.context, type);
	if (stream !== undefined) return readInput(reading, type, stream, listed, site);
	return readData(reading, type, listed, site);
}

function soleStream(context: ReadContext, type: ts.Type): StreamType | undefined {
	const [only, ...others] = withoutUndefined(type);
	return only === undefined || others.length > 0 ? undefined : streamOf(context, only);
}

/** What arrives is handed on to the handler as arguments of its own, which lie on the stack. */
function readRest(reading: Reading, listed: ListedParameter): DataParameter | undefined {
	const { context } = reading;
	const { site, type } = listed;
	const isFunction = isCallback(type);
	if (isFunction || soleStream(context, type) !== undefined) {
		const what = isFunction ? "callbacks" : "streams";
		const remedy = `Take a ${isFunction ? "callback" : "stream"} for each, or one for all that says which is meant.`;
		context.report(
			isFunction ? "HC010" : "HC009",
			site,
			`${site.trail} is a list of ${what}, and those a call has are fixed.`,
			remedy,
		);
		return undefined;
	}
	return readRestData(reading, listed);
}

function readInput(
	reading: Reading,
	type: ts.Type,
	stream: StreamType,
	{ declaration, typeNode, isOptional, name, bindings }: DeclaredParameter,
	site: Site,
): InputParameter | undefined {
	const { context } = reading;
	if (stream.name !== "AsyncIterable") {
		context.report(
			"HC009",
			site,
			`${site.trail} is of type \`${stream.name}\`, and what arrives can be iterated over and nothing else.`,
			`Take \`AsyncIterable<${textOf(context, stream.item)}>\`.`,
		);
		return undefined;
	}
	if (isOptional || type.isUnion()) {
		context.report(
			"HC009",
			site,
			`${site.trail} is a stream that need not be given, and a call has a stream or has none.`,
			"Make it required: a stream without items says that there is nothing. Or make two methods.",
		);
		return undefined;
	}
	if (refuseOtherValues(context, type, site)) return undefined;
	const hint = argumentHint(context, typeNode, stream.item, bindings);
	const item = reading.read(stream.item, hint, { ...site, trail: `${site.trail}[]` });
	const whole = hintFor(context, typeNode, type, bindings);
	const text = whole === undefined ? undefined : typeText(context, whole.node);
	return { kind: "input", name, item, text, ...documentationOf(context, [declaration]) };
}

function refuseOneWay(context: ReadContext, parameter: Exclude<Parameter, DataParameter>, site: Site, at: Site): void {
	const isInput = parameter.kind === "input";
	context.report(
		isInput ? "HC009" : "HC010",
		at,
		`${at.trail} is a ${isInput ? "stream" : "callback"}, and ${site.trail} is over for its caller as soon as it is sent.`,
		"Return `Promise<void>`.",
	);
}
