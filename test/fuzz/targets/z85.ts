import { decodeZ85, encodeZ85 } from "../../../packages/zmtp/src/wire/z85.js";
import { mutateOctets } from "../mutate.js";
import { must, type Target } from "../target.js";

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Text as Z85, the octets themselves being text of one octet a character; and octets as Z85 and back. */
export const z85: Target = {
	name: "z85",
	isStream: false,
	generate: (dice) => Buffer.from(Array.from({ length: dice.length(1200) }, () => dice.pick([...digits])).join("")),
	mutate: mutateOctets,
	run(input) {
		const octets = Buffer.from(input);
		const whole = octets.subarray(0, octets.length - (octets.length % 4));
		const text = encodeZ85(whole);
		must(text.length === (whole.length / 4) * 5, "the text's length is wrong");
		must(Buffer.compare(decodeZ85(text)!, whole) === 0, "octets are others when they come back");
		const decoded = decodeZ85(octets.toString("latin1"));
		if (decoded === undefined) return "refused";
		must(encodeZ85(decoded) === octets.toString("latin1"), "two texts stand for the same octets");
		return Buffer.from(decoded).toString("hex");
	},
};
