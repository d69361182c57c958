/** Names in Python. */

const keywords = (
	"False None True and as assert async await break case class continue def del elif else except finally for from global if " +
	"import in is lambda match nonlocal not or pass raise return try type while with yield"
).split(" ");

/** Modules that generated code uses by these names, and builtins in its annotations. */
const used = "_homing abc datetime typing bool bytes dict float int list self set str super tuple".split(" ");

/** One scope of names. */
export class PythonNames {
	readonly #taken: Set<string>;

	constructor(taken: Iterable<string> = []) {
		this.#taken = new Set([...keywords, ...used, ...taken]);
	}

	/** The wanted name if it is free, else one like it. It is taken from then on. */
	take(wanted: string): string {
		let name = wanted;
		for (let count = 1; this.#taken.has(name); count++) name = `${wanted}_${count === 1 ? "" : count}`;
		this.#taken.add(name);
		return name;
	}
}

/** `transferOrder`, `HTTPRequest`, `odd name` as `transfer_order`, `http_request`, `odd_name`. */
export function snakeCase(name: string): string {
	return identifier(
		name.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2"),
	).toLowerCase();
}

/** `odd name` as `OddName`; the start of a class's name. */
export function pascalCase(name: string): string {
	const words = name.split(/[^\p{ID_Continue}]+/u).filter((word) => word !== "");
	return identifier(words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""));
}

/** Two underscores at the start would mean something else in a class. */
export function identifier(name: string): string {
	const plain = name.replaceAll(/[^\p{ID_Continue}]+/gu, "_").replace(/^_+/, "_");
	return /^[\p{ID_Start}_]/u.test(plain) ? plain : `_${plain}`;
}
