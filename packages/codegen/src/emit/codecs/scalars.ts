/** Code that checks scalars. */
import type { Constraint } from "../../model/model.js";
import { type Code, code } from "../code.js";
import type { Scalar } from "./kinds.js";
import { compiled } from "./symbols.js";

/** With more values than these a `Set` is asked. */
const mostCompared = 8;

/** What checks need that stands outside of functions. */
export interface Checks {
	/** A function that says whether a value is as a schema has it. */
	checkFor(scalar: Extract<Scalar, { check: "schema" }>): string;
	/** A `Set` of values. */
	setFor(values: readonly (string | number | boolean | bigint)[]): string;
}

export function isInteger(scalar: Scalar): boolean {
	if (scalar.check === "bounds") return scalar.constraints.some(({ keyword }) => keyword === "int");
	return false;
}

/** Whether anything is to be checked beyond the kind. */
export function isChecked(scalar: Scalar): boolean {
	if (scalar.check === "bounds") return scalar.constraints.some(({ keyword }) => keyword !== "int");
	return scalar.check !== "none";
}

/** Lines that are surprised by what the scalar does not allow; `value` is a constant of the right kind. */
export function checksOf(scalar: Scalar, value: string, checks: Checks): Code[] {
	switch (scalar.check) {
		case "none":
			return [];
		case "schema":
			return [unless(`!${checks.checkFor(scalar)}(${value})`)];
		case "values": {
			const { values } = scalar;
			if (values.length > mostCompared) return [unless(`!${checks.setFor(values)}.has(${value})`)];
			return [unless(values.map((one) => `${value} !== ${literalText(one)}`).join(" && "))];
		}
		case "bounds":
			return boundsOf(scalar.constraints, value, { size: `${value}.length` });
	}
}

export interface BoundsOptions {
	/** How many there are of what has no bounds of its own. */
	readonly size: string;
	/** For `@uniqueItems`. */
	readonly items?: string;
}

/** Also of arrays, sets and maps. */
export function boundsOf(constraints: readonly Constraint[], value: string, { size, items }: BoundsOptions): Code[] {
	return constraints.flatMap(({ keyword, value: bound }) => {
		switch (keyword) {
			case "minimum":
				return [unless(`${value} < ${bound}`)];
			case "maximum":
				return [unless(`${value} > ${bound}`)];
			case "exclusiveMinimum":
				return [unless(`${value} <= ${bound}`)];
			case "exclusiveMaximum":
				return [unless(`${value} >= ${bound}`)];
			case "minLength":
			case "minItems":
				return [unless(`${size} < ${bound}`)];
			case "maxLength":
			case "maxItems":
				return [unless(`${size} > ${bound}`)];
			case "uniqueItems":
				return [unless(`new Set(${items ?? value}).size !== ${size}`)];
			default:
				return [];
		}
	});
}

export function unless(condition: string): Code {
	return code`if (${condition}) ${compiled.surprised}();`;
}

export function literalText(value: string | number | boolean | bigint): string {
	return typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
}
