/** JSON Schema of zod's schemas, for whoever asks a server what it takes. */
import * as z from "zod";
import { type Docs, docIn, partsOf, textOf, type ValueDocs } from "./docs.js";

type Schema = Record<string, unknown>;

/** The JSON forms of what JSON Schema has no type for. What it cannot say at all is anything. */
const forms: Readonly<Record<string, Schema>> = {
	date: { type: "string", format: "date-time" },
	bigint: { type: "integer" },
	undefined: { type: "null" },
	void: { type: "null" },
	set: { type: "array" },
	map: { type: "array", items: { type: "array", minItems: 2, maxItems: 2 } },
};

/** `parameters`: titles for the elements of a list. */
export function jsonSchemaOf(
	schema: z.ZodType,
	parameters: readonly string[] | undefined,
	docs?: ValueDocs,
): Readonly<Schema> {
	const described: Docs[] = [];
	const found = z.toJSONSchema(schema, {
		io: "input",
		unrepresentable: "any",
		override: ({ zodSchema, jsonSchema }) => {
			Object.assign(jsonSchema, forms[zodSchema._zod.def.type]);
			if (docs !== undefined) markType(jsonSchema, zodSchema, docs, described);
		},
	});
	const { $schema: _, ...plain } = JSON.parse(JSON.stringify(found)) as Schema;
	if (docs !== undefined) describe(plain, parameters === undefined ? docs.of : undefined, described);
	if (parameters === undefined || !Array.isArray(plain["prefixItems"])) return plain;
	const titled = (plain["prefixItems"] as Schema[]).map((item, index) => {
		const name = parameters[index];
		if (name === undefined) return item;
		const doc = docIn(docs?.of, name);
		return { title: name, ...withText(describe(item, partsOf(doc), described), textOf(doc)) };
	});
	return { ...plain, prefixItems: titled };
}

/** Says which entry of `described` the properties below are to be looked up in; no word of JSON Schema. */
const mark = "homing:properties";

/** The schema of a type with a name stands in many places, and in each as an object of its own only once it is text. */
function markType(json: Schema, schema: z.core.$ZodType, { types }: ValueDocs, described: Docs[]): void {
	// What has been given a default is a copy.
	const doc = types.get(schema) ?? (schema._zod.parent && types.get(schema._zod.parent));
	if (doc === undefined) return;
	const text = textOf(doc);
	const parts = partsOf(doc);
	if (text !== undefined) json["description"] = text;
	if (parts !== undefined) json[mark] = described.push(parts) - 1;
}

/** Puts texts onto properties; `docs` are those of the objects that the schema consists of, at whatever depth of lists and unions. */
function describe(schema: Schema, docs: Docs | undefined, described: readonly Docs[]): Schema {
	const found = schema[mark];
	delete schema[mark];
	const own = typeof found === "number" ? described[found] : docs;
	for (const key of ["items", "additionalProperties"]) {
		if (isSchema(schema[key])) describe(schema[key], own, described);
	}
	for (const key of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
		const list = schema[key];
		if (Array.isArray(list)) for (const one of list) if (isSchema(one)) describe(one, own, described);
	}
	const { properties, $defs } = schema;
	if (isSchema(properties)) {
		for (const [name, property] of Object.entries(properties)) {
			if (!isSchema(property)) continue;
			const doc = docIn(own, name);
			properties[name] = withText(describe(property, partsOf(doc), described), textOf(doc));
		}
	}
	if (isSchema($defs)) for (const one of Object.values($defs)) if (isSchema(one)) describe(one, undefined, described);
	return schema;
}

/** What is said of a place goes before what is said of its type. */
function withText(schema: Schema, text: string | undefined): Schema {
	return text === undefined ? schema : { ...schema, description: text };
}

function isSchema(value: unknown): value is Schema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
