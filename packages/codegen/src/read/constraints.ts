/** Turns constraint tags into constraints, and puts constraints onto the types they fit. */
import type { DiagnosticCode } from "../model/diagnostics.js";
import { formats, isFormat } from "../model/formats.js";
import { type Constraint, type ConstraintKeyword, constraintKeywords, type Type } from "../model/model.js";
import { isSlowPattern } from "../model/patterns.js";
import type { JsDocTag } from "./jsdoc.js";

export type ReportTag = (tag: JsDocTag, code: DiagnosticCode, message: string, remedy?: string) => void;

/** The constraints among the tags. A tag whose argument is none is reported and left out. */
export function constraintsFrom(tags: readonly JsDocTag[], report: ReportTag): (readonly [JsDocTag, Constraint])[] {
	const found: (readonly [JsDocTag, Constraint])[] = [];
	for (const tag of tags) {
		const keyword = constraintKeywords.find((candidate) => candidate === tag.name);
		if (keyword === undefined) continue;
		const value = valueOf(keyword, tag, report);
		if (value !== undefined) found.push([tag, { keyword, value }]);
	}
	return found;
}

function valueOf(keyword: ConstraintKeyword, tag: JsDocTag, report: ReportTag): Constraint["value"] | undefined {
	const bad = (expected: string, example: string) => {
		const given = tag.argument === "" ? "nothing" : `\`${tag.argument}\``;
		report(
			tag,
			"HC021",
			`\`@${keyword}\` takes ${expected}, and got ${given}.`,
			`Write it like \`@${keyword} ${example}\`.`,
		);
		return undefined;
	};
	switch (keyword) {
		case "int":
		case "uniqueItems":
			if (tag.argument === "" || tag.argument === "true") return true;
			report(
				tag,
				"HC021",
				`\`@${keyword}\` takes no argument, and got \`${tag.argument}\`.`,
				`Write \`@${keyword}\` alone.`,
			);
			return undefined;
		case "pattern":
			return isPattern(tag.argument)
				? checkedPattern(tag, report)
				: bad("a regular expression, without slashes", "^[a-z]+$");
		case "format":
			return isFormat(tag.argument) ? tag.argument : bad(`one of ${formats.join(", ")}`, "email");
		case "minLength":
		case "maxLength":
		case "minItems":
		case "maxItems":
			return /^\d{1,15}$/.test(tag.argument) ? Number(tag.argument) : bad("a whole number that is not negative", "1");
		case "multipleOf": {
			const number = numberOf(tag.argument);
			return number !== undefined && number > 0 ? number : bad("a number above 0", "0.01");
		}
		default:
			return numberOf(tag.argument) ?? bad("a number", "1");
	}
}

function numberOf(text: string): number | undefined {
	if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
	const number = Number(text);
	return Number.isFinite(number) ? number : undefined;
}

function isPattern(text: string): boolean {
	if (text === "") return false;
	try {
		new RegExp(text, "u");
		return true;
	} catch {
		return false;
	}
}

function checkedPattern(tag: JsDocTag, report: ReportTag): string {
	if (isSlowPattern(tag.argument)) {
		report(
			tag,
			"HC030",
			`\`${tag.argument}\` repeats what repeats: text that almost matches can take exponential time.`,
		);
	}
	return tag.argument;
}

type Constrained = Extract<Type, { constraints: readonly Constraint[] }>;

const fits: Readonly<Record<Constrained["kind"], readonly ConstraintKeyword[]>> = {
	string: ["minLength", "maxLength", "pattern", "format"],
	number: ["int", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
	bigint: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
	array: ["minItems", "maxItems", "uniqueItems"],
	set: ["minItems", "maxItems"],
	map: ["minItems", "maxItems"],
};

/** The constraints among the tags, without a word about those that are none. */
export function constraintsOn(tags: readonly JsDocTag[]): readonly Constraint[] {
	return constraintsFrom(tags, () => {}).map(([, constraint]) => constraint);
}

/** Whether it has all of these. */
export function carriesConstraints(type: Type, constraints: readonly Constraint[]): boolean {
	if (!("constraints" in type)) return false;
	return constraints.every(({ keyword, value }) =>
		type.constraints.some((own) => own.keyword === keyword && own.value === value),
	);
}

/** Whether it is of a kind that could have some of these, and has none at all. */
export function mayCarry(type: Type, constraints: readonly Constraint[]): boolean {
	if ("constraints" in type && type.constraints.length > 0) return false;
	const kind = type.kind === "template" ? "string" : type.kind;
	return kind in fits && constraints.some(({ keyword }) => fits[kind as Constrained["kind"]].includes(keyword));
}

/** What a constraint is for, in words. */
export function targetsOf(keyword: ConstraintKeyword): string {
	const kinds = Object.entries(fits).filter(([, keywords]) => keywords.includes(keyword));
	return kinds
		.map(([kind]) => `${kind}s`)
		.join(", ")
		.replace(/, (\w+)$/, " and $1");
}

/**
 * The type with the constraint on it: on each alternative of a union that it fits. `undefined` if it fits nothing.
 * A reference is replaced by what it refers to, so that the constraint holds in this place only.
 */
export function constrain(
	type: Type,
	constraint: Constraint,
	definition: (name: string) => Type | undefined,
): Type | undefined {
	switch (type.kind) {
		case "reference": {
			const target = definition(type.name);
			return target === undefined ? undefined : constrain(target, constraint, definition);
		}
		case "union": {
			const members = type.members.map((member) => constrain(member, constraint, definition));
			if (members.every((member) => member === undefined)) return undefined;
			return { ...type, members: members.map((member, index) => member ?? type.members[index]!) };
		}
		case "string":
		case "number":
		case "bigint":
		case "array":
		case "set":
		case "map":
			if (!fits[type.kind].includes(constraint.keyword) || !isApplicable(type, constraint, definition))
				return undefined;
			return { ...type, constraints: [...type.constraints, constraint] };
		default:
			return undefined;
	}
}

/** Bigints are bounded by whole numbers; only primitives can be compared for uniqueness. */
function isApplicable(
	type: Constrained,
	{ keyword, value }: Constraint,
	definition: (name: string) => Type | undefined,
): boolean {
	if (type.kind === "bigint") return Number.isSafeInteger(value);
	if (keyword === "uniqueItems" && type.kind === "array") return isPrimitive(type.element, definition);
	return true;
}

function isPrimitive(type: Type, definition: (name: string) => Type | undefined): boolean {
	if (type.kind === "union") return type.members.every((member) => isPrimitive(member, definition));
	if (type.kind === "reference") {
		const target = definition(type.name);
		return target !== undefined && isPrimitive(target, definition);
	}
	return ["string", "number", "bigint", "boolean", "null", "literal", "enum", "template"].includes(type.kind);
}
