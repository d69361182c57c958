/** What travels of a method's parameters, and how: the argument list, and the channels beside it. */
import type {
	CallbackParameter,
	DataParameter,
	Default,
	InputParameter,
	MethodModel,
	Parameter,
	Type,
} from "./model.js";

/** One element of the argument list. */
export interface Argument {
	readonly name: string;
	readonly isOptional: boolean;
	readonly type: Type;
	readonly default: Default | undefined;
	/** The parameter that it is, or that it says was given. */
	readonly parameter: Parameter;
}

export type ChannelParameter = InputParameter | CallbackParameter;

/** The parameters that are data, and for each callback that need not be given whether it was; in the interface's order. */
export function argumentsOf({ parameters }: Pick<MethodModel, "parameters">): Argument[] {
	const found: Argument[] = [];
	for (const parameter of parameters) {
		if (parameter.kind === "data") {
			const { name, isOptional, type } = parameter;
			found.push({ name, isOptional, type, default: parameter.default, parameter });
		} else if (parameter.kind === "callback" && parameter.isUndefinedAllowed) {
			// In a list nothing required stands behind what is optional.
			const isOptional = found.some((before) => before.isOptional);
			found.push({
				name: presenceName(parameter.name),
				isOptional,
				type: { kind: "boolean" },
				default: undefined,
				parameter,
			});
		}
	}
	return found;
}

/** What a handler is given for a rest parameter where the caller gave nothing, or does not know it yet. */
export const restDefault: Default = "[]";

/** `undefined` for a list of arguments that is fixed. */
export function restOf({ parameters }: Pick<MethodModel, "parameters">): DataParameter | undefined {
	const last = parameters.at(-1);
	return last?.kind === "data" && last.isRest ? last : undefined;
}

export function channelsOf({ parameters }: Pick<MethodModel, "parameters">): ChannelParameter[] {
	return parameters.filter((parameter) => parameter.kind !== "data");
}

/** `hasOnProgress`: whether `onProgress` was given. */
export function presenceName(name: string): string {
	return `has${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A type in a method's signature. */
export interface Part {
	readonly type: Type;
	/** It may be left out, which nil stands for where something follows. */
	readonly isOptional: boolean;
}

/** All types in a method's signature: of data, of channels, of the result, of declared errors. */
export function partsOf(method: MethodModel): Part[] {
	const required = (type: Type | undefined): Part[] => (type === undefined ? [] : [{ type, isOptional: false }]);
	const ofParameter = (parameter: Parameter): readonly Part[] => {
		switch (parameter.kind) {
			case "data":
				return [parameter];
			case "input":
				return required(parameter.item);
			case "callback":
				return [...parameter.arguments, ...required(parameter.result)];
		}
	};
	return [
		...method.parameters.flatMap(ofParameter),
		...required(method.result),
		...method.errors.flatMap(({ data }) => required(data)),
	];
}

/** What many can be asked at once: a request, and one answer of each. */
export function canAskEveryone(method: MethodModel): boolean {
	return method.form === "unary" && channelsOf(method).length === 0;
}
