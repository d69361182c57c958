import { decodeProperties, encodeProperties } from "../../../packages/zmtp/src/wire/properties.js";
import { mutateOctets, mutateParts } from "../mutate.js";
import { must, resultOrFault, type Target } from "../target.js";
import { makeProperties } from "./stream.js";

/** READY's key-value list. */
export const properties: Target = {
	name: "properties",
	isStream: false,
	generate: makeProperties,
	mutate: (input, other, dice) =>
		dice.chance(0.5)
			? mutateOctets(input, other, dice)
			: mutateParts(takeApart(Buffer.from(input)), takeApart(Buffer.from(other)), dice),
	run(input) {
		const octets = Buffer.from(input);
		const decoded = resultOrFault(() => decodeProperties(octets, 0, octets.length));
		if (typeof decoded === "string") return decoded;
		const again = encodeProperties(decoded);
		must(again.length <= octets.length, "more came out than went in");
		const twice = encodeProperties(decodeProperties(again, 0, again.length));
		must(Buffer.compare(twice, again) === 0, "written and read again it is another list");
		for (const name of decoded.keys()) must(/^[a-z0-9\-_.+]{1,255}$/.test(name), `a property is named ${name}`);
		return [...decoded].map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`).join("\n");
	},
};

function takeApart(octets: Buffer): Buffer[] {
	const parts: Buffer[] = [];
	for (let at = 0; at < octets.length; ) {
		const valueStart = at + 1 + octets[at]! + 4;
		const end = valueStart > octets.length ? octets.length : valueStart + octets.readUInt32BE(valueStart - 4);
		parts.push(octets.subarray(at, end));
		at = Math.min(octets.length, end);
	}
	return parts;
}
