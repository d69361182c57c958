/** Which constraints follow from which. */
import type { Constraint, ConstraintKeyword, LiteralValue } from "../model/model.js";

/** The constraints that values may violate which keep to `given`. */
export function notImplied(wanted: readonly Constraint[], given: readonly Constraint[]): Constraint[] {
	return wanted.filter((constraint) => !given.some((one) => implies(one, constraint)));
}

function implies(given: Constraint, wanted: Constraint): boolean {
	const isSame = given.keyword === wanted.keyword;
	if (isSame && given.value === wanted.value) return true;
	if (wanted.keyword === "int")
		return given.keyword === "multipleOf" && typeof given.value === "number" && Number.isInteger(given.value);
	if (typeof given.value !== "number" || typeof wanted.value !== "number") return false;
	switch (wanted.keyword) {
		case "minimum":
			return oneOf(given, "minimum", "exclusiveMinimum") && given.value >= wanted.value;
		case "exclusiveMinimum":
			if (given.keyword === "minimum") return given.value > wanted.value;
			return isSame && given.value >= wanted.value;
		case "maximum":
			return oneOf(given, "maximum", "exclusiveMaximum") && given.value <= wanted.value;
		case "exclusiveMaximum":
			if (given.keyword === "maximum") return given.value < wanted.value;
			return isSame && given.value <= wanted.value;
		case "minLength":
		case "minItems":
			return isSame && given.value >= wanted.value;
		case "maxLength":
		case "maxItems":
			return isSame && given.value <= wanted.value;
		case "multipleOf":
			return isSame && Number.isInteger(given.value / wanted.value);
		default:
			return false;
	}
}

/** The constraints that one value violates. Of a format it cannot be told here: it counts as one. */
export function violated(value: LiteralValue, constraints: readonly Constraint[]): Constraint[] {
	const plain = typeof value === "object" ? Number(value.bigint) : value;
	return constraints.filter((constraint) => {
		if (typeof plain === "number") return !isKeptBy(plain, constraint);
		return typeof plain === "string" && !isKeptByText(plain, constraint);
	});
}

function isKeptBy(value: number, { keyword, value: bound }: Constraint): boolean {
	if (keyword === "int") return Number.isInteger(value);
	if (typeof bound !== "number") return true;
	switch (keyword) {
		case "minimum":
			return value >= bound;
		case "exclusiveMinimum":
			return value > bound;
		case "maximum":
			return value <= bound;
		case "exclusiveMaximum":
			return value < bound;
		case "multipleOf":
			return Number.isInteger(value / bound);
		default:
			return true;
	}
}

function isKeptByText(text: string, { keyword, value }: Constraint): boolean {
	switch (keyword) {
		case "minLength":
			return text.length >= Number(value);
		case "maxLength":
			return text.length <= Number(value);
		case "pattern":
			return new RegExp(String(value), "u").test(text);
		case "format":
			return false;
		default:
			return true;
	}
}

function oneOf({ keyword }: Constraint, ...keywords: readonly ConstraintKeyword[]): boolean {
	return keywords.includes(keyword);
}
