/** What the readers of the different kinds of types have in common. */
import { ts } from "ts-morph";
import type { Definition, Type } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";

/** How the source spells a type: names, and with them constraints, that the type itself has forgotten. */
export interface Hint {
	readonly node: ts.TypeNode;
	readonly bindings: Bindings;
	/** It is the right side of an alias: the type is read for that name, and not referred to by it. */
	readonly isBody?: boolean;
}

/** A generic type with its arguments. */
export interface Mention {
	readonly node: ts.TypeReferenceNode;
	readonly bindings: Bindings;
}

/** What the type parameters mentioned in a hint stand for. */
export type Bindings = ReadonlyMap<ts.Symbol, Binding>;

export interface Binding {
	/** `undefined` for what is put together from other type parameters: it is the type of whatever stands there. */
	readonly type: ts.Type | undefined;
	readonly hint: Hint | undefined;
}

export const noBindings: Bindings = new Map();

/** The entry to reading types, handed to each reader. */
export interface Reading {
	readonly context: ReadContext;
	read(type: ts.Type, hint: Hint | undefined, site: Site): Type;
	/** A type under a name. */
	define(request: DefinitionRequest, site: Site): Type;
	/** A type without one. */
	inline(type: ts.Type, site: Site, read: () => Type): Type;
	definition(name: string): Definition | undefined;
}

export interface DefinitionRequest {
	readonly symbol: ts.Symbol;
	/** The type's arguments make one definition each. */
	readonly instance: ts.Type | undefined;
	/** How the instance is mentioned: two whose arguments differ in their constraints alone are two definitions. */
	readonly mention: Mention | undefined;
	readonly isBranded: boolean;
	readonly read: () => Type;
}

/** Stands for a type that was reported: nothing is emitted after that. */
export const unreadable: Type = { kind: "unknown" };

