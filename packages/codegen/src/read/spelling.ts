/** Tells mentions of one type apart that differ in constraints alone: `Page<string>`, and `Page<AccountId>`. */
import { ts } from "ts-morph";
import { constraintKeywords } from "../model/model.js";
import type { ReadContext } from "./context.js";
import { type Bindings, bindingsIn, type Mention } from "./reading.js";

const keywords: ReadonlySet<string> = new Set(constraintKeywords);

/** The constraints in a type's arguments, each at its place: equal for mentions that may share a definition. */
export function constraintsIn(context: ReadContext, { node, bindings }: Mention): string {
	const open = new Set<ts.Symbol>();
	const visitAll = (nodes: readonly ts.Node[], bound: Bindings) => nodes.map((one) => visit(one, bound)).join("");
	const visit = (part: ts.Node, bound: Bindings): string => {
		if (!ts.isTypeReferenceNode(part)) {
			const children: ts.Node[] = [];
			ts.forEachChild(part, (child) => void children.push(child));
			return `(${visitAll(children, bound)})`;
		}
		const symbol = context.symbolAt(part.typeName);
		const hint = symbol === undefined ? undefined : bound.get(symbol)?.hint;
		if (hint !== undefined) return visit(hint.node, hint.bindings);
		const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
		if (symbol === undefined || alias === undefined || open.has(symbol) || context.isLibrarySymbol(symbol)) {
			return `<${visitAll(part.typeArguments ?? [], bound)}>`;
		}
		open.add(symbol);
		const inner = visit(alias.type, bindingsIn(context, part, bound));
		open.delete(symbol);
		return tagsOf(context, alias) + inner;
	};
	return visitAll(node.typeArguments ?? [], bindings);
}

/** The alias with constraints that a type argument is, if it is one: it says more than the type's own name. */
export function constrainedAlias(context: ReadContext, node: ts.TypeNode, bindings: Bindings): string | undefined {
	if (!ts.isTypeReferenceNode(node)) return undefined;
	const symbol = context.symbolAt(node.typeName);
	const hint = symbol === undefined ? undefined : bindings.get(symbol)?.hint;
	if (hint !== undefined) return constrainedAlias(context, hint.node, hint.bindings);
	const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
	return alias === undefined || tagsOf(context, alias) === "" ? undefined : alias.name.text;
}

export function hasConstraints(context: ReadContext, alias: ts.TypeAliasDeclaration): boolean {
	return tagsOf(context, alias) !== "";
}

function tagsOf(context: ReadContext, alias: ts.TypeAliasDeclaration): string {
	const { tags } = context.docOf(alias);
	return tags.flatMap(({ name, argument }) => (keywords.has(name) ? `@${name} ${argument}\n` : [])).join("");
}
