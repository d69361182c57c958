/** Finds free names. */

/** Words that cannot name a constant or parameter, and globals that the generated file itself uses. */
const reserved = [
	"arguments await break case catch class const continue debugger default delete do else enum eval export extends false",
	"finally for function if implements import in instanceof interface let new null package private protected public return",
	"static super switch this throw true try typeof undefined var void while with yield",
	"Array AsyncGenerator AsyncIterable AsyncIterableIterator Awaited Date Extract Iterable Map Parameters Partial Promise Record Required ReturnType Set Uint8Array z",
].flatMap((words) => words.split(" "));

/** Shared: each function that is emitted has a scope of its own. */
const reservedNames: ReadonlySet<string> = new Set(reserved);

/** One scope of names. */
export class Names {
	readonly #taken: ReadonlySet<string>;
	readonly #given = new Set<string>();
	/** Given in the scopes inside: what is named here later on must be seen in there. */
	readonly #inside = new Set<string>();
	/** Given in the scope around this one. */
	readonly #around: ReadonlySet<string>;
	/** What that one keeps of the scopes inside. */
	readonly #insideThat: Set<string>;

	constructor(taken: Iterable<string> = [], outer?: Names) {
		this.#taken = taken instanceof Set ? taken : new Set(taken);
		this.#around = outer === undefined ? new Set() : outer.#given;
		this.#insideThat = outer === undefined ? new Set() : outer.#inside;
	}

	/** A scope inside of this one, as a function's. */
	inner(taken: Iterable<string>): Names {
		return new Names(taken, this);
	}

	/** The names taken, in their order. */
	get given(): readonly string[] {
		return [...this.#given];
	}

	/** The wanted name if it is free, else one like it. It is taken from then on. */
	take(wanted: string, suffix = "_"): string {
		let name = wanted;
		for (let count = 1; this.#isTaken(name); count++) name = `${wanted}${suffix}${count === 1 ? "" : count}`;
		this.#given.add(name);
		this.#insideThat.add(name);
		return name;
	}

	#isTaken(name: string): boolean {
		if (reservedNames.has(name) || this.#taken.has(name)) return true;
		return this.#given.has(name) || this.#inside.has(name) || this.#around.has(name);
	}
}

/** `TransferOrder` as the name of a constant: `transferOrder`; `HTTPRequest`: `httpRequest`. */
export function camelCase(name: string): string {
	return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (start) => start.toLowerCase());
}

/** A service's name as the start of a class's name. */
export function pascalCase(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The words of a text, together. */
export function identifierOf(text: string): string {
	const name = text.replaceAll(/[^\p{ID_Continue}$]+(.)?/gu, (_, next: string | undefined) =>
		(next ?? "").toUpperCase(),
	);
	return /^[\p{ID_Start}$_]/u.test(name) ? name : `_${name}`;
}
