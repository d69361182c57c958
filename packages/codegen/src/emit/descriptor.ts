/** Emits what client and server share: the methods with their codecs, and the descriptor. */
import { argumentsOf, channelsOf } from "../model/arguments.js";
import type { Default, Definitions, MethodModel, ServiceModel, Type } from "../model/model.js";
import { schemaHashOf } from "../model/schema-hash.js";
import type { Planner } from "../model/wire.js";
import { type Code, code, docComment, join, lines, list, propertyName, valueSymbol } from "./code.js";
import type { CodecEmitter } from "./codecs/codecs.js";
import type { ConversionEmitter } from "./conversions.js";
import { runtime, z } from "./runtime.js";
import { type SchemaEmitter, withDefault } from "./schemas.js";
import { argumentTuple, channelTuple, signatureOf } from "./signature.js";
import type { StubNames } from "./stub-names.js";

export interface Emitters {
	readonly schemas: SchemaEmitter;
	readonly conversions: ConversionEmitter;
	readonly codecs: CodecEmitter;
	readonly planner: Planner;
	readonly definitions: Definitions;
}

export function emitSchemaHash(service: ServiceModel, names: StubNames, definitions: Definitions): Code {
	return [`const ${names.schemaHash} = ${JSON.stringify(schemaHashOf(service, definitions))};`];
}

export function emitMethods(service: ServiceModel, names: StubNames, emitters: Emitters): Code {
	const methods = service.methods.map(
		(method) => code`${propertyName(method.name)}: ${emitMethod(service, names, method, emitters)}`,
	);
	return code`const ${names.methods} = ${lines("{", methods, "}")};`;
}

export function emitDescriptor(service: ServiceModel, names: StubNames, docs: Code | undefined): Code {
	const properties: Code[] = [
		[`name: ${JSON.stringify(service.name)}`],
		[`schemaHash: ${names.schemaHash}`],
		[`methods: ${names.methods}`],
	];
	// What nobody asks for is not even compiled.
	if (docs !== undefined) properties.push(code`docs: (): ${runtime.ServiceDocs} => (${docs})`);
	const doc = docComment([`\`${service.name}\` as client and server share it.`]);
	return code`${doc}export const ${names.descriptor} = ${lines("{", properties, "}")};`;
}

const makers = { unary: runtime.unary, "one-way": runtime.oneWay, stream: runtime.stream } as const;

function emitMethod(service: ServiceModel, names: StubNames, method: MethodModel, emitters: Emitters): Code {
	const signature = signatureOf(service, method, "options", []);
	const isOneWay = method.form === "one-way";
	const channels = channelTuple(signature);
	const options: Code[] = [
		[`name: ${JSON.stringify(`${service.name}.${method.name}`)}`],
		[`schemaHash: ${names.schemaHash}`],
	];
	if (method.isIdempotent) options.push(["isIdempotent: true"]);
	if (method.timeoutMs !== undefined) options.push([`timeoutMs: ${method.timeoutMs}`]);
	const part = `${service.name}.${method.name}`;
	const args = argumentsOf(method);
	const affinity = args.findIndex(({ parameter }) => parameter.kind === "data" && parameter.name === method.affinity);
	if (affinity !== -1) options.push([`affinity: ${affinity}`]);
	if (method.priority !== undefined) options.push([`priority: ${method.priority}`]);
	options.push(code`arguments: ${listCodec(args, `${part}Arguments`, emitters)}`);
	if (!isOneWay) options.push(code`result: ${valueCodec(method.result, `${part}Result`, emitters)}`);
	if (channels !== undefined) options.push(code`channels: ${channelList(method, part, emitters)}`);
	if (method.errors.length > 0) options.push(code`errors: ${errorTable(method, part, emitters)}`);
	const types = [argumentTuple(signature)];
	if (!isOneWay) types.push(signature.result ?? ["void"]);
	if (channels !== undefined) types.push(channels);
	return code`${makers[method.form]}<${join(types, ", ")}>(${lines("{", options, "}")})`;
}

function channelList(method: MethodModel, part: string, emitters: Emitters): Code {
	const channels = channelsOf(method).map((channel) => {
		const own = `${part}.${channel.name}`;
		if (channel.kind === "input") return code`${runtime.input}(${valueCodec(channel.item, `${own}Item`, emitters)})`;
		const codecs = [listCodec(channel.arguments, `${own}Arguments`, emitters)];
		if (channel.isAwaited) codecs.push(valueCodec(channel.result, `${own}Result`, emitters));
		return code`${runtime.callback}${list("(", codecs, ")")}`;
	});
	return list("[", channels, "]");
}

function errorTable({ errors }: MethodModel, part: string, emitters: Emitters): Code {
	const entries = errors.map(({ name, type, data }) => {
		const properties = [
			code`type: ${valueSymbol(type)}`,
			code`data: ${valueCodec(data, `${part}.${name}Data`, emitters)}`,
		];
		return code`${propertyName(name)}: ${list("{", properties, "}", { isPadded: true })}`;
	});
	return list("{", entries, "}", { isPadded: true });
}

interface Element {
	readonly name: string;
	readonly type: Type;
	readonly isOptional: boolean;
	readonly default: Default | undefined;
}

/** Of an argument list: a method's, or a callback's. */
function listCodec(
	elements: readonly Element[],
	part: string,
	{ schemas, conversions, codecs, planner }: Emitters,
): Code {
	const items = elements.map(({ type, isOptional, default: value }) => {
		const schema = withDefault(schemas.expression(type), value);
		return isOptional ? code`${schema}.optional()` : schema;
	});
	const options: Code[] = [];
	if (elements.length > 0)
		options.push([`parameters: [${elements.map(({ name }) => JSON.stringify(name)).join(", ")}]`]);
	const plan = planner.planOfTuple(elements, undefined);
	if (plan !== undefined) options.push(code`conversion: ${conversions.expression(plan)}`);
	const compiled = codecs.optionOf(
		argumentList(elements),
		part,
		elements.map(({ name }) => name),
	);
	if (compiled !== undefined) options.push(compiled);
	return codec(code`${z}.tuple(${list("[", items, "]")})`, options);
}

/** As a type of its own: what is optional may also be `undefined`. */
function argumentList(elements: readonly Element[]): Type {
	const typed = elements.map((element) => ({
		type: element.type,
		isOptional: element.isOptional,
		isUndefinedAllowed: element.isOptional,
		default: element.default,
	}));
	return { kind: "tuple", elements: typed, rest: undefined };
}

function valueCodec(type: Type | undefined, part: string, { schemas, conversions, codecs, planner }: Emitters): Code {
	if (type === undefined) return [runtime.voidCodec];
	const options: Code[] = [];
	const plan = planner.planOf(type);
	if (plan !== undefined) options.push(code`conversion: ${conversions.expression(plan)}`);
	const compiled = codecs.optionOf(type, part);
	if (compiled !== undefined) options.push(compiled);
	return codec(schemas.element(type), options);
}

function codec(schema: Code, options: readonly Code[]): Code {
	if (options.length === 0) return code`${runtime.messageCodec}(${schema})`;
	const both = [schema, list("{", options, "}", { isPadded: true })];
	return code`${runtime.messageCodec}${list("(", both, ")")}`;
}
