/** Emits what the interface's comments say, for servers that are asked what they take. */
import { channelsOf } from "../model/arguments.js";
import type { Definitions, MethodModel, ObjectType, Property, ServiceModel, Type } from "../model/model.js";
import { untagged } from "../model/untagged.js";
import { childrenOf, reachableFrom, typesOf } from "../model/walk.js";
import { type Code, code, lines, list, propertyName } from "./code.js";

export interface DocsOptions {
	readonly definitions: Definitions;
	/** The constants of the definitions' schemas. */
	readonly constants: ReadonlyMap<string, string>;
}

/** `undefined` where nothing is said. */
export function emitDocs(service: ServiceModel, { definitions, constants }: DocsOptions): Code | undefined {
	const emitter = new DocsEmitter(definitions);
	const methods = service.methods.flatMap((method) => {
		const doc = emitter.method(method);
		return doc === undefined ? [] : [code`${propertyName(method.name)}: ${doc}`];
	});
	const types = emitter
		.types([...reachableFrom(typesOf(service), definitions)])
		.map(([name, doc]) => list("[", [[constants.get(name)!], doc], "]"));
	const text = textOf(untagged(service.doc));
	const parts = [
		...(text === undefined ? [] : [code`text: ${text}`]),
		...(methods.length === 0 ? [] : [code`methods: ${lines("{", methods, "}")}`]),
		...(types.length === 0 ? [] : [code`types: ${lines("[", types, "]")}`]),
	];
	return parts.length === 0 ? undefined : lines("{", parts, "}");
}

type Member = Pick<Property, "name" | "doc" | "type">;

class DocsEmitter {
	readonly #definitions: Definitions;
	/** Definitions that stand beside objects without a name: the docs of those are not theirs, also where they have none. */
	readonly #besides = new Set<string>();

	constructor(definitions: Definitions) {
		this.#definitions = definitions;
	}

	method(method: MethodModel): Code | undefined {
		const text = textOf(untagged(method.doc));
		const args = this.#members(method.parameters.filter((parameter) => parameter.kind === "data"));
		const result = this.#inside(method.result);
		const channels = channelsOf(method).map((channel) => {
			const inner = channel.kind === "input" ? this.#inside(channel.item) : this.#members(channel.arguments);
			return docCode(channel.doc, inner);
		});
		const errors = method.errors.flatMap(({ name, doc, data }) => {
			const own = docCode(doc, this.#inside(data));
			return own === undefined ? [] : [code`${propertyName(name)}: ${own}`];
		});
		const hasChannels = channels.some((channel) => channel !== undefined);
		const parts = [
			...(text === undefined ? [] : [code`text: ${text}`]),
			...(args === undefined ? [] : [code`arguments: ${args}`]),
			...(result === undefined ? [] : [code`result: ${result}`]),
			...(hasChannels
				? [
						code`channels: ${list(
							"[",
							channels.map((channel) => channel ?? ["undefined"]),
							"]",
						)}`,
					]
				: []),
			...(errors.length === 0 ? [] : [code`errors: ${list("{", errors, "}", { isPadded: true })}`]),
		];
		return parts.length === 0 ? undefined : list("{", parts, "}", { isPadded: true });
	}

	/** Those that are but another name have the schema of the other, and its doc. */
	types(names: readonly string[]): [name: string, doc: Code][] {
		const found = names.flatMap((name) => {
			const { doc, type } = this.#definitions.get(name)!;
			return type.kind === "reference" ? [] : [{ name, doc, inside: this.#inside(type) }];
		});
		return found.flatMap(({ name, doc, inside }): [string, Code][] => {
			const own = docCode(doc, inside ?? (this.#besides.has(name) ? ["{}"] : undefined));
			return own === undefined ? [] : [[name, own]];
		});
	}

	#members(members: readonly Member[]): Code | undefined {
		const byName = new Map<string, Member[]>();
		for (const member of members) {
			const same = byName.get(member.name);
			if (same === undefined) byName.set(member.name, [member]);
			else same.push(member);
		}
		const entries = [...byName].flatMap(([name, same]) => {
			// Alternatives are not told apart where docs are looked up: where they say different things, nothing is said.
			const texts = new Set(same.map(({ doc }) => doc?.join("\n")));
			const doc = texts.size === 1 ? same[0]!.doc : undefined;
			const own = docCode(doc, this.#inside(...same.map(({ type }) => type)));
			return own === undefined ? [] : [code`${propertyName(name)}: ${own}`];
		});
		return entries.length === 0 ? undefined : list("{", entries, "}", { isPadded: true });
	}

	/** Of properties that types have without having a name. */
	#inside(...types: readonly (Type | undefined)[]): Code | undefined {
		const references = new Set<string>();
		const objects = types.flatMap((type) => (type === undefined ? [] : this.#objectsIn(type, references)));
		const found = this.#members(objects.flatMap(({ properties }) => properties));
		if (found !== undefined) for (const name of references) this.#besides.add(name);
		return found;
	}

	/** As far as docs are looked up: through lists and unions. */
	#objectsIn(type: Type, references: Set<string>): ObjectType[] {
		switch (type.kind) {
			case "object":
				return [type, ...(type.additional === undefined ? [] : this.#objectsIn(type.additional, references))];
			case "array":
			case "record":
			case "tuple":
			case "union":
				return childrenOf(type).flatMap((one) => this.#objectsIn(one, references));
			case "reference": {
				const target = this.#definitions.get(type.name)?.type;
				if (target?.kind === "reference") return this.#objectsIn(target, references);
				references.add(type.name);
				return [];
			}
			default:
				return [];
		}
	}
}

function docCode(doc: readonly string[] | undefined, inside: Code | undefined): Code | undefined {
	const text = doc && textOf(doc);
	if (inside === undefined) return text === undefined ? undefined : [text];
	return list("{", [...(text === undefined ? [] : [code`text: ${text}`]), code`of: ${inside}`], "}", {
		isPadded: true,
	});
}

function textOf(doc: readonly string[]): string | undefined {
	return doc.length === 0 ? undefined : JSON.stringify(doc.join("\n"));
}
