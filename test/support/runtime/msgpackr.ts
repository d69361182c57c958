import { createRequire } from "node:module";

interface Msgpackr {
	readonly Packr: new (
		options: Readonly<Record<string, unknown>>,
	) => { pack(value: unknown): Buffer; unpack(octets: Uint8Array): unknown };
	readonly unpack: (octets: Uint8Array) => unknown;
}

/** The package that the runtime's msgpackr is made of, as it is without the profile and the scan in front of it. */
export const msgpackr = createRequire(new URL("../../../packages/runtime/package.json", import.meta.url))(
	"msgpackr",
) as Msgpackr;
