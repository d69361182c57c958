/** Puts unions together. */
import { ts } from "ts-morph";
import { compare } from "../model/diagnostics.js";
import type { Type } from "../model/model.js";
import type { Site } from "./context.js";
import { enumOf, readEnum } from "./enums.js";
import type { Reading } from "./reading.js";

/** A union of members in their order: flat, without repetitions; a single member is itself. */
export function unionOf(members: readonly Type[]): Type {
	const flat = members.flatMap((member) => (member.kind === "union" ? member.members : [member]));
	const distinct = [...new Map(flat.map((member) => [JSON.stringify(member), member])).values()];
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
	return unionOf(members.sort((a, b) => rank(a) - rank(b) || compare(JSON.stringify(a), JSON.stringify(b))));
}

/** `null` and `undefined` last, as people write them. */
function rank(type: Type): number {
	return type.kind === "undefined" ? 2 : type.kind === "null" ? 1 : 0;
}
