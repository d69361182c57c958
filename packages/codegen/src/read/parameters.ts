/** Reads the parameters of methods. */
import { ts } from "ts-morph";
import type { DataParameter, InputParameter, Parameter } from "../model/model.js";
import { isCallback, readCallback } from "./callbacks.js";
import type { ReadContext, Site } from "./context.js";
import { type DeclaredParameter, readData } from "./data-parameters.js";
import { typeText } from "./names.js";
import { type Bindings, hintFor, type Reading, textOf, withoutUndefined } from "./reading.js";
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
	const found: (Parameter | undefined)[] = [];
	for (const [index, symbol] of signature.getParameters().entries()) {
		const declaration = symbol.valueDeclaration;
		if (declaration === undefined || !ts.isParameter(declaration)) return undefined;
		const name = ts.isIdentifier(declaration.name) ? declaration.name.text : `argument${index + 1}`;
		const inner = context.within(site, declaration, `${site.trail}(${name})`);
		const parameter = readParameter(reading, symbol, { declaration, name, bindings }, inner);
		if (parameter?.kind === "input" && found.some((before) => before?.kind === "input")) {
			context.report(
				"HC009",
				inner,
				`${inner.trail} is a second stream, and a call sends one.`,
				'Take one stream of both, `AsyncIterable<{ kind: "a"; ... } | { kind: "b"; ... }>`, or make two methods.',
			);
		}
		if (parameter !== undefined && parameter.kind !== "data" && isOneWay) refuseOneWay(context, parameter, site, inner);
		found.push(parameter);
	}
	return found.some((parameter) => parameter === undefined) ? undefined : (found as Parameter[]);
}

function readParameter(
	reading: Reading,
	symbol: ts.Symbol,
	declared: DeclaredParameter,
	site: Site,
): Parameter | undefined {
	const { declaration } = declared;
	const { context } = reading;
	if (declaration.dotDotDotToken !== undefined) {
		context.report("HC008", site, `${site.trail} is a rest parameter; the arguments of a call are a fixed list.`);
		return undefined;
	}
	const type = context.checker.getTypeOfSymbol(symbol);
	if (isCallback(type)) return readCallback(reading, type, declared, site);
	const alternatives = withoutUndefined(type);
	const [only] = alternatives;
	const stream = only === undefined || alternatives.length > 1 ? undefined : streamOf(context, only);
	if (stream !== undefined) return readInput(reading, type, stream, declared, site);
	return readData(reading, type, declared, site);
}

function readInput(
	reading: Reading,
	type: ts.Type,
	stream: StreamType,
	{ declaration, name, bindings }: DeclaredParameter,
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
	if (declaration.questionToken !== undefined || type.isUnion()) {
		context.report(
			"HC009",
			site,
			`${site.trail} is a stream that need not be given, and a call has a stream or has none.`,
			"Make it required: a stream without items says that there is nothing. Or make two methods.",
		);
		return undefined;
	}
	if (refuseOtherValues(context, type, site)) return undefined;
	const hint = argumentHint(context, declaration.type, stream.item, bindings);
	const item = reading.read(stream.item, hint, { ...site, trail: `${site.trail}[]` });
	const whole = hintFor(context, declaration.type, type, bindings);
	return { kind: "input", name, item, text: whole === undefined ? undefined : typeText(context, whole.node) };
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
