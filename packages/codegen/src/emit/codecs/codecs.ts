/**
 * Emits the compiled codecs: for each shape of a service's messages a function that writes it and one that reads it.
 *
 * Rules of this folder:
 * - A function says yes, and never no: it is surprised (`surprised()`) by all that the schema would not answer in the same way, and the
 *   runtime then asks the schema. Being surprised by too much costs time; by too little, it is wrong.
 * - Objects are written in declared order, and read in no other.
 * - What stands in a type in several places is one function; what has a name is called by it.
 */

import { componentsOf, isRecursive } from "../../model/components.js";
import type { Definitions, Type } from "../../model/model.js";
import { typeKey } from "../../model/type-key.js";
import { alternativesOf, childrenOf, resolve } from "../../model/walk.js";
import type { Planner } from "../../model/wire.js";
import { type Code, code, join, list } from "../code.js";
import type { ConversionEmitter } from "../conversions.js";
import { camelCase, identifierOf, type Names, pascalCase } from "../names.js";
import { runtime } from "../runtime.js";
import type { SchemaEmitter } from "../schemas.js";
import { type Kinds, kindsOf, Odd, type Scalar } from "./kinds.js";
import { readFunction } from "./reading.js";
import { literalText } from "./scalars.js";
import { shapeName } from "./shape-name.js";
import type { Codecs, Functions } from "./shapes.js";
import { compiled, innerNames } from "./symbols.js";
import { writeFunction } from "./writing.js";

export interface CodecEmitterOptions {
	readonly definitions: Definitions;
	readonly schemas: SchemaEmitter;
	readonly conversions: ConversionEmitter;
	readonly planner: Planner;
	/** Of the file. */
	readonly names: Names;
	/** An optional property may also be there and `undefined`, whatever it says itself. */
	readonly isUndefinedOptional: boolean;
}

/** What `BodyReader` of the runtime takes as given: a function that does not count has no more levels below it. */
const uncountedLevels = 16;

const nesting: ReadonlySet<Type["kind"]> = new Set(["array", "set", "map", "tuple", "object", "record"]);

/** A part that no codec is compiled for, and why. */
export interface Remark {
	readonly part: string;
	readonly reason: string;
}

/** Functions inside functions, beyond which they are emitted later: each takes its part of the stack. */
const maxDepth = 48;

export class CodecEmitter implements Codecs {
	readonly #options: CodecEmitterOptions;
	readonly #recursive: ReadonlySet<string>;
	#depth = 0;
	readonly #later: (() => void)[] = [];
	readonly #levels = new Map<string, number>();
	readonly #constants: Code[] = [];
	readonly #blocks: Code[] = [];
	/** By what they are made of. */
	readonly #functions = new Map<string, Functions>();
	readonly #named = new Map<string, string>();
	/** Writing and reading both ask. */
	readonly #kinds = new Map<Type, Kinds | Odd>();
	readonly remarks: Remark[] = [];

	constructor(options: CodecEmitterOptions) {
		this.#options = options;
		const components = componentsOf(options.definitions.keys(), options.definitions);
		this.#recursive = new Set(components.filter((component) => isRecursive(component, options.definitions)).flat());
		// Each comes behind those that it mentions: so nothing is looked for further in than one of them.
		for (const name of components.flat()) this.#levelsOf({ kind: "reference", name });
	}

	/** Constants and functions, of all that has been asked for. */
	declarations(): Code[] {
		return this.#constants.length === 0 ? this.#blocks : [join(this.#constants, "\n"), ...this.#blocks];
	}

	/**
	 * What `messageCodec` is told of a shape; nothing where none is compiled. `part`: where it is in the service; `elements`: what
	 * those of an argument list are called.
	 */
	optionOf(type: Type, part: string, elements?: readonly string[]): Code | undefined {
		const kinds = this.kindsOf(type);
		if (kinds instanceof Odd) {
			this.remarks.push({ part, reason: kinds.reason });
			return undefined;
		}
		const { write, read } = this.functionsOf(type, part, elements);
		return code`compiled: ${list("{", [[`write: ${write}`], [`read: ${read}`]], "}", { isPadded: true })}`;
	}

