// One Encoder and one Decoder for all, and no copy of what was written, as its guide advises.
import { Decoder, Encoder } from "@msgpack/msgpack";
import { runCodec } from "../dist/load/codec.js";
import { forEachShape } from "../dist/load/shape-codecs.js";

const encoder = new Encoder();
const decoder = new Decoder();

await runCodec(
	forEachShape(() => ({
		encode: (value) => encoder.encodeSharedRef(value),
		decode: (octets) => decoder.decode(octets),
		octets: (value) => Buffer.from(encoder.encode(value)),
	})),
);
