/** Turns constraints into calls of zod's methods. */
import type { Format } from "../model/formats.js";
import type { BigintType, Constraint, NumberType, StringType } from "../model/model.js";

const formatSchemas: Readonly<Record<Format, string>> = {
	base64: "base64()",
	base64url: "base64url()",
	date: "iso.date()",
	"date-time": "iso.datetime({ offset: true })",
	duration: "iso.duration()",
	email: "email()",
	hostname: "hostname()",
	ipv4: "ipv4()",
	ipv6: "ipv6()",
	time: "iso.time()",
	uri: "url()",
	uuid: "uuid()",
};

const methods: Readonly<Partial<Record<Constraint["keyword"], string>>> = {
	minimum: "gte",
	maximum: "lte",
	exclusiveMinimum: "gt",
	exclusiveMaximum: "lt",
	multipleOf: "multipleOf",
	minLength: "min",
	maxLength: "max",
	minItems: "min",
	maxItems: "max",
};

/** What follows `z`. */
export function stringSchema({ constraints }: StringType): string {
	const [first, ...others] = constraints.filter(({ keyword }) => keyword === "format");
	const base = first === undefined ? "string()" : formatSchemas[first.value as Format];
	const rest = constraints.filter(({ keyword }) => keyword !== "format").map(stringCall);
	const checks = others.map(({ value }) => `.check(z.${formatSchemas[value as Format]})`);
	return `.${base}${rest.join("")}${checks.join("")}`;
}

function stringCall(constraint: Constraint): string {
	if (constraint.keyword !== "pattern") return call(constraint);
	// The source of a RegExp has its slashes escaped, the tag's text has not.
	return `.regex(/${new RegExp(String(constraint.value), "u").source}/u)`;
}

export function numberSchema({ constraints }: NumberType): string {
	const isInteger = constraints.some(({ keyword }) => keyword === "int");
	return `.${isInteger ? "int()" : "number()"}${constraints
		.filter(({ keyword }) => keyword !== "int")
		.map((constraint) => call(constraint))
		.join("")}`;
}

export function bigintSchema({ constraints }: BigintType): string {
	return `.bigint()${constraints.map((constraint) => call(constraint, "n")).join("")}`;
}

/** Of arrays, sets and maps. */
export function sizeCalls(constraints: readonly Constraint[]): string {
	const unique = '.refine((items) => new Set(items).size === items.length, "Invalid input: expected no element twice")';
	return constraints.map((constraint) => (constraint.keyword === "uniqueItems" ? unique : call(constraint))).join("");
}

function call({ keyword, value }: Constraint, suffix = ""): string {
	return `.${methods[keyword] ?? keyword}(${value}${suffix})`;
}
