/** Names a place in a service, for people and for whoever looks it up in the sources. */

export interface Place {
	/** Of the source; `undefined` where it has no place any more. Not shown. */
	readonly file?: string | undefined;
	readonly service: string;
	/** `undefined`: the service itself. */
	readonly method?: string | undefined;
	/** From the method inwards. */
	readonly steps?: readonly Step[] | undefined;
}

export type Step =
	/** Of a method, or of a callback. */
	| { readonly kind: "parameter"; readonly name: string; readonly index: number }
	/** Of a method, or of a callback. */
	| { readonly kind: "result" }
	| { readonly kind: "error"; readonly name: string }
	| { readonly kind: "property"; readonly name: string }
	/** Of an array, a set or a stream, of a tuple behind its named elements, or the value of a record or map. */
	| { readonly kind: "element" }
	| { readonly kind: "position"; readonly index: number }
	/** Of a record or map. */
	| { readonly kind: "key" };

/** `Bank.transfer(order).lines[].price`. */
export function trailOf({ service, method, steps = [] }: Place): string {
	return `${service}${method === undefined ? "" : propertyTrail(method)}${stepsTrail(steps)}`;
}

export function stepsTrail(steps: readonly Step[]): string {
	return steps.map(stepTrail).join("");
}

function stepTrail(step: Step): string {
	switch (step.kind) {
		case "parameter":
			return `(${step.name})`;
		case "result":
			return "()";
		case "error":
			return ` throws ${step.name}`;
		case "property":
			return propertyTrail(step.name);
		case "element":
			return "[]";
		case "position":
			return `[${step.index}]`;
		case "key":
			return " (key)";
	}
}

function propertyTrail(name: string): string {
	return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
