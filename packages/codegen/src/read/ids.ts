/** Warns of numbers that are names of something. */
import type { ts } from "ts-morph";
import type { NumberType, Type } from "../model/model.js";
import type { Site } from "./context.js";
import type { Reading } from "./reading.js";

/** `id`, `userId`, `userID`, `user_id`, and several of them: not `valid`, nor `kids`. */
const idName = /^ids?$|^IDs?$|Ids?$|IDs?$|_ids?$/;

/** `usersById`: what the keys are. */
const keyedName = /By(Id|ID)$|_by_id$/;

/** Of a property, a parameter or an alias: in a package it is not the user's to mend. `undefined`: it is declared nowhere, as those of `Record`. */
export function warnOfInexactId(
	reading: Reading,
	name: string,
	type: Type,
	declaration: ts.Node | undefined,
	site: Site,
): void {
	const { context } = reading;
	if (!idName.test(name) || context.isForeign((declaration ?? site.node).getSourceFile())) return;
	const found = findInexact(reading, type, keyedName.test(name));
	if (found === "one") {
		context.report("HC033", site, `${site.trail} is an id and a number, and beyond 2^53 two ids are one number.`);
	} else if (found === "several") {
		context.report(
			"HC033",
			site,
			`${site.trail} has ids that are numbers, and beyond 2^53 two ids are one number.`,
			"Name their type and tag it, `/** @int */ type Id = number`, which refuses what is not exact; or use `bigint` or `string`.",
		);
	}
}

/** Whether a type is such a number, or consists of some. */
function findInexact(reading: Reading, type: Type, isKeyed: boolean): "one" | "several" | undefined {
	const isAmong = (...parts: readonly (Type | undefined)[]) =>
		parts.some((part) => part !== undefined && findInexact(reading, part, false) !== undefined);
	switch (type.kind) {
		case "number":
			return isInexact(type) ? "one" : undefined;
		case "union": {
			const found = type.members.map((member) => findInexact(reading, member, isKeyed));
			return found.includes("several") ? "several" : found.find((one) => one !== undefined);
		}
		case "array":
		case "set":
			return isAmong(type.element) ? "several" : undefined;
		case "tuple":
			return isAmong(...type.elements.map((element) => element.type), type.rest) ? "several" : undefined;
		case "record":
		case "map":
			return isAmong(isKeyed ? type.key : type.value) ? "several" : undefined;
		case "reference": {
			// One that is an id by its name is told of where it is declared, and one that is being read contains itself.
			const target = idName.test(type.name) ? undefined : reading.definition(type.name)?.type;
			return target === undefined ? undefined : findInexact(reading, target, isKeyed);
		}
		default:
			return undefined;
	}
}

function isInexact({ constraints }: NumberType): boolean {
	return !constraints.some(
		({ keyword, value }) =>
			keyword === "int" ||
			((keyword === "maximum" || keyword === "exclusiveMaximum") && Number(value) <= Number.MAX_SAFE_INTEGER),
	);
}
