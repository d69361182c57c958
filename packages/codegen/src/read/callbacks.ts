/** Reads parameters that are functions of the caller's. */
import { ts } from "ts-morph";
import type { CallbackParameter, DataParameter, Type, TypeText } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { type DeclaredParameter, readData } from "./data-parameters.js";
import { documentationOf } from "./documentation.js";
import { typeText } from "./names.js";
import { parametersOf } from "./parameter-list.js";
import { type Bindings, bindingsIn, hintFor, type Reading, textOf, withoutUndefined } from "./reading.js";
import { argumentHint, streamOf } from "./streams.js";

/** Whether a parameter's type is, or may be, a function. */
export function isCallback(type: ts.Type): boolean {
	return (type.isUnion() ? type.types : [type]).some((member) => member.getCallSignatures().length > 0);
}

/** `undefined` for one that cannot be called from afar; that has been reported. */
export function readCallback(
	reading: Reading,
	type: ts.Type,
	{ declaration, typeNode, isOptional, name, bindings: outer }: DeclaredParameter,
	site: Site,
): CallbackParameter | undefined {
	const { context } = reading;
	const signature = signatureIn(context, type, site);
	if (signature === undefined) return undefined;
	const spelled = spellingOf(context, typeNode, type, outer);
	const isMention = spelled !== undefined && ts.isTypeReferenceNode(spelled);
	const bindings = isMention ? bindingsIn(context, spelled, outer) : outer;
	const list = readList(reading, signature, bindings, site);
	const result = readResult(reading, signature, bindings, site);
	if (list === undefined || result === undefined) return undefined;
	return {
		kind: "callback",
		name,
		isOptional,
		isUndefinedAllowed: isOptional || type.isUnion(),
		arguments: list,
		isAwaited: result.isAwaited,
		result: result.type,
		text: textOfFunction(context, spelled, list, result),
		...documentationOf(context, [declaration]),
	};
}

/** The one signature of a function that is nothing else. */
function signatureIn(context: ReadContext, type: ts.Type, site: Site): ts.Signature | undefined {
	const refuse = (problem: string, remedy?: string) => {
		context.report("HC010", site, `${site.trail} ${problem}.`, remedy);
		return undefined;
	};
	const [member, ...others] = withoutUndefined(type);
	if (member === undefined || others.length > 0) {
		return refuse(
			`is \`${textOf(context, type)}\`, a callback or something else`,
			"Take a parameter for each; one that need not be given is optional: `name?: ...`.",
		);
	}
	const [signature, ...more] = member.getCallSignatures();
	if (signature === undefined) return undefined;
	if (more.length > 0) {
		return refuse(
			`is a function of ${more.length + 1} signatures, and a call of it says nothing of which is meant`,
			"Take a callback for each, or one whose argument is a union.",
		);
	}
	const [typeParameter] = signature.getTypeParameters() ?? [];
	if (typeParameter !== undefined) {
		return refuse(
			`is a function with the type parameter \`${typeParameter.symbol.name}\`, which each call would fill in differently`,
			"Fill the type parameter in.",
		);
	}
	if (member.getProperties().length > 0 || member.getConstructSignatures().length > 0) {
		return refuse("is a function with properties, and only calls of it travel", "Take its properties as data.");
	}
	return signature;
}

function readList(
	reading: Reading,
	signature: ts.Signature,
	bindings: Bindings,
	site: Site,
): DataParameter[] | undefined {
	const { context } = reading;
	const found: DataParameter[] = [];
	let isRefused = false;
	const refuse = (at: Site, problem: string, remedy?: string) => {
		context.report("HC010", at, `${at.trail} ${problem}.`, remedy);
		isRefused = true;
	};
	for (const listed of parametersOf(context, signature, bindings, site, refuse)) {
		if (listed === undefined) continue;
		if (listed.isRest) {
			refuse(
				listed.site,
				"is a rest parameter; the arguments of a callback are a fixed list",
				"Take an array, or write the parameters out.",
			);
		} else if (isCallback(listed.type)) {
			refuse(
				listed.site,
				"is a callback of a callback, and only methods take callbacks",
				"Let it return a promise of what the inner one would be told.",
			);
		} else found.push(readData(reading, listed.type, listed, listed.site));
	}
	return isRefused ? undefined : found;
}

