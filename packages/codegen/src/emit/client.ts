/** Emits the class that calls a service. */
import { canAskEveryone } from "../model/arguments.js";
import type { MethodForm, ServiceModel } from "../model/model.js";
import { type Code, code, docComment, indent, join, propertyName, typeSymbol } from "./code.js";
import { Names } from "./names.js";
import { runtime } from "./runtime.js";
import { methodAccess, type Signature, signatureOf } from "./signature.js";
import type { StubNames } from "./stub-names.js";

export function emitClient(service: ServiceModel, names: StubNames): Code {
	const methods = service.methods.map((method) =>
		emitMethod(signatureOf(service, method, "options", [names.methods]), names),
	);
	const everyone = service.methods.some(canAskEveryone) ? everyoneProperty(service) : undefined;
	const parts = [
		code`readonly #connection: ${runtime.Connection};`,
		...(everyone === undefined ? [] : [code`${everyoneDoc}readonly ${everyone}: ${names.everyone};`]),
		emitConstructor(everyone === undefined ? [] : [`this.${everyone} = new ${names.everyone}(connection);`]),
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

function emitConstructor(more: readonly string[]): Code {
	const statements = ["this.#connection = connection;", ...more];
	return code`constructor(connection: ${runtime.Connection}) {\n\t${statements.join("\n\t")}\n}`;
}

function emitMethod(signature: Signature, names: StubNames): Code {
	const { method, parameters, last } = signature;
	const own = parameters.map(({ name, isOptional, type }) => code`${name}${isOptional ? "?" : ""}: ${type}`);
	const list = join([...own, code`${last}?: ${runtime.CallOptions}`], ", ");
	const start = method.streamName === "AsyncGenerator" ? "async *" : "";
	const head = code`${docComment(method.doc)}${start}${propertyName(method.name)}(${list}): ${returnType(signature)}`;
	return code`${head} {\n\t${statement(signature, callOf(signature, names))}\n}`;
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

function callOf(signature: Signature, names: StubNames): string {
	const { method, parameters, last } = signature;
	const args = parameters.flatMap(({ name, parameter, presence }) => {
		if (parameter.kind === "data") return [name];
		return presence === undefined ? [] : [`${name} !== undefined`];
	});
	const channels = parameters.filter(({ parameter }) => parameter.kind !== "data").map(({ name }) => name);
	const all = [methodAccess(names.methods, signature), `[${args.join(", ")}]`, last];
	if (channels.length > 0) all.push(`[${channels.join(", ")}]`);
	return `this.#connection.${callers[method.form]}(${all.join(", ")})`;
}