/** A type for messages, cut to a readable length. */
export function textOf(context: ReadContext, type: ts.Type): string {
	const text = context.checker.typeToString(type).replace(/import\("[^"]*"\)\./g, "");
	return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The members of a union, or the type itself; without `undefined`. */
export function withoutUndefined(type: ts.Type): readonly ts.Type[] {
	if (!type.isUnion()) return [type];
	return type.types.filter((member) => (member.flags & ts.TypeFlags.Undefined) === 0);
}

/**
 * The spelling of a property or parameter as a hint for its type, if it can serve as one: it means the very type, or
 * mentions only type parameters whose arguments are known.
 */
export function hintFor(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	type: ts.Type,
	bindings: Bindings,
): Hint | undefined {
	if (node === undefined) return undefined;
	const parameters = parametersIn(context, node);
	if (parameters === undefined) return undefined;
	if (parameters.size > 0) return [...parameters].every((one) => bindings.has(one)) ? { node, bindings } : undefined;
	const spelt = context.checker.getTypeFromTypeNode(node);
	if (isUnresolved(spelt)) return { node, bindings: noBindings };
	const own = new Set(withoutUndefined(spelt));
	const given = withoutUndefined(type);
	return own.size === given.length && given.every((member) => own.has(member))
		? { node, bindings: noBindings }
		: undefined;
}

/** For a type argument: it means the very type, or is no hint. An alias of what it is an argument of may have changed it. */
export function exactHint(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	type: ts.Type,
	bindings: Bindings = noBindings,
): Hint | undefined {
	const hint = hintFor(context, node, type, bindings);
	if (hint === undefined || hint.bindings.size > 0) return hint;
	return context.checker.getTypeFromTypeNode(hint.node) === type ? hint : undefined;
}

/** What a node means where type parameters are bound; `open` if one is not. */
export function bindingOf(context: ReadContext, node: ts.TypeNode, bindings: Bindings): Binding | "open" {
	const parameters = parametersIn(context, node);
	if (parameters === undefined) return "open";
	if (parameters.size === 0) {
		return { type: context.checker.getTypeFromTypeNode(node), hint: { node, bindings: noBindings } };
	}
	if (![...parameters].every((one) => bindings.has(one))) return "open";
	const symbol = ts.isTypeReferenceNode(node) ? context.symbolAt(node.typeName) : undefined;
	return (symbol !== undefined && bindings.get(symbol)) || { type: undefined, hint: { node, bindings } };
}

/** What the parameters of `type Listener<T> = (event: T) => void` stand for in `Listener<Entry>`. */
export function bindingsIn(
	context: ReadContext,
	mention: ts.TypeReferenceNode | ts.ExpressionWithTypeArguments,
	outer: Bindings,
): Bindings {
	const bindings = new Map<ts.Symbol, Binding>();
	const name = ts.isTypeReferenceNode(mention) ? mention.typeName : mention.expression;
	for (const declaration of context.symbolAt(name)?.declarations ?? []) {
		if (!ts.isTypeAliasDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
		for (const [index, parameter] of (declaration.typeParameters ?? []).entries()) {
			const symbol = context.checker.getSymbolAtLocation(parameter.name);
			const argument = mention.typeArguments?.[index];
			const binding = argument === undefined ? "open" : bindingOf(context, argument, outer);
			if (symbol !== undefined && binding !== "open") bindings.set(symbol, binding);
		}
	}
	return bindings;
}

/** The compiler's type for what it could not find. */
export function isUnresolved(type: ts.Type): boolean {
	return (
		(type.flags & ts.TypeFlags.Any) !== 0 && (type as ts.Type & { intrinsicName?: string }).intrinsicName === "error"
	);
}

/** The type parameters that a node mentions, but those that it declares itself; `undefined` if it mentions `this`. */
export function parametersIn(context: ReadContext, node: ts.TypeNode): Set<ts.Symbol> | undefined {
	const found = new Set<ts.Symbol>();
	let isKnown = true;
	const visit = (part: ts.Node): void => {
		if (part.kind === ts.SyntaxKind.ThisType) isKnown = false;
		if (ts.isTypeReferenceNode(part) && ts.isIdentifier(part.typeName)) {
			const symbol = context.symbolAt(part.typeName);
			if (symbol !== undefined && symbol.flags & ts.SymbolFlags.TypeParameter && !isDeclaredIn(node, symbol))
				found.add(symbol);
		}
		ts.forEachChild(part, visit);
	};
	visit(node);
	return isKnown ? found : undefined;
}

/** As `K` is in `{ [K in "a" | "b"]: K }`. */
function isDeclaredIn(node: ts.Node, symbol: ts.Symbol): boolean {
	const isInside = (one: ts.Node) => one.pos >= node.pos && one.end <= node.end;
	return (symbol.declarations ?? []).some((one) => isInside(one) && one.getSourceFile() === node.getSourceFile());
}

/** A property or element that need not be there: its type without `undefined`, and whether that may be given all the same. */
export function readOptional(
	reading: Reading,
	type: ts.Type,
	hint: Hint | undefined,
	site: Site,
): { readonly type: Type; readonly isUndefinedAllowed: boolean } {
	const { context } = reading;
	const undefinedType = context.checker.getUndefinedType();
	// With exactOptionalPropertyTypes what is merely missing has a type of its own.
	const isUndefinedAllowed =
		context.isUndefinedOptional || type === undefinedType || (type.isUnion() && type.types.includes(undefinedType));
	const rest = withoutUndefined(type);
	const read = reading.read(rest.length === 1 ? rest[0]! : type, hint, site);
	return { type: stripUndefined(read), isUndefinedAllowed };
}

function stripUndefined(type: Type): Type {
	if (type.kind === "undefined") return { kind: "never" };
	if (type.kind !== "union") return type;
	const members = type.members.filter(({ kind }) => kind !== "undefined");
	return members.length === 1 ? members[0]! : { ...type, members };
}
