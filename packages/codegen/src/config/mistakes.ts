/** Says in a user's words what zod found wrong with a document. */
import * as z from "zod";
import { nearest } from "../nearest.js";

/** Everything that is wrong with a value, each with the way to it: `inputs[1].out: expected text`. */
export function mistakesIn(value: unknown, schema: z.ZodType): string[] {
	const issues = schema.safeParse(value, { error: inWords }).error?.issues ?? [];
	return issues.flatMap((issue) => told(issue, []));
}

function told(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string[] {
	const path = [...above, ...issue.path];
	const at = (way: readonly PropertyKey[], message: string) =>
		way.length === 0 ? message : `${z.core.toDotPath(way)}: ${message}`;
	// What the keys could have been is known to the schema alone, and it tells them all in one message.
	if (issue.code === "unrecognized_keys") {
		const known = issue.message.split(" ");
		return issue.keys.map((key) => at([...path, key], `there is no such key${meant(key, known)}`));
	}
	if (issue.code !== "invalid_union") return [at(path, issue.message)];
	// One branch is of the value's own kind: its mistakes are those that were made.
	const ofKind = issue.errors.find((branch) => !branch.some(isOfAnotherKind));
	return ofKind === undefined ? [at(path, issue.message)] : ofKind.flatMap((inner) => told(inner, path));
}

function isOfAnotherKind({ code, path }: z.core.$ZodIssue): boolean {
	return code === "invalid_type" && path.length === 0;
}

const names: Readonly<Record<string, string>> = {
	string: "text",
	boolean: "true or false",
	array: "a list",
	object: "an object",
};

const inWords: z.core.$ZodErrorMap = (issue) => {
	if (issue.input === undefined) return "is missing";
	switch (issue.code) {
		case "invalid_type":
			return `expected ${names[issue.expected] ?? issue.expected}`;
		case "invalid_union": {
			const kinds = issue.errors.flatMap((branch) => branch.filter(isOfAnotherKind).map(({ message }) => message));
			return kinds.join(" or ").replaceAll(" or expected ", " or ");
		}
		case "invalid_value": {
			const values = issue.values.map(String);
			const expected = `expected ${values.map((one) => JSON.stringify(one)).join(" or ")}`;
			return typeof issue.input === "string" ? `${expected}${meant(issue.input, values)}` : expected;
		}
		case "too_small":
			return issue.origin === "array" ? "expected one at least" : "expected text that is not empty";
		case "unrecognized_keys":
			return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(" ") : undefined;
		default:
			return undefined;
	}
};

function meant(word: string, candidates: readonly string[]): string {
	const likely = nearest(word, candidates);
	return likely === undefined ? `; there are ${candidates.join(", ")}` : `; did you mean \`${likely}\`?`;
}
