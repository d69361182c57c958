/** Warns of numbers that are names of something. */
import type { ts } from "ts-morph";
import type { Type } from "../model/model.js";
import type { Site } from "./context.js";
import type { Reading } from "./reading.js";

/** `id`, `userId`, `userID`, `user_id`: not `valid`. */
const idName = /^id$|^ID$|Id$|ID$|_id$/;

/** Of a property, a parameter or an alias: in a package it is not the user's to mend. */
export function warnOfInexactId(
	{ context }: Reading,
	name: string,
	type: Type,
	declaration: ts.Node,
	site: Site,
): void {
	if (!idName.test(name) || context.isForeign(declaration.getSourceFile())) return;
	const alternatives = type.kind === "union" ? type.members : [type];
	if (!alternatives.some(isInexact)) return;
	context.report("HC033", site, `${site.trail} is an id and a number, and beyond 2^53 two ids are one number.`);
}

function isInexact(type: Type): boolean {
	if (type.kind !== "number") return false;
	return !type.constraints.some(
		({ keyword, value }) =>
			keyword === "int" ||
			((keyword === "maximum" || keyword === "exclusiveMaximum") && Number(value) <= Number.MAX_SAFE_INTEGER),
	);
}
