/** Reads the methods of a service. */
import { ts } from "ts-morph";
import type { MethodModel, Parameter } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { parameterTexts } from "./documentation.js";
import { readErrors } from "./errors.js";
import type { Inheritance } from "./inheritance.js";
import { affinityOf, isIdempotent, priorityOf, timeoutOf } from "./method-tags.js";
import { readParameters } from "./parameters.js";
import { noBindings, type Reading } from "./reading.js";
import { readResult } from "./results.js";

/** `undefined` for one that cannot be called; that has been reported. */
export function readMethod(
	reading: Reading,
	symbol: ts.Symbol,
	inheritance: Inheritance,
	site: Site,
): MethodModel | undefined {
	const { context } = reading;
	const declarations = (symbol.declarations ?? []).filter(ts.isMethodSignature);
	const [declaration] = declarations;
	if (declaration === undefined) return undefined;
	const inner: Site = { ...context.within(site, declaration, `${site.trail}.${symbol.name}`) };
	const name = checkedName(context, symbol, declaration, inner);
	const signatures = context.checker.getTypeOfSymbol(symbol).getCallSignatures();
	const [signature] = signatures;
	if (name === undefined || signature === undefined) return undefined;
	if (signatures.length > 1) {
		context.report(
			"HC006",
			{ ...inner, node: declarations[1] ?? declaration },
			`${inner.trail} has ${signatures.length} signatures, and a call on the wire has a name only.`,
		);
		return undefined;
	}
	const [typeParameter] = declaration.typeParameters ?? [];
	if (typeParameter !== undefined) {
		context.report(
			"HC016",
			{ ...inner, node: typeParameter },
			`${inner.trail} has the type parameter \`${typeParameter.getText()}\`, which each caller would fill in differently.`,
		);
		return undefined;
	}
	const isOneWay = (signature.getReturnType().flags & ts.TypeFlags.Void) !== 0;
	const bindings = inheritance.get(declaration.parent) ?? noBindings;
	const read = readParameters(reading, signature, bindings, isOneWay, inner);
	const result = readResult(reading, signature, declaration, bindings, inner);
	const errors = readErrors(reading, declaration, isOneWay, inner);
	if (result === undefined || read === undefined) return undefined;
	const { lines } = context.docOf(declaration);
	const texts = parameterTexts(lines);
	const parameters = read.map((parameter) => documented(parameter, texts));
	return {
		name,
		form: result.form,
		isIdempotent: isIdempotent(context, declaration),
		timeoutMs: timeoutOf(context, declaration),
		affinity: affinityOf(context, declaration, parameters),
		priority: priorityOf(context, declaration),
		doc: [...lines, ...parameters.flatMap((parameter) => (texts.has(parameter.name) ? [] : parameterTag(parameter)))],
		parameters,
		result: result.type,
		resultText: result.text,
		streamName: result.streamName,
		errors,
	};
}

/** A parameter's own comment goes before its tag. */
function documented(parameter: Parameter, texts: ReadonlyMap<string, readonly string[]>): Parameter {
	const doc = parameter.doc ?? texts.get(parameter.name);
	return doc === undefined ? parameter : { ...parameter, doc };
}

/** What stubs say of a parameter that has a comment of its own: they repeat the method's alone. */
function parameterTag({ name, doc }: Parameter): string[] {
	if (doc === undefined) return [];
	const [first, ...others] = doc;
	return [`@param ${name} ${first}`, ...others];
}

function checkedName(
	context: ReadContext,
	symbol: ts.Symbol,
	declaration: ts.MethodSignature,
	site: Site,
): string | undefined {
	const name = ts.unescapeLeadingUnderscores(symbol.escapedName);
	const at = context.within(site, declaration.name, site.trail);
	if (name.startsWith("__@")) {
		context.report(
			"HC015",
			at,
			`A method of ${site.trail.replace(/\.[^.]*$/, "")} has a symbol for its name, which means something in one process only.`,
		);
		return undefined;
	}
	const reason = {
		constructor: "would be the constructor of the generated class",
		// biome-ignore lint/suspicious/noThenProperty: the name is what is looked up
		then: "would make `await client` call it",
		__proto__: "names an object's prototype",
	}[name];
	// `constructor` of the literal itself is inherited: only its own entries count.
	if (typeof reason === "string" || name === "__proto__") {
		context.report("HC024", at, `A method named \`${name}\` ${reason ?? "names an object's prototype"}.`);
		return undefined;
	}
	if (Buffer.byteLength(name) > 120) {
		context.report("HC024", at, `The name of ${site.trail} is longer than the 120 octets there are for it.`);
		return undefined;
	}
	return name;
}
