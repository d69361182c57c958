// One Encoder for all, which reuses its buffer; records, as codec-msgpackr-records.mjs has them, are its best.
import { Encoder, REUSE_BUFFER_MODE } from "cbor-x";
import { runCodec } from "../dist/load/codec.js";
import { forEachShape } from "../dist/load/shape-codecs.js";

const encoder = new Encoder({ structures: [] });

await runCodec(
	forEachShape(() => ({
		encode: (value) => encoder.encode(value, REUSE_BUFFER_MODE),
		decode: (octets) => encoder.decode(octets),
		octets: (value) => Buffer.from(encoder.encode(value)),
	})),
);
