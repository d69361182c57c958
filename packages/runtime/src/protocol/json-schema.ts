/** JSON Schema of zod's schemas, for whoever asks a server what it takes. */
import * as z from "zod";

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
export function jsonSchemaOf(schema: z.ZodType, parameters: readonly string[] | undefined): Readonly<Schema> {
	const found = z.toJSONSchema(schema, {
		io: "input",
		unrepresentable: "any",
		override: ({ zodSchema, jsonSchema }) => {
			Object.assign(jsonSchema, forms[zodSchema._zod.def.type]);
		},
	});
	const { $schema: _, ...plain } = JSON.parse(JSON.stringify(found)) as Schema;
	if (parameters === undefined || !Array.isArray(plain["prefixItems"])) return plain;
	const titled = (plain["prefixItems"] as Schema[]).map((item, index) =>
		parameters[index] === undefined ? item : { title: parameters[index], ...item },
	);
	return { ...plain, prefixItems: titled };
}
