// Types from shapes.proto, for which protobufjs compiles functions. `verify` looks at the types of plain objects' properties;
// what decoding gives has the types of the schema, whatever the octets were.
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { runCodec } from "../dist/load/codec.js";

const root = protobuf.loadSync(fileURLToPath(new URL("shapes.proto", import.meta.url)));

function codecOf(name, toMessage = (value) => value, fromMessage = (message) => message) {
	const type = root.lookupType(`bench.${name}`);
	const write = (value) => {
		const message = toMessage(value);
		const mistake = type.verify(message);
		if (mistake !== null) throw new Error(mistake);
		return type.encode(message).finish();
	};
	return {
		encode: write,
		decode: (octets) => fromMessage(type.decode(octets)),
		octets: (value) => Buffer.from(write(value)),
		plain: (read) => (Array.isArray(read) ? read.map(plain) : plain(read)),
	};
}

/** Defaults do not travel. */
function plain(message) {
	return message.$type.toObject(message, { defaults: true, arrays: true });
}

await runCodec({
	small: codecOf("Small"),
	medium: codecOf("Order"),
	order: codecOf("Order"),
	// There is no message that is a list.
	array: codecOf(
		"SmallList",
		(items) => ({ items }),
		({ items }) => items,
	),
	tree: codecOf("Tree"),
	article: codecOf("Article"),
	series: codecOf("Series"),
});
