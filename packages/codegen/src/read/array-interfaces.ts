/** Reads `interface Lines extends Array<Line> {}`. */
import { ts } from "ts-morph";
import type { Type } from "../model/model.js";
import type { Site } from "./context.js";
import { type Bindings, hintFor, type Reading, unreadable } from "./reading.js";

/** The array that an interface is; `undefined` if it is none. */
export function readArrayInterface(
	reading: Reading,
	type: ts.Type,
	site: Site,
	bindings: Bindings,
): (() => Type) | undefined {
	const { context } = reading;
	const base = arrayBaseOf(context.checker, type);
	if (base === undefined) return undefined;
	return () => {
		const inherited = new Set(context.checker.getPropertiesOfType(base).map(({ name }) => name));
		const own = context.checker.getPropertiesOfType(type).find(({ name }) => !inherited.has(name));
		if (own !== undefined) {
			const message = `${site.trail} is \`${type.symbol.name}\`, an array with the property \`${own.name}\` of its own, which would not arrive.`;
			context.report("HC017", site, message, "Make it an object with the array as one of its properties.");
			return unreadable;
		}
		// By the index: the base of an instance of a generic interface is not filled in.
		const element = context.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
		if (element === undefined) return unreadable;
		const inner = { ...site, trail: `${site.trail}[]` };
		const hint = hintFor(context, elementNodeOf(type.symbol), element, bindings);
		return { kind: "array", element: reading.read(element, hint, inner), constraints: [] };
	};
}

function arrayBaseOf(checker: ts.TypeChecker, type: ts.Type): ts.Type | undefined {
	if ((type.symbol.flags & ts.SymbolFlags.Interface) === 0) return undefined;
	const declared = checker.getDeclaredTypeOfSymbol(type.symbol) as ts.InterfaceType;
	for (const base of checker.getBaseTypes(declared)) {
		if (checker.isArrayType(base)) return base;
		const inner = base.symbol === undefined ? undefined : arrayBaseOf(checker, base);
		if (inner !== undefined) return inner;
	}
	return undefined;
}

/** What the interface itself gives to `Array` or `ReadonlyArray`. */
function elementNodeOf(symbol: ts.Symbol): ts.TypeNode | undefined {
	for (const declaration of symbol.declarations ?? []) {
		if (!ts.isInterfaceDeclaration(declaration)) continue;
		for (const base of declaration.heritageClauses?.flatMap(({ types }) => types) ?? []) {
			if (/^(Readonly)?Array$/.test(base.expression.getText())) return base.typeArguments?.[0];
		}
	}
	return undefined;
}
