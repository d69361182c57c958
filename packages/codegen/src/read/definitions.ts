/** Gives types their names in the model, and sees to it that a recursive type is read once. */
import type { ts } from "ts-morph";
import type { Definition, ImportedName, Type, TypeText } from "../model/model.js";
import { referencesIn } from "../model/walk.js";
import type { ReadContext, Site } from "./context.js";
import { declaredName, importedName, typeText } from "./names.js";
import { type DefinitionRequest, unreadable } from "./reading.js";

/** Generic types inside generic types: beyond this they are taken to grow without end. */
const maxDepth = 64;

type Draft = { -readonly [Key in keyof Definition]: Definition[Key] } & { isDone: boolean; readonly site: Site };

export class DefinitionTable {
	readonly #context: ReadContext;
	readonly #bySymbol = new Map<ts.Symbol, Draft>();
	readonly #byInstance = new Map<ts.Type, Draft>();
	readonly #byName = new Map<string, Draft>();
	#depth = 0;

	constructor(context: ReadContext) {
		this.#context = context;
	}

	/** In the order in which they were asked for. */
	get all(): readonly Definition[] {
		return [...this.#byName.values()].map(({ isDone, site, ...definition }) => definition);
	}

	/** Only if it has been read to its end. */
	find(name: string): Definition | undefined {
		const draft = this.#byName.get(name);
		return draft?.isDone ? draft : undefined;
	}

	define(request: DefinitionRequest, site: Site): Type {
		const { symbol, instance } = request;
		const known = instance === undefined ? this.#bySymbol.get(symbol) : this.#byInstance.get(instance);
		if (known !== undefined) {
			// An instance met first where its arguments were not spelt may be spelt here.
			if (instance !== undefined) known.text ??= this.#textOf(request);
			return { kind: "reference", name: known.name };
		}
		if (this.#depth >= maxDepth) {
			this.#context.report(
				"HC026",
				site,
				`\`${symbol.name}\` contains itself with ever new type arguments, without end.`,
			);
			return unreadable;
		}
		const draft: Draft = {
			name: this.#freeName(request),
			type: unreadable,
			text: this.#textOf(request),
			isPublic: instance === undefined && importedName(this.#context, symbol) !== undefined,
			isBranded: request.isBranded,
			isDone: false,
			site,
		};
		this.#byName.set(draft.name, draft);
		if (instance === undefined) this.#bySymbol.set(symbol, draft);
		else this.#byInstance.set(instance, draft);
		this.#depth++;
		draft.type = request.read();
		this.#depth--;
		draft.isDone = true;
		return { kind: "reference", name: draft.name };
	}

	/** A recursive schema cannot be inferred: its type has to be written, so it must have a name there. */
	reportNamelessRecursion(): void {
		for (const draft of this.#byName.values()) {
			if (draft.text !== undefined || !this.#isRecursive(draft)) continue;
			const message = `\`${draft.name}\` contains itself and is not exported: the generated file has to name it.`;
			this.#context.report("HC025", draft.site, message);
		}
	}

	#isRecursive(draft: Draft): boolean {
		const seen = new Set<string>();
		const pending = [...referencesIn(draft.type)];
		for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
			if (name === draft.name) return true;
			if (seen.has(name)) continue;
			seen.add(name);
			const next = this.#byName.get(name);
			if (next !== undefined) pending.push(...referencesIn(next.type));
		}
		return false;
	}

	#textOf({ symbol, instance, mention }: DefinitionRequest): TypeText | undefined {
		if (instance !== undefined) return mention === undefined ? undefined : typeText(this.#context, mention);
		const name: ImportedName | undefined = importedName(this.#context, symbol);
		return name === undefined ? undefined : [name];
	}

	/** `Page`, `PageOfUser`, and with a number where that is taken. */
	#freeName({ symbol, instance }: DefinitionRequest): string {
		const own = symbol.name === "default" ? (declaredName(symbol) ?? "Default") : symbol.name;
		const wanted = instance === undefined ? own : `${own}Of${this.#argumentNames(instance)}`;
		let name = wanted;
		for (let count = 2; this.#byName.has(name); count++) name = `${wanted}${count}`;
		return name;
	}

	#argumentNames(instance: ts.Type): string {
		const declared =
			instance.aliasTypeArguments ?? this.#context.checker.getTypeArguments(instance as ts.TypeReference);
		return declared.map((argument) => capitalized(this.#shortName(argument))).join("And");
	}

	#shortName(type: ts.Type): string {
		const symbol = type.aliasSymbol ?? type.symbol;
		if (symbol !== undefined && /^[A-Za-z]\w*$/.test(symbol.name)) return symbol.name;
		const text = this.#context.checker.typeToString(type);
		return /^[a-z]\w*$/.test(text) ? text : "Other";
	}
}

function capitalized(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
