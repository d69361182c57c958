/** Follows how the source spells a type through conditional types, indexed access and the utility types that choose among alternatives. */
import { ts } from "ts-morph";
import type { ReadContext } from "./context.js";
import { element, indexedHint, memberHint } from "./members.js";
import { type Binding, type Bindings, bindingOf, bindingsIn, type Hint, noBindings, parametersIn } from "./reading.js";
import { hasConstraints } from "./spelling.js";
import { constituentsOf, theOneOf } from "./unions.js";

/** One of the alternatives that a type consists of. */
export interface Alternative {
	readonly type: ts.Type;
	readonly hint: Hint | undefined;
}

/** As it is followed. */
interface Spelled {
	/** `undefined` for what is put together from type parameters: the one alternative that it is. */
	readonly type: ts.Type | undefined;
	readonly hint: Hint | undefined;
}

/**
 * `undefined` where the spelling cannot be followed, or leads to something that the type is not: what is found here is not what the
 * compiler has computed.
 */
export function alternativesOf(context: ReadContext, hint: Hint, type: ts.Type): readonly Alternative[] | undefined {
	const found = alternativesIn(context, hint, type);
	// One that nobody spells is the type itself.
	const isSaid = found !== undefined && (found.length > 1 || found[0]?.hint !== undefined);
	return isSaid ? allIn(found, type) : undefined;
}

/** The alternatives, if they are all of the type. */
function allIn(spelled: readonly Spelled[], type: ts.Type): readonly Alternative[] | undefined {
	const known = spelled.flatMap(({ type: own, hint }) => {
		const meant = own ?? (spelled.length === 1 ? type : undefined);
		return meant === undefined ? [] : [{ type: meant, hint }];
	});
	const told = new Set(known.flatMap((one) => constituentsOf(one.type)));
	const given = new Set(constituentsOf(type));
	const isUndefined = ({ flags }: ts.Type) => (flags & ts.TypeFlags.Undefined) !== 0;
	const isAll = [...given].every((one) => told.has(one) || isUndefined(one));
	return known.length === spelled.length && isAll && [...told].every((one) => given.has(one)) ? known : undefined;
}

/** Aliases that lead to themselves lead nowhere. */
const maxDepth = 32;

/** `target`: what it is to be, where the whole of it is asked for. */
function alternativesIn(
	context: ReadContext,
	hint: Hint,
	target: ts.Type | undefined,
	depth = 0,
): readonly Spelled[] | undefined {
	if (depth > maxDepth) return undefined;
	const { node, bindings } = hint;
	const follow = (next: Hint, whole?: ts.Type) => alternativesIn(context, next, whole, depth + 1);
	if (ts.isParenthesizedTypeNode(node)) return follow({ node: node.type, bindings }, target);
	if (node.kind === ts.SyntaxKind.NeverKeyword) return [];
	if (ts.isUnionTypeNode(node)) return allOf(node.types.map((member) => follow({ node: member, bindings })));
	if (ts.isConditionalTypeNode(node)) return chosenIn(context, { node, bindings }, target, depth);
	if (ts.isIndexedAccessTypeNode(node)) {
		const whole = indexedHint(context, node, bindings);
		return whole === undefined
			? leafOf(context, hint)?.map(({ type }) => ({ type, hint: undefined }))
			: follow(whole, target);
	}
	if (!ts.isTypeReferenceNode(node)) return leafOf(context, hint);
	const symbol = context.symbolAt(node.typeName);
	if (symbol === undefined) return undefined;
	if (symbol.flags & ts.SymbolFlags.TypeParameter) {
		const bound = bindings.get(symbol);
		if (bound?.hint !== undefined) return follow(bound.hint, target);
		return bound && [bound];
	}
	if (context.isLibrarySymbol(symbol)) return followUtility(context, symbol.name, { ...hint, node }, depth);
	const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
	const isFollowed =
		alias !== undefined &&
		!hasConstraints(context, alias) &&
		(ts.isUnionTypeNode(alias.type) || ts.isConditionalTypeNode(alias.type) || ts.isIndexedAccessTypeNode(alias.type));
	const inside = isFollowed
		? follow({ node: alias.type, bindings: bindingsIn(context, node, bindings) }, target)
		: undefined;
	return (inside && withTypes(context, inside, bindingOf(context, node, bindings))) ?? leafOf(context, hint);
}

