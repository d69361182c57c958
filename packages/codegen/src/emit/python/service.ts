/** Emits what a service consists of in Python: its methods' descriptor, its client, the base class of its workers. */
import { argumentsOf, channelsOf, restOf } from "../../model/arguments.js";
import type { DataParameter, Definitions, MethodModel, ServiceModel } from "../../model/model.js";
import { schemaHashOf } from "../../model/schema-hash.js";
import { splitParameter } from "../../model/untagged.js";
import type { HintEmitter } from "./hints.js";
import { PythonNames, pascalCase, snakeCase } from "./names.js";
import { defaultOption, type ShapeEmitter } from "./shapes.js";
import { comment, docstring, indent, list, literal } from "./text.js";

export interface ServiceNames {
	readonly service: string;
	readonly client: string;
	readonly worker: string;
}

export interface ServiceEmitters {
	readonly hints: HintEmitter;
	readonly shapes: ShapeEmitter;
	readonly definitions: Definitions;
	/** The class of an error that a method declares. */
	readonly errorName: (error: MethodModel["errors"][number]) => string;
}

/** A method that the generated Python does not have, and why. */
export interface Omission {
	readonly method: string;
	readonly reason: string;
}

/** Whatever stays open in the caller's direction needs a caller that listens while it waits, which Python's does not. */
export function omissionsOf(service: ServiceModel): Omission[] {
	return service.methods.flatMap((method) => {
		const [channel] = channelsOf(method);
		if (channel === undefined) return [];
		const what = channel.kind === "input" ? "a stream" : "a function";
		return [{ method: `${service.name}.${method.name}`, reason: `its parameter \`${channel.name}\` is ${what}` }];
	});
}

/** What is printed of a method. */
interface Signature {
	readonly method: MethodModel;
	readonly attribute: string;
	readonly parameters: readonly SignatureParameter[];
	readonly result: string;
}

interface SignatureParameter {
	readonly model: DataParameter;
	readonly name: string;
	readonly hint: string;
	/** At the serving side, which finds a default where nothing was given. */
	readonly served: string;
}

export class ServiceEmitter {
	readonly #service: ServiceModel;
	readonly #names: ServiceNames;
	readonly #emitters: ServiceEmitters;
	readonly #signatures: readonly Signature[];

