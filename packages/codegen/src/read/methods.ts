/** Reads the methods of a service. */
import { ts } from "ts-morph";
import type { MethodModel, Parameter, Type } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { typeText } from "./names.js";
import { hintFor, isUnresolved, noBindings, type Reading, readOptional, textOf, unreadable } from "./reading.js";
import { parseDuration } from "./timeout.js";

/** `undefined` for one that cannot be called; that has been reported. */
export function readMethod(reading: Reading, symbol: ts.Symbol, site: Site): MethodModel | undefined {
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
	const doc = context.docOf(declaration);
	const parameters = signature
		.getParameters()
		.map((parameter, index) => readParameter(reading, parameter, index, inner));
	const result = readResult(reading, signature, declaration, inner);
	if (result === undefined || parameters.some((parameter) => parameter === undefined)) return undefined;
	return {
		name,
		form: result.form,
		isIdempotent: isIdempotent(context, declaration),
		timeoutMs: timeoutOf(context, declaration),
		doc: doc.lines,
		parameters: parameters as Parameter[],
		result: result.type,
		resultText: result.node === undefined ? undefined : typeText(context, result.node),
	};
}

function checkedName(
	context: ReadContext,
	symbol: ts.Symbol,
	declaration: ts.MethodSignature,
	site: Site,
): string | undefined {
	const name = ts.unescapeLeadingUnderscores(symbol.escapedName);
	const at = { ...site, node: declaration.name };
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

function readParameter(reading: Reading, symbol: ts.Symbol, index: number, site: Site): Parameter | undefined {
	const { context } = reading;
	const declaration = symbol.valueDeclaration;
	if (declaration === undefined || !ts.isParameter(declaration)) return undefined;
	const name = ts.isIdentifier(declaration.name) ? declaration.name.text : `argument${index + 1}`;
	const inner = context.within(site, declaration, `${site.trail}(${name})`);
	if (declaration.dotDotDotToken !== undefined) {
		context.report("HC008", inner, `${inner.trail} is a rest parameter; the arguments of a call are a fixed list.`);
		return undefined;
	}
	const type = context.checker.getTypeOfSymbol(symbol);
	if (context.checker.getNonNullableType(type).getCallSignatures().length > 0) {
		context.report("HC010", inner, `${inner.trail} is a callback, and callbacks are not supported yet.`);
		return undefined;
	}
	const isOptional = declaration.questionToken !== undefined;
	const hint = hintFor(context, declaration.type, type, noBindings);
	const read = isOptional ? readOptional(reading, type, hint, inner).type : reading.read(type, hint, inner);
	const text = hint === undefined ? undefined : typeText(context, hint.node);
	return { name, isOptional, type: read, text };
}

interface Result {
	readonly form: MethodModel["form"];
	readonly type: Type | undefined;
	readonly node: ts.TypeNode | undefined;
}

function readResult(
	reading: Reading,
	signature: ts.Signature,
	declaration: ts.MethodSignature,
	site: Site,
): Result | undefined {
	const { context } = reading;
	const type = signature.getReturnType();
	const node = declaration.type;
	const inner: Site = { node: node ?? declaration, trail: `${site.trail}()` };
	if (type.flags & ts.TypeFlags.Void) return { form: "one-way", type: undefined, node: undefined };
	const { symbol } = type;
	const isLibrary = symbol !== undefined && context.isLibrarySymbol(symbol);
	if (isLibrary && /^Async|^Readable/.test(symbol.name)) {
		reading.read(type, undefined, inner);
		return undefined;
	}
	if (isUnresolved(type)) {
		reading.read(type, hintFor(context, node, type, noBindings), inner);
		return undefined;
	}
	if (!isLibrary || symbol.name !== "Promise") {
		const text = textOf(context, type);
		const sync = node === undefined ? "says nothing about its result" : `returns \`${text}\`, and a reply takes time`;
		const promise = node === undefined || text.includes("Promise") ? "Promise<T>" : `Promise<${text}>`;
		context.report("HC007", inner, `${site.trail} ${sync}.`, `Return \`${promise}\`, or \`void\` for a one-way call.`);
		return undefined;
	}
	const [resolved] = context.checker.getTypeArguments(type as ts.TypeReference);
	if (resolved === undefined) return { form: "unary", type: unreadable, node: undefined };
	if (resolved.flags & ts.TypeFlags.Void) return { form: "unary", type: undefined, node: undefined };
	const spelt = node !== undefined && ts.isTypeReferenceNode(node) ? node.typeArguments?.[0] : undefined;
	const hint = exactHint(reading, spelt, resolved);
	return { form: "unary", type: reading.read(resolved, hint, inner), node: hint?.node };
}

/** `Promise<T>` is spelt; an alias of a promise, or a parameter of the interface that it comes from, is not. */
function exactHint(reading: Reading, node: ts.TypeNode | undefined, type: ts.Type) {
	const hint = hintFor(reading.context, node, type, noBindings);
	return hint !== undefined && reading.context.checker.getTypeFromTypeNode(hint.node) === type ? hint : undefined;
}

function isIdempotent(context: ReadContext, declaration: ts.Node): boolean {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "idempotent");
	if (tag !== undefined && tag.argument !== "") {
		context.reportTag(
			declaration,
			tag,
			"HC023",
			`\`@idempotent\` takes no argument, and got \`${tag.argument}\`.`,
			"Write `@idempotent` alone, or put the text before it.",
		);
	}
	return tag !== undefined;
}

function timeoutOf(context: ReadContext, declaration: ts.Node): number | undefined {
	const tag = context.docOf(declaration).tags.find(({ name }) => name === "timeout");
	if (tag === undefined) return undefined;
	const timeoutMs = parseDuration(tag.argument);
	if (timeoutMs === undefined) {
		const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
		context.reportTag(
			declaration,
			tag,
			"HC023",
			`\`@timeout\` takes a duration, and got ${given}.`,
			"Write a number and a unit: `500ms`, `2s`, `1m`.",
		);
	}
	return timeoutMs;
}
