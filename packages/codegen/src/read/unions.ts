/** Puts unions together. */
import { ts } from "ts-morph";
import { compare } from "../model/diagnostics.js";
import type { Type } from "../model/model.js";
import { typeKey } from "../model/type-key.js";
import type { ReadContext, Site } from "./context.js";
import { enumOf, readEnum } from "./enums.js";
import { type Binding, type Bindings, bindingOf, type Hint, type Reading } from "./reading.js";

/** A union of members in their order: flat, without repetitions; a single member is itself. */
export function unionOf(members: readonly Type[]): Type {
	const flat = members.flatMap((member) => (member.kind === "union" ? member.members : [member]));
	const distinct = [...new Map(flat.map((member) => [typeKey(member), member])).values()];
	const isBoolean = (value: boolean) => distinct.some((member) => member.kind === "literal" && member.value === value);
	const merged =
		isBoolean(true) && isBoolean(false)
			? [
					...distinct.filter((member) => member.kind !== "literal" || typeof member.value !== "boolean"),
					{ kind: "boolean" } as const,
				]
			: distinct;
	const possible = merged.length > 1 ? merged.filter(({ kind }) => kind !== "never") : merged;
	return possible.length === 1 ? possible[0]! : { kind: "union", members: possible };
}

/** A member as the source spells it. */
export interface SpelledMember {
	readonly node: ts.TypeNode;
	readonly type: ts.Type;
	readonly hint: Hint | undefined;
}

/** The members of a spelled union, in its order; `undefined` where it cannot be told which of the type's is which. */
export function membersOf(
	context: ReadContext,
	type: ts.Type,
	{ types: nodes }: ts.UnionTypeNode,
	bindings: Bindings,
): readonly SpelledMember[] | undefined {
	const bound: Binding[] = [];
	for (const node of nodes) {
		const binding = bindingOf(context, node, bindings);
		if (binding === "open") return undefined;
		bound.push(binding);
	}
	const told = new Set(bound.flatMap((one) => (one.type === undefined ? [] : constituentsOf(one.type))));
	const rest = new Set(
		constituentsOf(type).filter((one) => !told.has(one) && (one.flags & ts.TypeFlags.Undefined) === 0),
	);
	const members: SpelledMember[] = [];
	for (const [index, { type: known, hint }] of bound.entries()) {
		const own = known ?? theOneOf(context, hint, rest);
		if (own === undefined) return undefined;
		rest.delete(own);
		members.push({ node: nodes[index]!, type: own, hint });
	}
	return members;
}

export function constituentsOf(type: ts.Type): readonly ts.Type[] {
	return type.isUnion() ? type.types : [type];
}

/** Of types, the one that a node with type parameters means: the only one, or the only one made of the same generic type. */
export function theOneOf(
	context: ReadContext,
	hint: Hint | undefined,
	types: ReadonlySet<ts.Type>,
): ts.Type | undefined {
	if (hint === undefined) return undefined;
	const generic = ownerOf(context.checker.getTypeFromTypeNode(hint.node));
	const same = [...types].filter((one) => types.size === 1 || (generic !== undefined && ownerOf(one) === generic));
	return same.length === 1 ? same[0] : undefined;
}

function ownerOf({ aliasSymbol, symbol }: ts.Type): ts.Symbol | undefined {
	return aliasSymbol ?? symbol;
}

/**
 * A union of which only the type is known. The compiler orders the members by when it met them, which is not the same in
 * every run; here they are ordered by what they are.
 */
export function readUnionType(reading: Reading, type: ts.UnionType, site: Site): Type {
	const members: Type[] = [];
	const enums = new Map<ts.Symbol, ts.Type[]>();
	for (const member of type.types) {
		const owner = member.flags & ts.TypeFlags.EnumLiteral ? enumOf(reading.context, member) : undefined;
		if (owner === undefined) members.push(reading.read(member, undefined, site));
		else enums.set(owner, [...(enums.get(owner) ?? []), member]);
	}
	for (const [owner, parts] of enums) {
		const whole = reading.context.checker.getDeclaredTypeOfSymbol(owner);
		const isWhole = whole.isUnion() && whole.types.length === parts.length;
		if (isWhole) members.push(readEnum(reading, owner, site));
		else members.push(...parts.map((part) => reading.read(part, undefined, site)));
	}
	return unionOf(members.sort((a, b) => rank(a) - rank(b) || compare(typeKey(a), typeKey(b))));
}

/** `null` and `undefined` last, as people write them. */
function rank(type: Type): number {
	return type.kind === "undefined" ? 2 : type.kind === "null" ? 1 : 0;
}
