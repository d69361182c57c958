/** Notices generic types that contain themselves with ever new arguments: reading them would never end. */
import { ts } from "ts-morph";

/** So many instances of one generic type inside one another, the arguments of each deeper than those of all before. */
const maxGrowing = 6;

/** So many, whatever their arguments: some grow that do not get deeper, as texts in template literals. */
const maxNested = 200;

/** Deeper arguments are not told apart. */
const maxDepth = 100;

/** The instances of one generic type that are being read, the outermost first. */
interface Open {
	count: number;
	/** The depths of those that are deeper than all before them. */
	readonly deepest: number[];
}

export class Growth {
	readonly #checker: ts.TypeChecker;
	readonly #open = new Map<ts.Symbol | undefined, Open>();
	readonly #depths = new Map<ts.Type, number>();

	constructor(checker: ts.TypeChecker) {
		this.#checker = checker;
	}

	/** Reads an instance, unless it has grown out of those it is in. */
	within<T>(instance: ts.Type, read: () => T): T | undefined {
		const symbol = instance.aliasSymbol ?? instance.symbol;
		const open = this.#open.get(symbol) ?? { count: 0, deepest: [] };
		this.#open.set(symbol, open);
		const depth = this.#depthOf(instance);
		const isDeeper = depth > (open.deepest.at(-1) ?? 0);
		if (open.count >= maxNested || (isDeeper && open.deepest.length >= maxGrowing)) return undefined;
		open.count++;
		if (isDeeper) open.deepest.push(depth);
		const result = read();
		open.count--;
		if (isDeeper) open.deepest.pop();
		return result;
	}

	/** How many types a type's arguments, members and, if it has no name, properties have inside one another. */
	#depthOf(type: ts.Type): number {
		const known = this.#depths.get(type);
		if (known !== undefined) return known;
		// What contains itself is met again while it is measured.
		this.#depths.set(type, 0);
		const depth = Math.min(maxDepth, 1 + Math.max(0, ...this.#partsOf(type).map((part) => this.#depthOf(part))));
		this.#depths.set(type, depth);
		return depth;
	}

	#partsOf(type: ts.Type): readonly ts.Type[] {
		if (type.aliasTypeArguments !== undefined) return type.aliasTypeArguments;
		if (type.isUnionOrIntersection()) return type.types;
		if (!(type.flags & ts.TypeFlags.Object)) return [];
		const { objectFlags } = type as ts.ObjectType;
		if (objectFlags & ts.ObjectFlags.Reference) return this.#checker.getTypeArguments(type as ts.TypeReference);
		if (!(objectFlags & ts.ObjectFlags.Anonymous) || type.aliasSymbol !== undefined) return [];
		return this.#checker.getPropertiesOfType(type).map((property) => this.#checker.getTypeOfSymbol(property));
	}
}
