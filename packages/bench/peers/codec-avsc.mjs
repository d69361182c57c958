// Types from schemas, for which avsc compiles functions. Writing checks types by itself; what reading gives has the types of the
// schema, whatever the octets were.
import avro from "avsc";
import { runCodec } from "../dist/load/codec.js";

const record = (name, fields) => ({
	type: "record",
	name,
	fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});
const listOf = (items) => ({ type: "array", items });

const small = record("Small", { name: "string", id: "int", v: "double" });
const order = record("Order", {
	id: "int",
	customer: record("Customer", { name: "string" }),
	lines: listOf(record("Line", { sku: "string", count: "int", cents: "int" })),
	paid: "boolean",
});
const tree = record("Tree", { name: "string", weight: "int", children: listOf("Tree") });
const article = record("Article", {
	title: "string",
	author: record("Author", { name: "string", city: "string" }),
	language: { type: "enum", name: "Language", symbols: ["de", "en", "fr"] },
	tags: listOf("string"),
	paragraphs: listOf("string"),
	comments: listOf(record("Comment", { by: "string", text: "string" })),
});
const series = record("Series", {
	sensor: "string",
	unit: "string",
	times: listOf("int"),
	values: listOf("double"),
});

const buffer = Buffer.allocUnsafeSlow(1 << 20);

function codecOf(schema) {
	const type = avro.Type.forSchema(schema);
	return {
		// Into memory that is there: what its guide calls the fastest.
		encode: (value) => type.encode(value, buffer, 0),
		decode: (octets) => type.fromBuffer(octets),
		octets: (value) => type.toBuffer(value),
		plain,
	};
}

/** Its records have a class for each schema. */
function plain(value) {
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

await runCodec({
	small: codecOf(small),
	medium: codecOf(order),
	order: codecOf(order),
	array: codecOf(listOf(small)),
	tree: codecOf(tree),
	article: codecOf(article),
	series: codecOf(series),
});
