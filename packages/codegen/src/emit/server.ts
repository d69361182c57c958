/** Emits what serves a service: the type of its handlers, and the function that binds them. */
import type { ServiceModel } from "../model/model.js";
import type { StubNames } from "./client.js";
import { access, type Code, code, docComment, indent, join, lines, propertyName } from "./code.js";
import { runtime } from "./runtime.js";
import { orUndefined, type Signature, signatureOf } from "./signature.js";

export function emitServer(service: ServiceModel, names: StubNames): Code[] {
	const signatures = service.methods.map((method) => signatureOf(service, method, "context", ["handlers"]));
	return [emitHandlers(service, signatures, names), emitService(service, signatures, names)];
}

function emitHandlers(service: ServiceModel, signatures: readonly Signature[], names: StubNames): Code {
	const members = signatures.map(({ method, parameters, result, last }) => {
		const own = parameters.map(({ name, isOptional, type }) => code`${name}: ${isOptional ? orUndefined(type) : type}`);
		const list = join([...own, code`${last}: ${runtime.CallContext}`], ", ");
		const returned = result ?? ["void"];
		return code`\t${indent([docComment(method.doc)])}${propertyName(method.name)}(${list}): ${returned} | Promise<${returned}>;`;
	});
	const doc = docComment([`What serves \`${service.name}\`. A class that implements \`${service.type.local}\` fits.`]);
	return code`${doc}export interface ${names.handlers} {\n${join(members, "\n")}\n}`;
}

function emitService(service: ServiceModel, signatures: readonly Signature[], names: StubNames): Code {
	const handlers = signatures.map(({ method, parameters, last }) => {
		const args = parameters.map(({ name }) => name);
		const key = propertyName(method.name);
		return code`${key}: ([${args.join(", ")}], ${last}) => handlers${access(method.name)}(${[...args, last].join(", ")})`;
	});
	const doc = docComment([`Binds handlers to \`${service.name}\`, for \`server.add()\`.`]);
	const call = code`${runtime.defineService}(${names.descriptor}, ${lines("{", handlers, "}")})`;
	return code`${doc}export function ${names.service}(handlers: ${names.handlers}): ${runtime.Service} {\n\treturn ${indent(call)};\n}`;
}
