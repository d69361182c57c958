/** Gives types their names in the model, and sees to it that a recursive type is read once. */
import { ts } from "ts-morph";
import type { Definition, Type, TypeText } from "../model/model.js";
import { referencesIn } from "../model/walk.js";
import type { ReadContext, Site } from "./context.js";
import { documentationOf } from "./documentation.js";
import { Growth } from "./growth.js";
import { declaredName, importedName, instanceText, nameText, typeText } from "./names.js";
import { type DefinitionRequest, type Mention, textOf, unreadable } from "./reading.js";
import { constrainedAlias, constraintsIn } from "./spelling.js";
import { writtenOut } from "./written-out.js";

/** Types inside types, beyond which objects are read later: each takes its part of the stack. */
const maxDepth = 48;

type Draft = { -readonly [Key in keyof Definition]: Definition[Key] } & {
	isDone: boolean;
	/** Of a generic type, or of one without a name of its own. */
	instance: ts.Type | undefined;
	readonly site: Site;
};

export class DefinitionTable {
	readonly #context: ReadContext;
	readonly #bySymbol = new Map<ts.Symbol, Draft>();
	/** By the type, and by the constraints that the mention has beside it. */
	readonly #byInstance = new Map<ts.Type, Map<string, Draft>>();
	readonly #byName = new Map<string, Draft>();
	/** Types without a name of their own that contain themselves. */
	readonly #recursive = new Map<ts.Type, Draft>();
	/** Types without a name of their own that are being read, and the names of those found to contain themselves. */
	readonly #open = new Map<ts.Type, { draft: Draft | undefined }>();
	readonly #growth: Growth;
	#depth = 0;
	readonly #later: (() => void)[] = [];

	constructor(context: ReadContext) {
		this.#context = context;
		this.#growth = new Growth(context.checker);
	}

	/** In the order in which they were asked for. */
	get all(): readonly Definition[] {
		return [...this.#byName.values()].map(({ isDone, instance, site, ...definition }) => definition);
	}

	/** Only if it has been read to its end. */
	find(name: string): Definition | undefined {
		const draft = this.#byName.get(name);
		return draft?.isDone ? draft : undefined;
	}

	define(request: DefinitionRequest, site: Site): Type {
		const { symbol, instance, mention } = request;
		const constraints = mention === undefined ? "" : constraintsIn(this.#context, mention);
		const known =
			instance === undefined ? this.#bySymbol.get(symbol) : this.#byInstance.get(instance)?.get(constraints);
		if (known !== undefined) return { kind: "reference", name: known.name };
		const read = (): Type => {
			const draft = this.#draft(this.#nameOf(request), this.#textOf(request), site, symbol);
			draft.isPublic = instance === undefined && importedName(this.#context, symbol) !== undefined;
			draft.isBranded = request.isBranded;
			draft.instance = instance;
			if (instance === undefined) this.#bySymbol.set(symbol, draft);
			else this.#instancesOf(instance).set(constraints, draft);
			// Nobody who mentions an object looks into it at once, as for the constraints of an alias.
			if (this.#depth >= maxDepth && instance === undefined && this.#isObject(symbol)) {
				this.#later.push(() => this.#finish(draft, request.read()));
				return { kind: "reference", name: draft.name };
			}
			return this.#finish(draft, this.#nested(request.read));
		};
		if (instance === undefined) return read();
		return this.#growth.within(instance, read) ?? this.#endless(symbol.name, site);
	}

	#instancesOf(type: ts.Type): Map<string, Draft> {
		const known = this.#byInstance.get(type);
		if (known !== undefined) return known;
		const instances = new Map<string, Draft>();
		this.#byInstance.set(type, instances);
		return instances;
	}

	/** A type without a name of its own, as `Partial<Tree>`: it gets one if it turns out to contain itself. */
	inline(type: ts.Type, site: Site, read: () => Type): Type {
		const known = this.#recursive.get(type);
		if (known !== undefined) return { kind: "reference", name: known.name };
		const open = this.#open.get(type);
		if (open !== undefined) {
			const name = type.aliasSymbol === undefined ? "Inline" : `${type.aliasSymbol.name}Of${this.#argumentNames(type)}`;
			open.draft ??= this.#draft(name, instanceText(this.#context, type), site);
			open.draft.instance = type;
			return { kind: "reference", name: open.draft.name };
		}
		const entry: { draft: Draft | undefined } = { draft: undefined };
		this.#open.set(type, entry);
		const result = this.#growth.within(type, () => this.#nested(read));
		this.#open.delete(type);
		if (result === undefined) return this.#endless(textOf(this.#context, type), site);
		if (entry.draft === undefined) return result;
		this.#recursive.set(type, entry.draft);
		return this.#finish(entry.draft, result);
	}

	#nested(read: () => Type): Type {
		this.#depth++;
		const type = read();
		if (this.#depth === 1) for (let next = this.#later.pop(); next !== undefined; next = this.#later.pop()) next();
		this.#depth--;
		return type;
	}

	#isObject(symbol: ts.Symbol): boolean {
		if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) return true;
		const { objectFlags } = this.#context.checker.getDeclaredTypeOfSymbol(symbol) as Partial<ts.ObjectType>;
		return ((objectFlags ?? 0) & (ts.ObjectFlags.Anonymous | ts.ObjectFlags.Mapped)) !== 0;
	}

