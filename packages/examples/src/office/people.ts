import { bearerToken, connect } from "@homing/runtime";

/** Who may come in, by the token that each of them has. In earnest tokens are no constants. */
export const people = new Map([
	["token-of-ada", "ada"],
	["token-of-the-boss", "the boss"],
]);

/** A connection on which somebody is known. */
export function connectAs(person: string, endpoint: string) {
	const [token] = [...people].find(([, name]) => name === person)!;
	return connect(endpoint, { interceptors: [bearerToken(() => token)] });
}
