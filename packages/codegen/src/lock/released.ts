/** What of a model a lock file keeps. */
import { compare } from "../model/diagnostics.js";
import type {
	EnumName,
	ImportedName,
	MethodModel,
	ModuleReference,
	Parameter,
	SourceModel,
	Type,
} from "../model/model.js";
import { definitionsOf } from "../model/model.js";
import { reachableFrom, typesOf } from "../model/walk.js";

/**
 * Without documentation and without spellings, neither of which breaks anybody, and with everything sorted whose order means
 * nothing. `pathOf` says how paths of files are written.
 */
export function released(models: readonly SourceModel[], pathOf: (path: string) => string): SourceModel[] {
	return models
		.filter(({ services }) => services.length > 0)
		.map((model) => releasedSource(model, pathOf))
		.sort((a, b) => compare(a.file, b.file));
}

function releasedSource(model: SourceModel, pathOf: (path: string) => string): SourceModel {
	const paths = new Paths(pathOf);
	const used = reachableFrom(model.services.flatMap(typesOf), definitionsOf(model));
	return {
		file: pathOf(model.file),
		isUndefinedOptional: model.isUndefinedOptional,
		services: sorted(model.services).map((service) => ({
			name: service.name,
			type: paths.imported(service.type),
			doc: [],
			methods: sorted(service.methods).map((method) => paths.method(method)),
		})),
		definitions: sorted(model.definitions)
			.filter(({ name }) => used.has(name))
			.map(({ name, type, isPublic, isBranded }) => ({
				name,
				type: paths.type(type),
				text: undefined,
				isPublic,
				isBranded,
			})),
	};
}

class Paths {
	readonly #pathOf: (path: string) => string;

	constructor(pathOf: (path: string) => string) {
		this.#pathOf = pathOf;
	}

	imported({ name, local, from }: ImportedName): ImportedName {
		return { name, local, from: this.#module(from) };
	}

	method(method: MethodModel): MethodModel {
		return {
			...method,
			doc: [],
			parameters: method.parameters.map((parameter) => this.#parameter(parameter)),
			result: this.#optional(method.result),
			resultText: undefined,
			errors: sorted(method.errors).map(({ name, type, data }) => ({
				name,
				type: this.imported(type),
				data: this.#optional(data),
			})),
		};
	}

	#parameter<T extends Parameter>(parameter: T): T {
		const { kind } = parameter;
		if (kind === "data") return { ...parameter, type: this.type(parameter.type), text: undefined };
		if (kind === "input") return { ...parameter, item: this.type(parameter.item), text: undefined };
		return {
			...parameter,
			arguments: parameter.arguments.map((argument) => this.#parameter(argument)),
			result: this.#optional(parameter.result),
			text: undefined,
		};
	}

	type(type: Type): Type {
		switch (type.kind) {
			case "literal":
				if (type.member === undefined) return type;
				return { ...type, member: { ...type.member, enum: this.#enum(type.member.enum) } };
			case "enum":
				return { ...type, enum: this.#enum(type.enum) };
			case "template":
				return { ...type, parts: type.parts.map((part) => (typeof part === "string" ? part : this.type(part))) };
			case "array":
			case "set":
				return { ...type, element: this.type(type.element) };
			case "map":
			case "record":
				return { ...type, key: this.type(type.key), value: this.type(type.value) };
			case "tuple": {
				const elements = type.elements.map((element) => ({ ...element, type: this.type(element.type) }));
				return { ...type, elements, rest: this.#optional(type.rest) };
			}
			case "object": {
				const properties = sorted(type.properties).map((property) => ({ ...property, type: this.type(property.type) }));
				return { ...type, properties, additional: this.#optional(type.additional) };
			}
			case "union":
				return { ...type, members: type.members.map((member) => this.type(member)) };
			default:
				return type;
		}
	}

	#optional(type: Type | undefined): Type | undefined {
		return type === undefined ? undefined : this.type(type);
	}

	#enum(name: EnumName): EnumName {
		return { ...name, type: name.type === undefined ? undefined : this.imported(name.type) };
	}

	#module(from: ModuleReference): ModuleReference {
		return from.kind === "file" ? { kind: "file", path: this.#pathOf(from.path) } : from;
	}
}

function sorted<T extends { readonly name: string }>(named: readonly T[]): T[] {
	return [...named].sort((a, b) => compare(a.name, b.name));
}
