/** What compiled codecs use of the runtime. */

import type { ImportSymbol } from "../code.js";
import { runtimePackage } from "../runtime.js";

function symbol(name: string, isType = false): ImportSymbol {
	const from = { kind: "package", specifier: `${runtimePackage}/compiled` } as const;
	return { kind: "import", name, local: name, from, isType };
}

export const compiled = {
	BodyReader: symbol("BodyReader", true),
	bigintOf: symbol("bigintOf"),
	booleanOf: symbol("booleanOf"),
	bytesOf: symbol("bytesOf"),
	checkOf: symbol("checkOf"),
	dateOf: symbol("dateOf"),
	fieldsOf: symbol("fieldsOf"),
	integerOf: symbol("integerOf"),
	itemsOf: symbol("itemsOf"),
	keyOf: symbol("keyOf"),
	mapOf: symbol("mapOf"),
	numberOf: symbol("numberOf"),
	otherNames: symbol("otherNames"),
	setOf: symbol("setOf"),
	startOf: symbol("startOf"),
	surprised: symbol("surprised"),
	textOf: symbol("textOf"),
	writeAny: symbol("writeAny"),
	writeArrayHead: symbol("writeArrayHead"),
	writeBigint: symbol("writeBigint"),
	writeBoolean: symbol("writeBoolean"),
	writeBytes: symbol("writeBytes"),
	writeDate: symbol("writeDate"),
	writeMapHead: symbol("writeMapHead"),
	writeOptionalHead: symbol("writeOptionalHead"),
	writeNil: symbol("writeNil"),
	writeNumber: symbol("writeNumber"),
	writeNumbers: symbol("writeNumbers"),
	writeString: symbol("writeString"),
	writeWith: symbol("writeWith"),
} as const;

/** Names that are taken inside of a compiled function. */
export const innerNames: ReadonlySet<string> = new Set([
	...Object.keys(compiled),
	..."at from given i item items left length list name others pair size to value Array Number Set Map Record".split(
		" ",
	),
]);
