/** Emits the class that calls a service. */
import type { ServiceModel } from "../model/model.js";
import { type Code, code, docComment, indent, join, propertyName, typeSymbol } from "./code.js";
import { runtime } from "./runtime.js";
import { methodAccess, type Signature, signatureOf } from "./signature.js";

export interface StubNames {
	readonly methods: string;
	readonly descriptor: string;
	readonly client: string;
	readonly handlers: string;
	readonly service: string;
	readonly schemas: string;
}

export function emitClient(service: ServiceModel, names: StubNames): Code {
	const methods = service.methods.map((method) =>
		emitMethod(signatureOf(service, method, "options", [names.methods]), names),
	);
	const parts = [
		code`readonly #connection: ${runtime.Connection};`,
		code`constructor(connection: ${runtime.Connection}) {\n\tthis.#connection = connection;\n}`,
		...methods,
	];
	const body = parts.map((part) => ["\t", ...indent(part)]);
	return code`${docComment(service.doc)}export class ${names.client} implements ${typeSymbol(service.type)} {\n${join(body, "\n\n")}\n}`;
}

function emitMethod(signature: Signature, names: StubNames): Code {
	const { method, parameters, last } = signature;
	const own = parameters.map(({ name, isOptional, type }) => code`${name}${isOptional ? "?" : ""}: ${type}`);
	const list = join([...own, code`${last}?: ${runtime.CallOptions}`], ", ");
	const isOneWay = method.form === "one-way";
	const result = isOneWay ? ["void"] : code`Promise<${signature.result ?? ["void"]}>`;
	const args = parameters.map(({ name }) => name).join(", ");
	const call = `this.#connection.${isOneWay ? "notify" : "call"}(${methodAccess(names.methods, signature)}, [${args}], ${last});`;
	const head = code`${docComment(method.doc)}${propertyName(method.name)}(${list}): ${result}`;
	return code`${head} {\n\t${isOneWay ? "" : "return "}${call}\n}`;
}
