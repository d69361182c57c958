/** What the functions of one shape need of all the others. */
import type { Type } from "../../model/model.js";
import type { Names } from "../names.js";
import type { Kinds, Odd } from "./kinds.js";
import type { Checks } from "./scalars.js";

export interface Functions {
	readonly write: string;
	readonly read: string;
}

export interface Codecs extends Checks {
	kindsOf(type: Type): Kinds | Odd;
	/** Of a type that is none of the odd ones. */
	evenKindsOf(type: Type): Kinds;
	resolve(type: Type): Type;
	/** Whether `undefined` is one of its values. */
	canBeUndefined(type: Type): boolean;
	/** Whether values can be nested in values so often that a function counts how deep it is. */
	isDeep(type: Type): boolean;
	/** Whether something optional may be there all the same, and be `undefined`. */
	isUndefinedAllowed(one: { readonly isUndefinedAllowed: boolean }): boolean;
	/** The functions of a shape. `wanted`: what to call it if it has no name; `elements`: what those of an argument list are called. */
	functionsOf(type: Type, wanted: string, elements?: readonly string[]): Functions;
	/** A scope for the names inside of a function. */
	scope(): Names;
	/** The octets of a text. */
	keyFor(text: string): string;
	/** Those of an object of so many properties up to the value of its first, which has this name. */
	startFor(size: number, text: string): string;
	/** The general codec of a part that nothing is compiled for. */
	codecFor(type: Type, owner: string, part: string, odd: Odd): string;
}
