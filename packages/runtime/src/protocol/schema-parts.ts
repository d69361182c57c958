/** What zod's schemas are made of, seen from outside. */
import type * as z from "zod";

type Definition = Record<string, unknown>;

/** Whether one of the definitions in a schema, those of its checks among them, is meant. Each is asked for once. */
export function someDefinition(schema: z.core.$ZodType, isMeant: (definition: Definition) => boolean): boolean {
	const seen = new Set<unknown>();
	const visit = (part: unknown): boolean => {
		if (typeof part !== "object" || part === null || seen.has(part)) return false;
		seen.add(part);
		if (Array.isArray(part)) return part.some(visit);
		const definition = (part as Partial<z.core.$ZodType>)._zod?.def as Definition | undefined;
		if (definition === undefined) return isPlain(part) && Object.values(part).some(visit);
		if (isMeant(definition)) return true;
		const { getter } = definition;
		return Object.values(definition).some(visit) || (typeof getter === "function" && visit(getter()));
	};
	return visit(schema);
}

/** Has every check be the last that is made of a value which fails it: else zod goes on to the next value even where it stops early. */
export function stopAtFailedChecks(schema: z.core.$ZodType): void {
	someDefinition(schema, (definition) => {
		if ("check" in definition) definition["abort"] = true;
		return false;
	});
}

function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
