import type { Codec } from "@homing/runtime";
import { type ShapeName, shapeNames } from "../shapes.js";
import type { ShapeCodec } from "./codec.js";

/** The same for every shape. */
export function forEachShape(codecOf: (shape: ShapeName) => ShapeCodec): Record<ShapeName, ShapeCodec> {
	return Object.fromEntries(shapeNames.map((name) => [name, codecOf(name)])) as Record<ShapeName, ShapeCodec>;
}

const bufferBytes = 1 << 20;
/** As a connection does: into memory that is there. */
const buffer = Buffer.allocUnsafeSlow(bufferBytes);

export function throughRuntime(codec: Codec<unknown>): ShapeCodec {
	return {
		encode: (value) => codec.encode(buffer, 0, value),
		decode: (octets) => codec.decode(octets, 0, octets.length),
		octets: (value) => Buffer.from(buffer.subarray(0, codec.encode(buffer, 0, value))),
	};
}

/** `check` throws, or answers what it was given. */
export function asJson(check: (value: unknown) => unknown): ShapeCodec {
	return {
		encode: (value) => buffer.write(JSON.stringify(check(value))),
		decode: (octets) => check(JSON.parse(octets.toString())),
		octets: (value) => Buffer.from(JSON.stringify(value)),
	};
}
