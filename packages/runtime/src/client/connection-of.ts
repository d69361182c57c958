import { shown } from "../numeric-option.js";
import type { Connection } from "./connection.js";

/** The connection that a stub was given; one of another copy of this package, and a test's own, is one too. Throws a TypeError for what is none. */
export function connectionOf(given: Connection): Connection {
	if (typeof (given as Partial<Connection> | undefined)?.call === "function") return given;
	const remedy = typeof given === "string" ? `connect(${JSON.stringify(given)})` : "what connect() returns";
	throw new TypeError(`a client calls through a connection: give it ${remedy}, not ${shown(given)}`);
}
