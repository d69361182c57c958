/** Codecs alone, as `codec` compares them; Homing's own stands with the others of Homing. */
import { peerProgram, program } from "../children/paths.js";
import { ownShapeNames, type ShapeName, shapeNames } from "../shapes.js";
import type { Checks, Contestant } from "./contestant.js";
import { preparePeer } from "./peers.js";

export const generalCodec = "msgpackr+zod";

export const codecContestants: readonly Contestant[] = [
	{
		...contestant("codec-general", "all"),
		name: generalCodec,
		summary: "Homing's general codec: msgpackr under its profile, checked by compiled zod schemas on both sides",
		prepare: async () => "this tree",
	},
	{
		...contestant("codec-json-zod", "all"),
		name: "json+zod",
		summary: "JSON, checked by compiled zod schemas on both sides",
	},
	{ ...contestant("codec-json", "none"), name: "json", summary: "JSON.stringify into a buffer, JSON.parse" },
	{
		...peer("codec-msgpackr", "none", "msgpackr"),
		name: "msgpackr",
		summary: "msgpackr with its native part, objects as maps",
	},
	{
		...peer("codec-msgpackr-records", "none", "msgpackr"),
		name: "msgpackr-records",
		summary: "the same, objects as records: names of properties do not travel",
	},
	{
		...peer("codec-msgpack", "none", "@msgpack/msgpack"),
		name: "@msgpack/msgpack",
		summary: "one Encoder, one Decoder",
	},
	{
		...peer("codec-cbor-x", "none", "cbor-x"),
		name: "cbor-x",
		summary: "cbor-x with its native part, objects as records",
	},
	{
		...peer("codec-protobufjs", "types", "protobufjs", ownShapeNames),
		name: "protobufjs",
		summary: "types of its own; verified before they are written",
	},
	{
		...peer("codec-avsc", "types", "avsc", ownShapeNames),
		name: "avsc",
		summary: "Avro by avsc; types of its own, checked when they are written",
	},
];

function contestant(name: string, checks: Checks) {
	return {
		isBare: false,
		prepare: async () => process.version.slice(1),
		programs: { codec: { command: program(name), checks } },
	};
}

function peer(name: string, checks: Checks, packageName: string, shapes: readonly ShapeName[] = shapeNames) {
	return {
		isBare: false,
		prepare: () => preparePeer(packageName),
		programs: { codec: { command: peerProgram(name), checks, shapes } },
	};
}
