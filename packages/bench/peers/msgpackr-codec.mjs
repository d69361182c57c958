// What both contestants of msgpackr's share. One Packr for all, which reuses its buffer.
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from "msgpackr";
import { runCodec } from "../dist/load/codec.js";
import { forEachShape } from "../dist/load/shape-codecs.js";

export function runMsgpackr(options) {
	const packr = new Packr(options);
	return runCodec(
		forEachShape(() => ({
			encode: (value) => packr.pack(value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE),
			decode: (octets) => packr.unpack(octets),
			octets: (value) => Buffer.from(packr.pack(value)),
		})),
	);
}