/** Of what the body of a generic alias spells with its type parameters, `{ one: T }`, the mention that fills them in knows the types. */
function withTypes(context: ReadContext, spelled: readonly Spelled[], mentioned: Binding | "open"): readonly Spelled[] {
	if (mentioned === "open" || mentioned.type === undefined || spelled.length === 1) return spelled;
	const told = new Set(spelled.flatMap(({ type }) => (type === undefined ? [] : constituentsOf(type))));
	const rest = new Set(constituentsOf(mentioned.type).filter((one) => !told.has(one)));
	return spelled.map((one) => {
		const type = one.type ?? theOneOf(context, one.hint, rest);
		if (type !== undefined) rest.delete(type);
		return { type, hint: one.hint };
	});
}

/** The types are those of the nodes: they may be other objects than the compiler made of the whole. */
function leafOf(context: ReadContext, hint: Hint): readonly Spelled[] | undefined {
	const binding = bindingOf(context, hint.node, hint.bindings);
	return binding === "open" ? undefined : [{ type: binding.type, hint }];
}

function allOf(parts: readonly (readonly Spelled[] | undefined)[]): readonly Spelled[] | undefined {
	return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part!);
}

function followUtility(
	context: ReadContext,
	name: string,
	hint: Hint & { readonly node: ts.TypeReferenceNode },
	depth: number,
): readonly Spelled[] | undefined {
	const [first, second] = hint.node.typeArguments ?? [];
	const { bindings } = hint;
	if (first === undefined) return leafOf(context, hint);
	const inside = () => alternativesIn(context, { node: first, bindings }, undefined, depth + 1);
	switch (name) {
		case "NoInfer":
			return inside();
		case "Awaited": {
			const promised = referenceOf(context, { node: first, bindings });
			const [value] = promised?.node.typeArguments ?? [];
			const isPromise = promised !== undefined && context.symbolAt(promised.node.typeName)?.name === "Promise";
			return isPromise && value !== undefined
				? alternativesIn(context, { node: value, bindings: promised.bindings }, undefined, depth + 1)
				: inside();
		}
		case "NonNullable":
			return inside()?.filter(({ type }) => ((type?.flags ?? 0) & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) === 0);
		case "Exclude":
		case "Extract": {
			const other = second === undefined ? "open" : bindingOf(context, second, bindings);
			const members = inside();
			if (other === "open" || other.type === undefined) return undefined;
			const { type: chosen } = other;
			const left = members?.filter(
				({ type }) => type === undefined || context.checker.isTypeAssignableTo(type, chosen) === (name === "Extract"),
			);
			// One that cannot be decided is what is left, where nothing else is.
			return left?.length !== 1 && left?.some(({ type }) => type === undefined) ? undefined : left;
		}
		case "ReturnType": {
			const returned = returnedNode(context, first, bindings);
			return returned && alternativesIn(context, { node: returned, bindings: noBindings }, undefined, depth + 1);
		}
		default:
			return leafOf(context, hint);
	}
}

function returnedNode(context: ReadContext, node: ts.TypeNode, bindings: Bindings): ts.TypeNode | undefined {
	const binding = bindingOf(context, node, bindings);
	const [signature, ...others] = binding === "open" ? [] : (binding.type?.getCallSignatures() ?? []);
	const returned = others.length > 0 ? undefined : signature?.getDeclaration()?.type;
	return returned !== undefined && parametersIn(context, returned)?.size === 0 ? returned : undefined;
}