	kindsOf(type: Type): Kinds | Odd {
		let kinds = this.#kinds.get(type);
		if (kinds === undefined) {
			kinds = kindsOf(type, this.#options.definitions);
			this.#kinds.set(type, kinds);
		}
		return kinds;
	}

	evenKindsOf(type: Type): Kinds {
		const kinds = this.kindsOf(type);
		if (kinds instanceof Odd) throw new Error(`nothing is compiled where ${kinds.reason}`);
		return kinds;
	}

	resolve(type: Type): Type {
		return resolve(type, this.#options.definitions) ?? type;
	}

	canBeUndefined(type: Type): boolean {
		return alternativesOf(type, this.#options.definitions).some((one) => one.type.kind === "undefined");
	}

	isDeep(type: Type): boolean {
		return this.#levelsOf(type) > uncountedLevels;
	}

	functionsOf(type: Type, wanted: string, elements?: readonly string[]): Functions {
		const key = typeKey(type);
		const known = this.#functions.get(key);
		if (known !== undefined) return known;
		const { names } = this.#options;
		const name = pascalCase(identifierOf(shapeName(type) ?? wanted));
		const functions = { write: names.take(`write${name}`), read: names.take(`read${name}`) };
		this.#functions.set(key, functions);
		const place = this.#blocks.push([], []) - 2;
		this.#within(() => {
			this.#blocks[place] = writeFunction(this, this.resolve(type), functions.write, name, elements);
			this.#blocks[place + 1] = readFunction(this, this.resolve(type), functions.read, name, elements);
		});
		return functions;
	}

	/** A function asks for those of the types inside, and they for theirs. */
	#within(emit: () => void): void {
		if (this.#depth >= maxDepth) {
			this.#later.push(emit);
			return;
		}
		this.#depth++;
		emit();
		if (this.#depth === 1) for (let next = this.#later.pop(); next !== undefined; next = this.#later.pop()) next();
		this.#depth--;
	}

	scope(): Names {
		return this.#options.names.inner(innerNames);
	}

	isUndefinedAllowed(one: { readonly isUndefinedAllowed: boolean }): boolean {
		return one.isUndefinedAllowed || this.#options.isUndefinedOptional;
	}

	keyFor(text: string): string {
		return this.#constant(
			`key ${text}`,
			`${camelCase(identifierOf(text))}Key`,
			() => code`${compiled.keyOf}(${JSON.stringify(text)})`,
		);
	}

	startFor(size: number, text: string): string {
		return this.#constant(
			`start ${size} ${text}`,
			`${camelCase(identifierOf(text))}Start`,
			() => code`${compiled.startOf}(${String(size)}, ${JSON.stringify(text)})`,
		);
	}

	checkFor({ type }: Extract<Scalar, { check: "schema" }>): string {
		return this.#constant(
			`check ${typeKey(type)}`,
			"isValid",
			() => code`${compiled.checkOf}(${this.#options.schemas.expression(type)})`,
		);
	}

	setFor(values: readonly (string | number | boolean | bigint)[]): string {
		const texts = values.map(literalText);
		return this.#constant(
			`set ${texts.join()}`,
			"values",
			() =>
				code`new Set<unknown>(${list(
					"[",
					texts.map((text): Code => [text]),
					"]",
				)})`,
		);
	}

	codecFor(type: Type, owner: string, part: string, { reason }: Odd): string {
		const { schemas, conversions, planner } = this.#options;
		return this.#constant(`codec ${typeKey(type)}`, `${camelCase(owner + pascalCase(identifierOf(part)))}Codec`, () => {
			this.remarks.push({ part: `${owner}.${part}`, reason });
			const plan = planner.planOf(type);
			const parts = [schemas.expression(type)];
			if (plan !== undefined) parts.push(code`{ conversion: ${conversions.expression(plan)} }`);
			return code`${runtime.messageCodec}${list("(", parts, ")")}`;
		});
	}

	#constant(key: string, wanted: string, value: () => Code): string {
		const known = this.#named.get(key);
		if (known !== undefined) return known;
		const name = this.#options.names.take(wanted);
		this.#named.set(key, name);
		this.#constants.push(code`const ${name} = ${value()};`);
		return name;
	}

	/** How many values can lie in one another; general codecs look after what is in the parts that are theirs. */
	#levelsOf(type: Type): number {
		if (type.kind !== "reference") {
			const own = type.kind === "map" ? 2 : Number(nesting.has(type.kind));
			return own + Math.max(0, ...childrenOf(type).map((child) => this.#levelsOf(child)));
		}
		if (this.#recursive.has(type.name)) return Number.POSITIVE_INFINITY;
		let found = this.#levels.get(type.name);
		if (found === undefined) {
			found = this.#levelsOf(this.resolve(type));
			this.#levels.set(type.name, found);
		}
		return found;
	}
}
