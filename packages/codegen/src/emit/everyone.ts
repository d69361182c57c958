/** Emits the class that asks everybody who serves a service. */
import { canAskEveryone } from "../model/arguments.js";
import type { ServiceModel } from "../model/model.js";
import { type Code, code, docComment, indent, join, propertyName } from "./code.js";
import { runtime } from "./runtime.js";
import { methodAccess, parameterCode, type Signature, signatureOf } from "./signature.js";
import type { StubNames } from "./stub-names.js";

/** `undefined` for a service of which nothing can be asked that way. */
export function emitEveryone(service: ServiceModel, names: StubNames): Code | undefined {
	const methods = service.methods.filter(canAskEveryone);
	if (methods.length === 0) return undefined;
	const parts = [
		code`readonly #connection: ${runtime.Connection};`,
		code`constructor(connection: ${runtime.Connection}) {\n\tthis.#connection = connection;\n}`,
		...methods.map((method) => emitMethod(signatureOf(service, method, "options", [names.methods]), names)),
	];
	const doc = docComment([`Asks everybody who serves \`${service.name}\`: \`${names.client}\` has one.`]);
	return code`${doc}export class ${names.everyone} {\n${join(
		parts.map((part) => ["\t", ...indent(part)]),
		"\n\n",
	)}\n}`;
}

function emitMethod(signature: Signature, names: StubNames): Code {
	const { method, parameters, result, last } = signature;
	// The options come last, so that any number of values is one list here.
	const own = parameters.map((parameter) => parameterCode({ ...parameter, isRest: false }));
	const list = join([...own, code`${last}?: ${runtime.SurveyOptions}`], ", ");
	const answers = code`AsyncIterable<${runtime.SurveyAnswer}<${result ?? ["void"]}>>`;
	const args = parameters.map(({ name }) => name).join(", ");
	const call = `this.#connection.survey(${methodAccess(names.methods, signature)}, [${args}], ${last})`;
	return code`${docComment(method.doc)}${propertyName(method.name)}(${list}): ${answers} {\n\treturn ${call};\n}`;
}