/** What is left of a conditional type: it is decided for each alternative of a type parameter, else once. */
function chosenIn(
	context: ReadContext,
	{ node, bindings }: Hint & { readonly node: ts.ConditionalTypeNode },
	target: ts.Type | undefined,
	depth: number,
): readonly Spelled[] | undefined {
	const { checkType, extendsType, trueType, falseType } = node;
	const symbol = ts.isTypeReferenceNode(checkType) ? context.symbolAt(checkType.typeName) : undefined;
	const isParameter = symbol !== undefined && (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0;
	const whole = { node: checkType, bindings };
	const branch = (isTrue: boolean, inner: Bindings) =>
		alternativesIn(context, { node: isTrue ? trueType : falseType, bindings: inner }, target, depth + 1);
	const checked = isParameter ? alternativesIn(context, whole, undefined, depth + 1) : leafOf(context, whole);
	if (checked === undefined) return undefined;
	return allOf(
		checked.map((one) => {
			const inner = new Map(bindings);
			if (isParameter) inner.set(symbol, one);
			const isTrue = isDecided(context, extendsType, one, inner);
			if (isTrue !== undefined) return branch(isTrue, inner);
			if (target === undefined || checked.length > 1 || hasInfer(extendsType)) return undefined;
			const [only, ...others] = [true, false].flatMap((either) => {
				const found = branch(either, inner);
				return found === undefined || allIn(found, target) === undefined ? [] : [found];
			});
			return others.length === 0 ? only : undefined;
		}),
	);
}

/** Puts what `infer` stands for into the bindings. `undefined` where it cannot be told. */
function isDecided(
	context: ReadContext,
	pattern: ts.TypeNode,
	{ type, hint }: Spelled,
	bindings: Map<ts.Symbol, Binding>,
): boolean | undefined {
	if (!hasInfer(pattern)) {
		const other = bindingOf(context, pattern, bindings);
		if (type === undefined || other === "open" || other.type === undefined) return undefined;
		return context.checker.isTypeAssignableTo(type, other.type);
	}
	// Whether it fits shows when what is found is held against the whole type.
	return hint !== undefined && infer(context, pattern, hint, bindings) ? true : undefined;
}

function hasInfer(node: ts.Node): boolean {
	return ts.isInferTypeNode(node) || (ts.forEachChild(node, (child) => hasInfer(child) || undefined) ?? false);
}

function infer(context: ReadContext, pattern: ts.TypeNode, given: Hint, bindings: Map<ts.Symbol, Binding>): boolean {
	if (ts.isParenthesizedTypeNode(pattern)) return infer(context, pattern.type, given, bindings);
	if (ts.isTypeOperatorNode(pattern)) return infer(context, pattern.type, given, bindings);
	if (ts.isInferTypeNode(pattern)) {
		const symbol = context.checker.getSymbolAtLocation(pattern.typeParameter.name);
		const binding = bindingOf(context, given.node, given.bindings);
		if (symbol === undefined || binding === "open") return false;
		bindings.set(symbol, { type: binding.type, hint: given });
		return true;
	}
	if (!hasInfer(pattern)) return true;
	if (ts.isArrayTypeNode(pattern)) {
		const found = memberHint(context, given, element);
		return found !== undefined && infer(context, pattern.elementType, found, bindings);
	}
	if (ts.isTypeLiteralNode(pattern)) {
		return pattern.members.every((member) => {
			if (!ts.isPropertySignature(member) || !ts.isIdentifier(member.name) || member.type === undefined) return false;
			const found = memberHint(context, given, member.name.text);
			return found !== undefined && infer(context, member.type, found, bindings);
		});
	}
	if (!ts.isTypeReferenceNode(pattern)) return false;
	const reference = referenceOf(context, given);
	if (reference === undefined || context.symbolAt(reference.node.typeName) !== context.symbolAt(pattern.typeName))
		return false;
	return (pattern.typeArguments ?? []).every((part, index) => {
		const node = reference.node.typeArguments?.[index];
		return node !== undefined && infer(context, part, { node, bindings: reference.bindings }, bindings);
	});
}

/** The mention of a type behind parentheses and type parameters. */
function referenceOf(
	context: ReadContext,
	{ node, bindings }: Hint,
): { readonly node: ts.TypeReferenceNode; readonly bindings: Bindings } | undefined {
	if (ts.isParenthesizedTypeNode(node)) return referenceOf(context, { node: node.type, bindings });
	if (!ts.isTypeReferenceNode(node)) return undefined;
	const symbol = context.symbolAt(node.typeName);
	const bound = symbol === undefined ? undefined : bindings.get(symbol)?.hint;
	return bound === undefined ? { node, bindings } : referenceOf(context, bound);
}
