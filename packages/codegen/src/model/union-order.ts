/**
 * Puts the members of unions into an order in which each value finds its own.
 *
 * Members are tried one by one, and what the first that fits does not have is left out: of `Edit | AnnotatedEdit`, an
 * annotated edit passes for a plain one and would lose its annotation. So a member stands behind those it would take things
 * from: also an object behind dates, octets, maps and sets. Where two would take from each other, the source's order stays.
 */
import { discriminatorOf } from "./discriminator.js";
import type { Definitions, ObjectType, Type, UnionType } from "./model.js";
import { type Alternative, alternativesOf } from "./walk.js";
import { Planner } from "./wire.js";

/** Levels of properties and elements that are looked into. */
const maxDepth = 4;

/** In place: while types are read, nobody else has them. */
export function orderUnions(unions: Iterable<UnionType>, definitions: Definitions): void {
	const losses = new Losses(definitions);
	for (const union of unions) {
		if (discriminatorOf(alternativesOf(union, definitions), definitions) !== undefined) continue;
		const pending = [...union.members];
		const ordered: Type[] = [];
		while (pending.length > 0) {
			const next = pending.findIndex((one) => !pending.some((other) => other !== one && losses.isBehind(one, other)));
			ordered.push(...pending.splice(Math.max(0, next), 1));
		}
		(union.members as Type[]).splice(0, ordered.length, ...ordered);
	}
}

class Losses {
	readonly #definitions: Definitions;
	readonly #planner: Planner;
	readonly #alternatives = new Map<Type, Alternative[]>();

	constructor(definitions: Definitions) {
		this.#definitions = definitions;
		this.#planner = new Planner(definitions);
	}

	isBehind(one: Type, other: Type): boolean {
		return this.#takes(one, other, maxDepth) && !this.#takes(other, one, maxDepth);
	}

	/** Whether a value of `given` may pass for `tried`, which drops something of it. */
	#takes(tried: Type, given: Type, depth: number): boolean {
		if (depth === 0) return false;
		const others = this.#of(given);
		return this.#of(tried).some(({ type: one }) =>
			others.some(({ type: other }) => {
				if (one.kind === "array" && other.kind === "array") return this.#takes(one.element, other.element, depth - 1);
				// To zod an instance of a class is an object as others are.
				if (one.kind === "object" && isInstance(other)) return true;
				return one.kind === "object" && other.kind === "object" && this.#takesFrom(one, other, depth);
			}),
		);
	}

	#takesFrom(one: ObjectType, other: ObjectType, depth: number): boolean {
		const given = new Map(other.properties.map((property) => [property.name, property]));
		const tried = new Map(one.properties.map((property) => [property.name, property]));
		for (const { name, type, isOptional } of one.properties) {
			const property = given.get(name);
			if (property === undefined) {
				if (!isOptional && other.additional === undefined) return false;
			} else if (!(isOptional && property.isOptional) && !this.#overlap(type, property.type)) return false;
		}
		if (one.additional !== undefined) return false;
		if (other.additional !== undefined) return true;
		return other.properties.some(({ name, type }) => {
			const property = tried.get(name);
			return property === undefined || this.#takes(property.type, type, depth - 1);
		});
	}

	/** Whether there are values that may be of both; of objects that is taken for granted. */
	#overlap(one: Type, other: Type): boolean {
		const others = this.#of(other);
		return this.#of(one).some(({ type: a }) =>
			others.some(({ type: b }) => {
				const [left, right] = [valuesOf(a), valuesOf(b)];
				if (left !== undefined && right !== undefined) return left.some((value) => right.includes(value));
				const classes = this.#planner.classesOf(b);
				return this.#planner.classesOf(a).some((one) => classes.includes(one));
			}),
		);
	}

	#of(type: Type): Alternative[] {
		const known = this.#alternatives.get(type);
		if (known !== undefined) return known;
		const found = alternativesOf(type, this.#definitions);
		this.#alternatives.set(type, found);
		return found;
	}
}

function isInstance({ kind }: Type): boolean {
	return kind === "date" || kind === "bytes" || kind === "map" || kind === "set";
}

function valuesOf(type: Alternative["type"]): readonly unknown[] | undefined {
	if (type.kind === "enum") return type.values;
	return type.kind === "literal"
		? [typeof type.value === "object" ? BigInt(type.value.bigint) : type.value]
		: undefined;
}