interface CallbackResult {
	readonly isAwaited: boolean;
	/** The function may also return nothing at once: its caller, from afar, waits all the same. */
	readonly isMaybePromised?: boolean;
	readonly type: Type | undefined;
	readonly text: TypeText | undefined;
}

function readResult(
	reading: Reading,
	signature: ts.Signature,
	bindings: Bindings,
	site: Site,
): CallbackResult | undefined {
	const { context } = reading;
	const type = signature.getReturnType();
	if (type.flags & ts.TypeFlags.Void) return { isAwaited: false, type: undefined, text: undefined };
	if (isVoidOrItsPromise(context, type)) {
		return { isAwaited: true, isMaybePromised: true, type: undefined, text: undefined };
	}
	const resolved = promisedBy(context, type);
	const inner = { ...site, trail: `${site.trail}()` };
	if (resolved === undefined || streamOf(context, resolved) !== undefined) {
		const text = textOf(context, type);
		const isPlain = resolved === undefined && streamOf(context, type) === undefined && !text.includes("Promise");
		const message = `${inner.trail} is \`${text}\`, and what a callback returns comes from afar.`;
		const remedy = `Let it return ${isPlain ? `\`Promise<${text}>\`` : "a promise of data"}, or \`void\` if nobody waits for it.`;
		context.report("HC010", inner, message, remedy);
		return undefined;
	}
	if (resolved.flags & ts.TypeFlags.Void) return { isAwaited: true, type: undefined, text: undefined };
	const hint = argumentHint(context, signature.getDeclaration()?.type, resolved, bindings);
	return {
		isAwaited: true,
		type: reading.read(resolved, hint, inner),
		text: hint === undefined ? undefined : typeText(context, hint.node),
	};
}

/** `undefined` for a type that is no promise. */
function promisedBy(context: ReadContext, type: ts.Type): ts.Type | undefined {
	const isPromise = type.symbol?.name === "Promise" && context.isLibrarySymbol(type.symbol);
	return isPromise ? context.checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
}

/** `void | Promise<void>`. */
function isVoidOrItsPromise(context: ReadContext, type: ts.Type): boolean {
	const isVoid = ({ flags }: ts.Type) => (flags & ts.TypeFlags.Void) !== 0;
	if (!type.isUnion() || !type.types.some(isVoid)) return false;
	return type.types.every((member) => isVoid(promisedBy(context, member) ?? member));
}

/** The function as the source spells it: without parentheses, and without `| undefined`. */
function spellingOf(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	type: ts.Type,
	bindings: Bindings,
): ts.TypeNode | undefined {
	let spelled = hintFor(context, node, type, bindings)?.node;
	while (spelled !== undefined) {
		if (ts.isParenthesizedTypeNode(spelled)) spelled = spelled.type;
		else if (ts.isUnionTypeNode(spelled)) {
			const [only, ...others] = spelled.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
			if (others.length > 0) return undefined;
			spelled = only;
		} else return spelled;
	}
	return undefined;
}

/** A name if it has one, else put together from its parts. */
function textOfFunction(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	list: readonly DataParameter[],
	result: CallbackResult,
): TypeText | undefined {
	if (node === undefined) return undefined;
	if (!ts.isFunctionTypeNode(node)) return typeText(context, node);
	const parts: TypeText[number][] = ["("];
	for (const [index, { name, isOptional, text }] of list.entries()) {
		if (text === undefined) return undefined;
		parts.push(`${index === 0 ? "" : ", "}${name}${isOptional ? "?" : ""}: `, ...text);
	}
	if (!result.isAwaited) return [...parts, ") => void"];
	if (result.isMaybePromised) return [...parts, ") => void | Promise<void>"];
	if (result.type === undefined) return [...parts, ") => Promise<void>"];
	return result.text === undefined ? undefined : [...parts, ") => Promise<", ...result.text, ">"];
}
