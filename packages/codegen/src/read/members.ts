/** Finds how the source spells the type of a property or an element, from how it spells the whole: through mapped types, utility types and indexed access. */
import { ts } from "ts-morph";
import type { ReadContext } from "./context.js";
import { type Bindings, bindingOf, bindingsIn, type Hint, parametersIn } from "./reading.js";

/** A property by its name, or whatever has none: an element of an array, a value of a record. */
export type Key = string | typeof element;

export const element = Symbol("element");

/** Utility types whose properties are spelled as those of their first argument. */
const likeTheirArgument: ReadonlySet<string> = new Set([
	"NoInfer",
	"NonNullable",
	"Omit",
	"Partial",
	"Pick",
	"Readonly",
	"Required",
]);

/** Aliases that lead to themselves lead nowhere. */
const maxDepth = 32;

/** `undefined` where the spelling cannot be followed: what is found is to be held against the type. */
export function memberHint(context: ReadContext, hint: Hint, key: Key, depth = 0): Hint | undefined {
	if (depth > maxDepth) return undefined;
	const { node, bindings } = hint;
	const within = (next: ts.TypeNode, bound: Bindings = bindings) =>
		memberHint(context, { node: next, bindings: bound }, key, depth + 1);
	if (ts.isParenthesizedTypeNode(node)) return within(node.type);
	if (ts.isTypeOperatorNode(node)) {
		return node.operator === ts.SyntaxKind.ReadonlyKeyword ? within(node.type) : undefined;
	}
	if (ts.isArrayTypeNode(node)) return key === element ? { node: node.elementType, bindings } : undefined;
	if (ts.isTypeLiteralNode(node)) return declaredIn(node.members, key, bindings);
	if (ts.isMappedTypeNode(node)) return mappedHint(context, node, key, bindings);
	if (ts.isIntersectionTypeNode(node)) {
		const [found, ...others] = node.types.flatMap((part) => within(part) ?? []);
		return others.length === 0 ? found : undefined;
	}
	if (ts.isIndexedAccessTypeNode(node)) {
		const whole = indexedHint(context, node, bindings, depth + 1);
		return whole && memberHint(context, whole, key, depth + 1);
	}
	if (!ts.isTypeReferenceNode(node)) return declaredHint(context, node, key);
	const symbol = context.symbolAt(node.typeName);
	const [first, second] = node.typeArguments ?? [];
	if (symbol === undefined) return undefined;
	if (symbol.flags & ts.SymbolFlags.TypeParameter) {
		const bound = bindings.get(symbol)?.hint;
		return bound && memberHint(context, bound, key, depth + 1);
	}
	if (context.isLibrarySymbol(symbol)) {
		if (first === undefined) return undefined;
		if (likeTheirArgument.has(symbol.name)) return within(first);
		if (symbol.name === "Record") return second && { node: second, bindings };
		const isList = symbol.name === "Array" || symbol.name === "ReadonlyArray";
		return isList && key === element ? { node: first, bindings } : undefined;
	}
	const inner = bindingsIn(context, node, bindings);
	const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
	if (alias !== undefined) return within(alias.type, inner);
	const own = (symbol.declarations ?? []).filter(ts.isInterfaceDeclaration).flatMap(({ members }) => [...members]);
	return declaredIn(own, key, inner) ?? declaredHint(context, node, key);
}

/** `Holder["inner"]`, `Id[][number]`: as the property or element is spelled. */
export function indexedHint(
	context: ReadContext,
	{ objectType, indexType }: ts.IndexedAccessTypeNode,
	bindings: Bindings,
	depth = 0,
): Hint | undefined {
	const index = bindingOf(context, indexType, bindings);
	const type = index === "open" ? undefined : index.type;
	if (type === undefined) return undefined;
	const key = type.isStringLiteral()
		? type.value
		: type.flags & (ts.TypeFlags.Number | ts.TypeFlags.String)
			? element
			: undefined;
	return key === undefined ? undefined : memberHint(context, { node: objectType, bindings }, key, depth);
}

function declaredIn(members: readonly ts.TypeElement[], key: Key, bindings: Bindings): Hint | undefined {
	for (const member of members) {
		if (key === element && ts.isIndexSignatureDeclaration(member)) return { node: member.type, bindings };
		const isMeant =
			ts.isPropertySignature(member) &&
			(ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)) &&
			member.name.text === key;
		if (isMeant && member.type !== undefined) return { node: member.type, bindings };
	}
	return undefined;
}

/** The compiler knows the declaration of whatever else has properties: a class, what an interface inherits, `typeof value`. */
function declaredHint(context: ReadContext, node: ts.TypeNode, key: Key): Hint | undefined {
	if (key === element || parametersIn(context, node)?.size !== 0) return undefined;
	const type = context.checker.getTypeFromTypeNode(node);
	const declaration = context.checker.getPropertyOfType(type, key)?.valueDeclaration;
	const isTyped =
		declaration !== undefined &&
		(ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isParameter(declaration));
	if (!isTyped || declaration.type === undefined || parametersIn(context, declaration.type)?.size !== 0)
		return undefined;
	return { node: declaration.type, bindings: new Map() };
}

/** What stands at the right of a mapped type, with the key filled in. One that renames its keys says not whose it is. */
function mappedHint(
	context: ReadContext,
	{ typeParameter, nameType, type }: ts.MappedTypeNode,
	key: Key,
	bindings: Bindings,
): Hint | undefined {
	const symbol = context.checker.getSymbolAtLocation(typeParameter.name);
	if (nameType !== undefined || type === undefined || symbol === undefined) return undefined;
	const own = key === element ? context.checker.getNumberType() : keyType(context, typeParameter.constraint, key);
	return own && { node: type, bindings: new Map(bindings).set(symbol, { type: own, hint: undefined }) };
}

/** The key as the source means it: a member of an enum is not the text of its value, nor is a number that of its digits. */
function keyType(context: ReadContext, constraint: ts.TypeNode | undefined, key: string): ts.Type | undefined {
	const { checker } = context;
	if (constraint !== undefined && parametersIn(context, constraint)?.size === 0) {
		const keys = checker.getTypeFromTypeNode(constraint);
		const found = (keys.isUnion() ? keys.types : [keys]).find(
			(one) => (one.isStringLiteral() || one.isNumberLiteral()) && String(one.value) === key,
		);
		if (found !== undefined) return found;
	}
	return String(Number(key)) === key ? undefined : checker.getStringLiteralType(key);
}