	constructor(service: ServiceModel, names: ServiceNames, emitters: ServiceEmitters) {
		this.#service = service;
		this.#names = names;
		this.#emitters = emitters;
		const attributes = new PythonNames(["_connection", "_is_drain_asked", "_server", "_service", "drain", "run"]);
		this.#signatures = service.methods
			.filter((method) => channelsOf(method).length === 0)
			.map((method) => this.#signatureOf(method, attributes.take(snakeCase(method.name))));
	}

	descriptor(): string {
		const { definitions } = this.#emitters;
		const methods = this.#signatures.map((signature) => this.#method(signature));
		const hash = schemaHashOf(this.#service, definitions);
		const items = [
			literal(this.#service.name),
			literal(hash),
			methods.length === 0 ? "[]" : `[\n${methods.map((one) => `${indent(one)},\n`).join("")}]`,
		];
		return `${this.#names.service} = ${list("_homing.Service(", items, ")")}`;
	}

	client(): string {
		const { client, service } = this.#names;
		const methods = this.#signatures.map((signature) => {
			const { method, attribute, parameters, result } = signature;
			const own = parameters.map(({ name, hint, model }) => {
				if (model.isRest) return `*${name}: ${hint}`;
				return `${name}: ${hint}${model.isOptional ? " = None" : ""}`;
			});
			const options = [
				...(restOf(method) === undefined ? ["*"] : []),
				"timeout_ms: typing.Optional[float] = None",
				"metadata: typing.Optional[typing.Mapping[str, typing.Any]] = None",
			];
			const returned = method.form === "stream" ? `_homing.Stream[${result}]` : result;
			const caller = { unary: "call", "one-way": "notify", stream: "stream" }[method.form];
			// Whoever serves an older version of the interface takes no list there.
			const given = parameters.map(({ name, model }) => (model.isRest ? `list(${name}) or None` : name));
			const args = `[${given.join(", ")}]`;
			const call = `self._connection.${caller}(${service}.methods[${literal(attribute)}], ${args}, timeout_ms, metadata)`;
			const isNothing = method.result === undefined;
			return define(
				attribute,
				[...own, ...options],
				returned,
				this.#docOf(signature),
				isNothing ? call : `return ${call}`,
			);
		});
		const start = define("__init__", ["connection: _homing.Connection"], "None", [], "self._connection = connection");
		return this.#class(client, "", this.#service.doc, [start, ...methods]);
	}

	worker(): string {
		const { worker, service } = this.#names;
		const methods = this.#signatures.map((signature) => {
			const { method, attribute, parameters, result } = signature;
			const own = parameters.map(({ name, served, model }) => `${model.isRest ? "*" : ""}${name}: ${served}`);
			const returned = method.form === "stream" ? `typing.Iterable[${result}]` : result;
			return `@abc.abstractmethod\n${define(attribute, own, returned, this.#docOf(signature), "raise NotImplementedError")}`;
		});
		const doc = [`What serves \`${this.#service.name}\`: subclass it, implement its methods, \`run()\` it.`];
		return this.#class(worker, "_homing.Worker", doc, [`_service = ${service}`, ...methods]);
	}

	/** With fields as Python's tools know them, and parameters by the names they have here. */
	#docOf({ method, parameters }: Signature): string[] {
		const names = new Map(parameters.map(({ model, name }) => [model.name, name]));
		const { errors } = method;
		return method.doc.map((line) => {
			const [, tag, rest = ""] = /^\s*@(param|returns?|throws)(?:\s+(.*))?$/.exec(line) ?? [];
			if (tag === "param") {
				const { name, text } = splitParameter(rest) ?? { name: "", text: "" };
				return names.has(name) ? `:param ${names.get(name)}: ${text}`.trimEnd() : line;
			}
			if (tag === "throws") {
				const [, thrown, text] = /^\{([^}]*)\}\s*(.*)$/.exec(rest) ?? [];
				const error = errors.find(({ name, type }) => name === thrown || type.local === thrown);
				return error === undefined ? line : `:raises ${this.#emitters.errorName(error)}: ${text}`.trimEnd();
			}
			return tag === undefined ? line : `:returns: ${rest}`.trimEnd();
		});
	}

	#class(name: string, base: string, doc: readonly string[], members: readonly string[]): string {
		const left = omissionsOf(this.#service).map(({ method, reason }) =>
			comment([`${method} is left out: ${reason}, which only TypeScript has.`]),
		);
		const text = docstring(doc).trimEnd();
		const parts = [...(text === "" ? [] : [text]), ...members, ...left];
		return `class ${name}${base === "" ? "" : `(${base})`}:\n${indent(parts.join("\n\n"))}`;
	}

	#signatureOf(method: MethodModel, attribute: string): Signature {
		const { hints } = this.#emitters;
		const base = pascalCase(method.name);
		const names = new PythonNames(["timeout_ms", "metadata", this.#names.service]);
		const parameters = method.parameters
			.filter((parameter) => parameter.kind === "data")
			.map((model) => {
				if (model.isRest && model.type.kind === "array") {
					const each = hints.of(model.type.element, `${base}${pascalCase(model.name)}Item`);
					return { model, name: names.take(snakeCase(model.name)), hint: each, served: each };
				}
				const given = hints.of(model.type, `${base}${pascalCase(model.name)}`);
				const hint = model.isOptional ? hints.optional(given) : given;
				const served = model.default === undefined ? hint : given;
				return { model, name: names.take(snakeCase(model.name)), hint, served };
			});
		const isStream = method.form === "stream";
		const result =
			method.result === undefined ? "None" : hints.of(method.result, `${base}${isStream ? "Item" : "Result"}`);
		return { method, attribute, parameters, result };
	}

	#method({ method, attribute }: Signature): string {
		const { shapes, errorName } = this.#emitters;
		const parameters = argumentsOf(method).map(({ name, type, isOptional, default: value }) => {
			const options = [...(isOptional ? ["optional=True"] : []), ...defaultOption(value)];
			return list("_homing.Parameter(", [literal(name), shapes.of(type), ...options], ")");
		});
		const items = [
			literal(`${this.#service.name}.${method.name}`),
			literal(attribute),
			list("[", parameters, "]"),
			...(method.result === undefined ? [] : [shapes.of(method.result)]),
			...(method.form === "unary" ? [] : [`form=${literal(method.form)}`]),
			...(method.isIdempotent ? ["is_idempotent=True"] : []),
			...(method.timeoutMs === undefined ? [] : [`timeout_ms=${method.timeoutMs}`]),
			...(method.priority === undefined ? [] : [`priority=${method.priority}`]),
			...(restOf(method) === undefined ? [] : ["has_rest=True"]),
			...(method.errors.length === 0 ? [] : [`errors=[${method.errors.map(errorName).join(", ")}]`]),
		];
		return list("_homing.Method(", items, ")");
	}
}

function define(
	name: string,
	parameters: readonly string[],
	result: string,
	doc: readonly string[],
	body: string,
): string {
	const head = list(`def ${name}(`, ["self", ...parameters], `) -> ${result}:`);
	return `${head}\n${indent(`${docstring(doc)}${body}`)}`;
}
