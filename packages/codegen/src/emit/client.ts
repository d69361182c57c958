/** Emits the class that calls a service. */
import { canAskEveryone, restOf } from "../model/arguments.js";
import type { MethodForm, ServiceModel } from "../model/model.js";
import { type Code, code, docComment, indent, join, propertyName, typeSymbol } from "./code.js";
import { Names } from "./names.js";
import { runtime } from "./runtime.js";
import { methodAccess, parameterCode, type Signature, signatureOf } from "./signature.js";
import type { StubNames } from "./stub-names.js";

export function emitClient(service: ServiceModel, names: StubNames): Code {
	const everyone = service.methods.some(canAskEveryone) ? everyoneProperty(service) : undefined;
	const derive = deriveName(service);
	const methods = service.methods.map((method) =>
		emitMethod(signatureOf(service, method, "options", [names.methods]), names, derive !== undefined),
	);
	const parts = [
		code`readonly #connection: ${runtime.Connection};`,
		...(derive === undefined ? [] : [code`readonly #options: ${runtime.CallOptions} | undefined;`]),
		...(everyone === undefined ? [] : [code`${everyoneDoc}readonly ${everyone}: ${names.everyone};`]),
		emitConstructor(everyone, derive !== undefined, names),
		...(derive === undefined ? [] : emitDerive(derive, names)),
		...methods,
	];
	const body = parts.map((part) => ["\t", ...indent(part)]);
	return code`${docComment(service.doc)}export class ${names.client} implements ${typeSymbol(service.type)} {\n${join(body, "\n\n")}\n}`;
}

const everyoneDoc = docComment([
	"Asks every server that is connected, and every worker behind those that are queues: one call, and an answer of each.",
]);

/** The interface's own names go first. */
function everyoneProperty({ methods }: ServiceModel): string {
	return new Names(methods.map(({ name }) => name)).take("everyone");
}

/**
 * What gives options to calls that cannot take any behind their arguments, since these are a list without an end; `undefined`
 * for a service without such. The interface's own names go first.
 */
export function deriveName(service: ServiceModel): string | undefined {
	if (!service.methods.some((method) => restOf(method) !== undefined)) return undefined;
	const taken = new Set(service.methods.map(({ name }) => name));
	let name = "with";
	while (taken.has(name)) name += "_";
	return name;
}

function emitConstructor(everyone: string | undefined, hasOptions: boolean, names: StubNames): Code {
	const statements: Code[] = [
		code`this.#connection = ${runtime.connectionOf}(connection);`,
		...(hasOptions ? [["this.#options = options;"]] : []),
		...(everyone === undefined ? [] : [code`this.${everyone} = new ${names.everyone}(connection);`]),
	];
	const options = hasOptions ? code`, options?: ${runtime.CallOptions}` : [];
	return code`constructor(connection: ${runtime.Connection}${options}) {\n\t${join(statements, "\n\t")}\n}`;
}

function emitDerive(name: string, names: StubNames): Code[] {
	const doc = docComment([
		"A client that calls with these options where a call gives none of its own.",
		"Methods that take any number of arguments take their options this way alone.",
	]);
	const head = code`${doc}${name}(options: ${runtime.CallOptions}): ${names.client}`;
	const own = code`#optionsOf(options: ${runtime.CallOptions} | undefined): ${runtime.CallOptions} | undefined`;
	return [
		code`${head} {\n\treturn new ${names.client}(this.#connection, { ...this.#options, ...options });\n}`,
		code`${own} {\n\treturn this.#options === undefined ? options : { ...this.#options, ...options };\n}`,
	];
}

function emitMethod(signature: Signature, names: StubNames, hasOptions: boolean): Code {
	const { method, parameters, last } = signature;
	const isOpen = restOf(method) !== undefined;
	const trailing = isOpen ? [] : [code`${last}?: ${runtime.CallOptions}`];
	const list = join([...parameters.map(parameterCode), ...trailing], ", ");
	const start = method.streamName === "AsyncGenerator" ? "async *" : "";
	const head = code`${docComment(method.doc)}${start}${propertyName(method.name)}(${list}): ${returnType(signature)}`;
	const options = isOpen ? "this.#options" : hasOptions ? `this.#optionsOf(${last})` : last;
	return code`${head} {\n\t${statement(signature, callOf(signature, names, options))}\n}`;
}

function returnType({ method, result }: Signature): Code {
	const value = result ?? ["void"];
	switch (method.form) {
		case "one-way":
			return ["void"];
		case "unary":
			return code`Promise<${value}>`;
		case "stream":
			return code`${method.streamName ?? "AsyncIterable"}<${value}>`;
	}
}

/**
 * A generator has more to it than the iterator that a connection gives: it takes one to make one. Not by `yield*`: compilers
 * before 5.6 hold that what it delegates to must then take what `next` is given.
 */
function statement({ method, parameters, last }: Signature, call: string): string {
	if (method.form === "one-way") return `${call};`;
	if (method.streamName !== "AsyncGenerator") return `return ${call};`;
	const item = new Names([...parameters.map(({ name }) => name), last]).take("item");
	return `for await (const ${item} of ${call}) yield ${item};`;
}

const callers = { unary: "call", "one-way": "notify", stream: "stream" } as const satisfies Record<MethodForm, string>;

function callOf(signature: Signature, names: StubNames, options: string): string {
	const { method, parameters } = signature;
	const args = parameters.flatMap(({ name, isRest, parameter, presence }) => {
		// Whoever serves an older version of the interface takes no list there.
		if (isRest) return [`${name}.length > 0 ? ${name} : undefined`];
		if (parameter.kind === "data") return [name];
		return presence === undefined ? [] : [`${name} !== undefined`];
	});
	const channels = parameters.filter(({ parameter }) => parameter.kind !== "data").map(({ name }) => name);
	const all = [methodAccess(names.methods, signature), `[${args.join(", ")}]`, options];
	if (channels.length > 0) all.push(`[${channels.join(", ")}]`);
	return `this.#connection.${callers[method.form]}(${all.join(", ")})`;
}
