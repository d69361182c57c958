/** Emits what serves a service: the type of its handlers, and the function that binds them. */
import { restOf } from "../model/arguments.js";
import type { MethodModel, Parameter, ServiceModel } from "../model/model.js";
import { access, type Code, code, docComment, indent, join, lines, propertyName } from "./code.js";
import { runtime } from "./runtime.js";
import { orUndefined, type Signature, signatureOf } from "./signature.js";
import type { StubNames } from "./stub-names.js";

export function emitServer(service: ServiceModel, names: StubNames): Code[] {
	const signatures = service.methods.map((method) => signatureOf(service, method, "context", ["handlers"]));
	return [emitHandlers(service, signatures, names), emitService(service, signatures, names)];
}

function emitHandlers(service: ServiceModel, signatures: readonly Signature[], names: StubNames): Code {
	const members = signatures.map(({ method, parameters, result, last }) => {
		const own = parameters.map(({ name, isOptional, isRest, type, parameter }) => {
			if (isRest) return code`...${name}: ${type}`;
			return code`${name}: ${isOptional && !hasDefault(parameter) ? orUndefined(type) : type}`;
		});
		const trailing = restOf(method) === undefined ? [code`${last}: ${runtime.CallContext}`] : [];
		const list = join([...own, ...trailing], ", ");
		return code`\t${indent([docComment(method.doc)])}${propertyName(method.name)}(${list}): ${answerType(method, result ?? ["void"])};`;
	});
	const doc = docComment([`What serves \`${service.name}\`. A class that implements \`${service.type.local}\` fits.`]);
	return code`${doc}export interface ${names.handlers} {\n${join(members, "\n")}\n}`;
}

/** A handler finds it whether it was given or not. */
function hasDefault(parameter: Parameter): boolean {
	return parameter.kind === "data" && parameter.default !== undefined;
}

function answerType({ form }: MethodModel, value: Code): Code {
	return form === "stream"
		? code`AsyncIterable<${value}> | Iterable<${value}> | Promise<AsyncIterable<${value}>>`
		: code`${value} | Promise<${value}>`;
}

function emitService(service: ServiceModel, signatures: readonly Signature[], names: StubNames): Code {
	const handlers = signatures.map((signature): Code => {
		const { method, last } = signature;
		const call = `handlers${access(method.name)}(${passedOn(signature)})`;
		const start = `${propertyName(method.name)}: ${received(signature)} => `;
		if (restOf(method) === undefined) return [`${start}${call}`];
		return code`${start}${method.form === "stream" ? runtime.servingItems : runtime.serving}(${last}, () => ${call})`;
	});
	const doc = docComment([`Binds handlers to \`${service.name}\`, for \`server.add()\`.`]);
	const call = code`${runtime.defineService}(${names.descriptor}, ${lines("{", handlers, "}")}, handlers)`;
	return code`${doc}export function ${names.service}(handlers: ${names.handlers}): ${runtime.Service} {\n\treturn ${indent(call)};\n}`;
}

/** As the runtime gives them: the argument list, the context, the channels. */
function received({ parameters, last }: Signature): string {
	const args = parameters.flatMap(({ name, parameter, presence }) =>
		parameter.kind === "data" ? [name] : (presence ?? []),
	);
	const channels = parameters.filter(({ parameter }) => parameter.kind !== "data").map(({ name }) => name);
	return `(${[`[${args.join(", ")}]`, last, ...channels].join(", ")})`;
}

/** As the handlers take them: in the order of the interface. Behind any number of values no context could be told from them. */
function passedOn({ method, parameters, last }: Signature): string {
	const args = parameters.map(({ name, isRest, presence, parameter }) => {
		if (isRest) return `...${name}!`;
		if (presence !== undefined) return `${presence} ? ${name} : undefined`;
		return hasDefault(parameter) ? `${name}!` : name;
	});
	return [...args, ...(restOf(method) === undefined ? [last] : [])].join(", ");
}
