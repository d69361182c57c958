import * as z from "zod";
import { runCodec } from "../load/codec.js";
import { schemas } from "../load/schemas.js";
import { asJson, forEachShape } from "../load/shape-codecs.js";

await runCodec(
	forEachShape((shape) => {
		const schema = z.compile(schemas[shape] as z.ZodType);
		return asJson((value) => schema.parse(value));
	}),
);
