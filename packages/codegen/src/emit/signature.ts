/** What client and server print of a method. */
import { argumentsOf, channelsOf, presenceName } from "../model/arguments.js";
import type { MethodModel, Parameter, ServiceModel } from "../model/model.js";
import { access, type Code, code, join, textCode, typeSymbol } from "./code.js";
import { Names } from "./names.js";

export interface Signature {
	readonly method: MethodModel;
	/** In the order of the interface. */
	readonly parameters: readonly SignatureParameter[];
	/** Of a stream: that of its items. `undefined` where nothing comes back. */
	readonly result: Code | undefined;
	/** What the trailing parameter is called: that of a client's method, or of a handler. */
	readonly last: string;
}

export interface SignatureParameter {
	readonly name: string;
	readonly isOptional: boolean;
	/** `type` is then that of the list. */
	readonly isRest: boolean;
	readonly type: Code;
	readonly parameter: Parameter;
	/** Of a callback that need not be given: the argument that says whether it was. */
	readonly presence: string | undefined;
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
		isOptional: parameter.kind !== "input" && parameter.isOptional,
		isRest: parameter.kind === "data" && parameter.isRest === true,
		type: parameterType(service, method, parameter, index),
		parameter,
	}));
	const trailing = names.take(own.has(last) ? `call${last.charAt(0).toUpperCase()}${last.slice(1)}` : last);
	return {
		method,
		parameters: parameters.map((one) => ({ ...one, presence: presenceOf(one.parameter, names) })),
		result: resultType(service, method),
		last: trailing,
	};
}

/** After all parameters have theirs: their names are the interface's. */
function presenceOf(parameter: Parameter, names: Names): string | undefined {
	const isSaid = parameter.kind === "callback" && parameter.isUndefinedAllowed;
	return isSaid ? names.take(presenceName(parameter.name)) : undefined;
}

function parameterType(service: ServiceModel, method: MethodModel, parameter: Parameter, index: number): Code {
	const { text } = parameter;
	const type = text === undefined ? typeAt(service, method, parameter, index) : textCode(text);
	const isUndefined = parameter.kind === "callback" && parameter.isUndefinedAllowed && !parameter.isOptional;
	return isUndefined ? orUndefined(type) : type;
}

/** Of a parameter that no source spells as another file could. */
function typeAt(service: ServiceModel, method: MethodModel, parameter: Parameter, index: number): Code {
	const all = code`Parameters<${methodType(service, method)}>`;
	if (parameter.kind !== "data" || !parameter.isRest) return code`${all}[${index}]`;
	const before = "unknown?, ".repeat(index);
	return code`(${all} extends [${before}...infer Rest] ? Rest : never)`;
}

function resultType(service: ServiceModel, method: MethodModel): Code | undefined {
	if (method.result === undefined) return undefined;
	if (method.resultText !== undefined) return textCode(method.resultText);
	const returned = code`ReturnType<${methodType(service, method)}>`;
	if (method.form === "stream") return code`${returned} extends AsyncIterable<infer Item> ? Item : never`;
	return code`Awaited<${returned}>`;
}

function methodType(service: ServiceModel, method: MethodModel): Code {
	return code`${typeSymbol(service.type)}[${JSON.stringify(method.name)}]`;
}

/** As a client's method takes it. */
export function parameterCode({ name, isOptional, isRest, type }: SignatureParameter): Code {
	if (isRest) return code`...${name}: ${type}`;
	return code`${name}${isOptional ? "?" : ""}: ${type}`;
}

/** `[account: AccountId, limit?: number | undefined]`: the argument list as it travels. */
export function argumentTuple({ method, parameters }: Signature): Code {
	const elements = argumentsOf(method).map(({ name, isOptional, parameter }) => {
		const spelled = parameters.find((one) => one.parameter === parameter)!.type;
		const type: Code = parameter.kind === "data" ? spelled : ["boolean"];
		return isOptional ? code`${name}?: ${orUndefined(type)}` : code`${name}: ${type}`;
	});
	return code`[${join(elements, ", ")}]`;
}

/** `[coins: AsyncIterable<Coin>, onProgress: ((done: number) => void) | undefined]`; nothing for a method without channels. */
export function channelTuple({ method, parameters }: Signature): Code | undefined {
	const channels = channelsOf(method);
	if (channels.length === 0) return undefined;
	const elements = channels.map((channel) => {
		const { type, isOptional } = parameters.find((one) => one.parameter === channel)!;
		return code`${channel.name}: ${isOptional ? orUndefined(type) : type}`;
	});
	return code`[${join(elements, ", ")}]`;
}

export function orUndefined(type: Code): Code {
	const last = type.at(-1);
	if (typeof last === "string" && last.endsWith("| undefined")) return type;
	// Of a function it would be said of the result.
	const isFunction = type.some((part) => typeof part === "string" && part.includes(") => "));
	return isFunction ? code`(${type}) | undefined` : code`${type} | undefined`;
}

export function methodAccess(constant: string, { method }: Signature): string {
	return `${constant}${access(method.name)}`;
}