	#endless(name: string, site: Site): Type {
		this.#context.report("HC026", site, `\`${name}\` contains itself with ever new type arguments, without end.`);
		return unreadable;
	}

	#draft(wanted: string, text: TypeText | undefined, site: Site, symbol?: ts.Symbol): Draft {
		let name = wanted;
		for (let count = 2; this.#byName.has(name); count++) name = `${wanted}${count}`;
		const documented = documentationOf(this.#context, symbol?.declarations ?? []);
		const draft = {
			name,
			type: unreadable,
			text,
			isPublic: false,
			isBranded: false,
			...documented,
			isDone: false,
			instance: undefined,
			site,
		};
		this.#byName.set(name, draft);
		return draft;
	}

	#finish(draft: Draft, type: Type): Type {
		draft.type = type;
		draft.isDone = true;
		return { kind: "reference", name: draft.name };
	}

	/** A recursive schema cannot be inferred: its type has to be written, so it must have a name there, or arguments that can be written out. */
	nameRecursive(): void {
		for (const draft of this.#byName.values()) {
			if (draft.text !== undefined || !this.#isRecursive(draft)) continue;
			const { instance, name, site } = draft;
			draft.text = instance && instanceText(this.#context, instance, writtenOut);
			if (draft.text !== undefined) continue;
			const symbol = instance?.aliasSymbol ?? instance?.symbol;
			if (symbol === undefined || nameText(this.#context, symbol) === undefined) {
				const message = `\`${name}\` contains itself and is not exported: the generated file has to name it.`;
				this.#context.report("HC025", site, message);
			} else {
				const message = `\`${name}\` contains itself and has a type argument that the generated file cannot name.`;
				this.#context.report("HC025", site, message, "Give the argument a name, and export it.");
			}
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
		if (instance !== undefined) {
			const spelt = mention === undefined ? undefined : typeText(this.#context, mention.node, mention.bindings);
			return spelt ?? instanceText(this.#context, instance);
		}
		return nameText(this.#context, symbol);
	}

	/** `Page`, `PageOfUser`. */
	#nameOf({ symbol, instance, mention }: DefinitionRequest): string {
		const own = symbol.name === "default" ? (declaredName(symbol) ?? "Default") : symbol.name;
		return instance === undefined ? own : `${own}Of${this.#argumentNames(instance, mention)}`;
	}

	#argumentNames(instance: ts.Type, mention?: Mention): string {
		const declared =
			instance.aliasTypeArguments ?? this.#context.checker.getTypeArguments(instance as ts.TypeReference);
		const names = declared.map((argument, index) => {
			const node = mention?.node.typeArguments?.[index];
			const alias = node === undefined ? undefined : constrainedAlias(this.#context, node, mention!.bindings);
			return capitalized(alias ?? this.#shortName(argument));
		});
		return names.join("And");
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
