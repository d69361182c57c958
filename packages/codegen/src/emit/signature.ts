/** What client and server print of a method. */
import type { MethodModel, Parameter, ServiceModel } from "../model/model.js";
import { access, type Code, code, join, textCode, typeSymbol } from "./code.js";
import { Names } from "./names.js";

export interface Signature {
	readonly method: MethodModel;
	readonly parameters: readonly { readonly name: string; readonly isOptional: boolean; readonly type: Code }[];
	/** `undefined` where nothing comes back. */
	readonly result: Code | undefined;
	/** What the trailing parameter is called: that of a client's method, or of a handler. */
	readonly last: string;
}

/** `taken` are names that the method's body uses. */
export function signatureOf(
	service: ServiceModel,
	method: MethodModel,
	last: string,
	taken: readonly string[],
): Signature {
	const names = new Names(taken);
	const own = new Set(method.parameters.map(({ name }) => name));
	const parameters = method.parameters.map((parameter, index) => ({
		name: names.take(parameter.name),
		isOptional: parameter.isOptional,
		type: parameterType(service, method, parameter, index),
	}));
	return {
		method,
		parameters,
		result: resultType(service, method),
		last: names.take(own.has(last) ? `call${last.charAt(0).toUpperCase()}${last.slice(1)}` : last),
	};
}

function parameterType(service: ServiceModel, method: MethodModel, parameter: Parameter, index: number): Code {
	if (parameter.text !== undefined) return textCode(parameter.text);
	return code`Parameters<${typeSymbol(service.type)}[${JSON.stringify(method.name)}]>[${index}]`;
}

function resultType(service: ServiceModel, method: MethodModel): Code | undefined {
	if (method.result === undefined) return undefined;
	if (method.resultText !== undefined) return textCode(method.resultText);
	return code`Awaited<ReturnType<${typeSymbol(service.type)}[${JSON.stringify(method.name)}]>>`;
}

/** `[account: AccountId, limit?: number | undefined]`: the argument list as it travels. */
export function argumentTuple({ method, parameters }: Signature): Code {
	const elements = parameters.map(({ isOptional, type }, index) => {
		const name = method.parameters[index]!.name;
		return isOptional ? code`${name}?: ${orUndefined(type)}` : code`${name}: ${type}`;
	});
	return code`[${join(elements, ", ")}]`;
}

export function orUndefined(type: Code): Code {
	const last = type.at(-1);
	return typeof last === "string" && last.endsWith("| undefined") ? type : code`${type} | undefined`;
}

export function methodAccess(constant: string, { method }: Signature): string {
	return `${constant}${access(method.name)}`;
}
