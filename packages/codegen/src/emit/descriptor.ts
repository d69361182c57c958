/** Emits what client and server share: the methods with their codecs, and the descriptor. */
import type { Definitions, MethodModel, ServiceModel } from "../model/model.js";
import { schemaHashOf } from "../model/schema-hash.js";
import type { Plan, Planner } from "../model/wire.js";
import type { StubNames } from "./client.js";
import { type Code, code, docComment, lines, list, propertyName } from "./code.js";
import type { ConversionEmitter } from "./conversions.js";
import { runtime, z } from "./runtime.js";
import type { SchemaEmitter } from "./schemas.js";
import { argumentTuple, signatureOf } from "./signature.js";

export interface Emitters {
	readonly schemas: SchemaEmitter;
	readonly conversions: ConversionEmitter;
	readonly planner: Planner;
	readonly definitions: Definitions;
}

export function emitMethods(service: ServiceModel, names: StubNames, emitters: Emitters): Code {
	const methods = service.methods.map(
		(method) => code`${propertyName(method.name)}: ${emitMethod(service, method, emitters)}`,
	);
	return code`const ${names.methods} = ${lines("{", methods, "}")};`;
}

export function emitDescriptor(service: ServiceModel, names: StubNames, definitions: Definitions): Code {
	const properties = [
		[`name: ${JSON.stringify(service.name)}`],
		[`schemaHash: ${JSON.stringify(schemaHashOf(service, definitions))}`],
		[`methods: ${names.methods}`],
	];
	const doc = docComment([`\`${service.name}\` as client and server share it.`]);
	return code`${doc}export const ${names.descriptor} = ${lines("{", properties, "}")};`;
}

function emitMethod(service: ServiceModel, method: MethodModel, emitters: Emitters): Code {
	const signature = signatureOf(service, method, "options", []);
	const isOneWay = method.form === "one-way";
	const options: Code[] = [[`name: ${JSON.stringify(`${service.name}.${method.name}`)}`]];
	if (method.isIdempotent) options.push(["isIdempotent: true"]);
	if (method.timeoutMs !== undefined) options.push([`timeoutMs: ${method.timeoutMs}`]);
	options.push(code`arguments: ${argumentsCodec(method, emitters)}`);
	if (!isOneWay) options.push(code`result: ${resultCodec(method, emitters)}`);
	const types = isOneWay
		? argumentTuple(signature)
		: code`${argumentTuple(signature)}, ${signature.result ?? ["void"]}`;
	return code`${isOneWay ? runtime.oneWay : runtime.unary}<${types}>(${lines("{", options, "}")})`;
}

function argumentsCodec({ parameters }: MethodModel, { schemas, conversions, planner }: Emitters): Code {
	const elements = parameters.map(({ type, isOptional }) => {
		const schema = schemas.expression(type);
		return isOptional ? code`${schema}.optional()` : schema;
	});
	const options: Code[] = [];
	if (parameters.length > 0)
		options.push([`parameters: [${parameters.map(({ name }) => JSON.stringify(name)).join(", ")}]`]);
	const plan = planner.planOfTuple(parameters, undefined);
	if (plan !== undefined) options.push(code`conversion: ${conversions.expression(plan)}`);
	return codec(code`${z}.tuple(${list("[", elements, "]")})`, options);
}

function resultCodec({ result }: MethodModel, { schemas, conversions, planner }: Emitters): Code {
	if (result === undefined) return [runtime.voidCodec];
	const plan: Plan | undefined = planner.planOf(result);
	return codec(schemas.element(result), plan === undefined ? [] : [code`conversion: ${conversions.expression(plan)}`]);
}

function codec(schema: Code, options: readonly Code[]): Code {
	if (options.length === 0) return code`${runtime.messageCodec}(${schema})`;
	const both = [schema, list("{", options, "}", { isPadded: true })];
	return code`${runtime.messageCodec}${list("(", both, ")")}`;
}
