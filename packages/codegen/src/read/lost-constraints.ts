/** Warns where a type has lost the constraints of what it is made of: the compiler forgets aliases, and not every spelling can be followed. */
import { ts } from "ts-morph";
import type { Constraint, Type } from "../model/model.js";
import { childrenOf } from "../model/walk.js";
import { carriesConstraints, constraintsOn, mayCarry } from "./constraints.js";
import type { ReadContext, Site } from "./context.js";
import { indexedHint } from "./members.js";
import { noBindings, type Reading } from "./reading.js";
import { hasConstraints } from "./spelling.js";

/** `node` is how the source spells what has been read. In a package it is not the user's to mend. */
export function warnOfLostConstraints(reading: Reading, node: ts.TypeNode | undefined, read: Type, site: Site): void {
	const { context } = reading;
	if (node === undefined || context.isForeign(node.getSourceFile())) return;
	const mentioned = constrainedAliasesIn(context, node);
	if (mentioned.size === 0) return;
	for (const alias of mentioned) {
		const constraints = constraintsOn(context.docOf(alias).tags);
		if (!isLost(reading, read, constraints)) continue;
		context.report(
			"HC034",
			site,
			`${site.trail} is made of \`${alias.name.text}\`, and its constraints cannot be followed there: they are not checked.`,
		);
	}
}

/** Those that the node is made of; but not those of the types that it merely names, nor of properties: these are looked at where they are read. */
function constrainedAliasesIn(context: ReadContext, root: ts.TypeNode): Set<ts.TypeAliasDeclaration> {
	const found = new Set<ts.TypeAliasDeclaration>();
	const open = new Set<ts.Node>();
	const visit = (node: ts.Node): void => {
		if (ts.isTypeReferenceNode(node)) visitReference(node);
		else if (ts.isConditionalTypeNode(node)) {
			visit(node.trueType);
			visit(node.falseType);
		} else if (ts.isIndexedAccessTypeNode(node)) visitIndexed(node);
		else if (ts.isTypeOperatorNode(node)) {
			if (node.operator === ts.SyntaxKind.ReadonlyKeyword) visit(node.type);
		} else if (!ts.isTypeLiteralNode(node)) ts.forEachChild(node, visit);
	};
	const visitIndexed = (node: ts.IndexedAccessTypeNode) => {
		const one = indexedHint(context, node, noBindings);
		if (one === undefined || one.bindings.size > 0) {
			visit(node.objectType);
			if (!ts.isLiteralTypeNode(node.indexType)) visitMembers(node.objectType);
		} else if (!open.has(one.node)) {
			open.add(one.node);
			visit(one.node);
		}
	};
	const visitReference = (node: ts.TypeReferenceNode) => {
		const symbol = context.symbolAt(node.typeName);
		if (symbol === undefined || symbol.flags & ts.SymbolFlags.TypeParameter) return;
		const [first] = node.typeArguments ?? [];
		const isChoice = context.isLibrarySymbol(symbol) && ["Exclude", "Extract"].includes(symbol.name);
		if (isChoice) first && visit(first);
		else node.typeArguments?.forEach(visit);
		const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
		if (alias === undefined || context.isLibrarySymbol(symbol)) return;
		if (hasConstraints(context, alias)) found.add(alias);
		else if (alias.typeParameters !== undefined && !open.has(alias)) {
			open.add(alias);
			visit(alias.type);
		}
	};
	/** Of an object of which any property may be meant. */
	const visitMembers = (node: ts.TypeNode) => {
		if (ts.isParenthesizedTypeNode(node)) return visitMembers(node.type);
		if (ts.isTypeLiteralNode(node)) return visitProperties(node.members);
		const symbol = ts.isTypeReferenceNode(node) ? context.symbolAt(node.typeName) : undefined;
		for (const declaration of symbol?.declarations ?? []) {
			if (open.has(declaration)) continue;
			open.add(declaration);
			if (ts.isInterfaceDeclaration(declaration)) visitProperties(declaration.members);
			if (ts.isTypeAliasDeclaration(declaration)) visitMembers(declaration.type);
		}
	};
	const visitProperties = (members: readonly ts.TypeElement[]) => {
		for (const member of members) if (ts.isPropertySignature(member) && member.type) visit(member.type);
	};
	visit(root);
	return found;
}

/** None of the type's parts has them, and one could. It is looked no further than to the first that has them, which is near. */
function isLost(reading: Reading, read: Type, constraints: readonly Constraint[]): boolean {
	const seen = new Set<string>();
	let isWanting = false;
	let level: readonly Type[] = [read];
	while (level.length > 0) {
		const next: Type[] = [];
		for (const part of level) {
			if (carriesConstraints(part, constraints)) return false;
			isWanting ||= mayCarry(part, constraints);
			if (part.kind !== "reference") next.push(...childrenOf(part));
			else if (!seen.has(part.name)) {
				seen.add(part.name);
				const target = reading.definition(part.name)?.type;
				if (target !== undefined) next.push(target);
			}
		}
		level = next;
	}
	return isWanting;
}
