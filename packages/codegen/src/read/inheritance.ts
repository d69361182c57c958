/** Follows what a service inherits. */
import { ts } from "ts-morph";
import type { ReadContext } from "./context.js";
import { type Bindings, bindingsIn, noBindings } from "./reading.js";

/** What type parameters stand for in the bodies of the interfaces that a service is made of: its own, and those it extends. */
export type Inheritance = ReadonlyMap<ts.Node, Bindings>;

export function inheritanceOf(context: ReadContext, service: ts.Symbol): Inheritance {
	const found = new Map<ts.Node, Bindings>();
	const visit = (symbol: ts.Symbol | undefined, bindings: Bindings): void => {
		for (const declaration of symbol?.declarations ?? []) {
			if (ts.isInterfaceDeclaration(declaration) && !found.has(declaration)) {
				found.set(declaration, bindings);
				for (const base of declaration.heritageClauses?.flatMap(({ types }) => types) ?? [])
					visit(context.symbolAt(base.expression), bindingsIn(context, base, bindings));
			} else if (ts.isTypeAliasDeclaration(declaration) && !found.has(declaration.type)) {
				const { type } = declaration;
				found.set(type, bindings);
				if (ts.isTypeReferenceNode(type)) visit(context.symbolAt(type.typeName), bindingsIn(context, type, bindings));
			}
		}
	};
	visit(service, noBindings);
	return found;
}
