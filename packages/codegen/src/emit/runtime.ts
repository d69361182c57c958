/** The names that generated code uses of the packages it imports; it imports no others. */
import type { ImportSymbol } from "./code.js";

export const runtimePackage = "@homing/runtime";

function symbol(name: string, isType: boolean, specifier = runtimePackage): ImportSymbol {
	return { kind: "import", name, local: name, from: { kind: "package", specifier }, isType };
}

export const runtime = {
	CallContext: symbol("CallContext", true),
	CallOptions: symbol("CallOptions", true),
	Connection: symbol("Connection", true),
	Conversion: symbol("Conversion", true),
	SchemaOf: symbol("SchemaOf", true),
	ServiceDocs: symbol("ServiceDocs", true),
	Service: symbol("Service", true),
	SurveyAnswer: symbol("SurveyAnswer", true),
	SurveyOptions: symbol("SurveyOptions", true),
	callback: symbol("callback", false),
	connectionOf: symbol("connectionOf", false),
	convert: symbol("convert", false),
	defineService: symbol("defineService", false),
	input: symbol("input", false),
	messageCodec: symbol("messageCodec", false),
	oneWay: symbol("oneWay", false),
	serving: symbol("serving", false),
	servingItems: symbol("servingItems", false),
	stream: symbol("stream", false),
	unary: symbol("unary", false),
	voidCodec: symbol("voidCodec", false),
} as const;

/** For the files that only tests use. */
export const testing = {
	Fake: symbol("Fake", true, `${runtimePackage}/testing`),
	createFake: symbol("createFake", false, `${runtimePackage}/testing`),
} as const;

/** `z`, as zod's users know it, with what of it the runtime exports. */
export const z: ImportSymbol = {
	kind: "import",
	name: "*",
	local: "z",
	from: { kind: "package", specifier: `${runtimePackage}/zod` },
	isType: false,
};
