/** What a JSON document may look like: checked by `mistakesIn`, and told to editors by `schemaOf`. */
import { nearest } from "../nearest.js";

export type Form = { readonly doc?: string } & (
	| { readonly kind: "text" }
	| { readonly kind: "flag" }
	| { readonly kind: "choice"; readonly of: readonly string[] }
	| { readonly kind: "list"; readonly of: Form }
	/** The first whose JavaScript type fits is the one meant. */
	| { readonly kind: "either"; readonly of: readonly Form[] }
	| { readonly kind: "object"; readonly keys: Readonly<Record<string, Form>>; readonly required: readonly string[] }
);

/** Everything that is wrong with a value, each with the way to it: `inputs[1].out: expected text`. */
export function mistakesIn(value: unknown, form: Form, way = ""): string[] {
	const told = (message: string) => [way === "" ? message : `${way}: ${message}`];
	if (!isOf(value, form)) return told(`expected ${named(form)}`);
	switch (form.kind) {
		case "text":
			return value === "" ? told("expected text that is not empty") : [];
		case "flag":
			return [];
		case "choice":
			return form.of.includes(value as string) ? [] : told(`expected ${named(form)}${meant(String(value), form.of)}`);
		case "list":
			return (value as unknown[]).length === 0
				? told("expected one at least")
				: (value as unknown[]).flatMap((item, index) => mistakesIn(item, form.of, `${way}[${index}]`));
		case "either":
			return mistakesIn(value, form.of.find((one) => isOf(value, one))!, way);
		case "object": {
			const keys = Object.keys(form.keys);
			const own = Object.entries(value as object);
			const below = (key: string) => (way === "" ? key : `${way}.${key}`);
			return [
				...own.flatMap(([key, item]) => {
					const known = Object.hasOwn(form.keys, key) ? form.keys[key] : undefined;
					if (known === undefined) return [`${below(key)}: there is no such key${meant(key, keys)}`];
					return mistakesIn(item, known, below(key));
				}),
				...form.required
					.filter((key) => !Object.hasOwn(value as object, key))
					.map((key) => `${below(key)}: is missing`),
			];
		}
	}
}

/** JSON Schema, draft-07: what editors know best. */
export function schemaOf(form: Form): Readonly<Record<string, unknown>> {
	const doc = form.doc === undefined ? {} : { description: form.doc };
	switch (form.kind) {
		case "text":
			return { ...doc, type: "string", minLength: 1 };
		case "flag":
			return { ...doc, type: "boolean" };
		case "choice":
			return { ...doc, enum: form.of };
		case "list":
			return { ...doc, type: "array", minItems: 1, items: schemaOf(form.of) };
		case "either":
			return { ...doc, anyOf: form.of.map(schemaOf) };
		case "object": {
			const properties = Object.fromEntries(Object.entries(form.keys).map(([key, one]) => [key, schemaOf(one)]));
			const required = form.required.length === 0 ? {} : { required: form.required };
			return { ...doc, type: "object", properties, ...required, additionalProperties: false };
		}
	}
}

function isOf(value: unknown, form: Form): boolean {
	switch (form.kind) {
		case "text":
		case "choice":
			return typeof value === "string";
		case "flag":
			return typeof value === "boolean";
		case "list":
			return Array.isArray(value);
		case "either":
			return form.of.some((one) => isOf(value, one));
		case "object":
			return typeof value === "object" && value !== null && !Array.isArray(value);
	}
}

function named(form: Form): string {
	switch (form.kind) {
		case "text":
			return "text";
		case "flag":
			return "true or false";
		case "choice":
			return form.of.map((one) => JSON.stringify(one)).join(" or ");
		case "list":
			return "a list";
		case "either":
			return form.of.map(named).join(" or ");
		case "object":
			return "an object";
	}
}

function meant(word: string, candidates: readonly string[]): string {
	const likely = nearest(word, candidates);
	return likely === undefined ? `; there are ${candidates.join(", ")}` : `; did you mean \`${likely}\`?`;
}
