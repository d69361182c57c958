/** Lays out the parameters of methods and callbacks: a rest parameter that is a tuple is a parameter for each of its elements. */
import { ts } from "ts-morph";
import type { ReadContext, Site } from "./context.js";
import type { DeclaredParameter } from "./data-parameters.js";
import { type Bindings, bindingsIn, noBindings, textOf } from "./reading.js";
import { arrayElement, elementType } from "./tuples.js";

export interface ListedParameter extends DeclaredParameter {
	readonly type: ts.Type;
	/** `type` and `typeNode` are then those of each value. */
	readonly isRest: boolean;
	/** Of a rest parameter: the list, as the source spells it. */
	readonly list: { readonly type: ts.Type | undefined; readonly node: ts.TypeNode | undefined } | undefined;
	readonly site: Site;
}

/** Of what cannot be laid out. */
export type RefuseList = (site: Site, problem: string, remedy?: string) => void;

/** In the place of one that was refused: `undefined`. */
export function parametersOf(
	context: ReadContext,
	signature: ts.Signature,
	bindings: Bindings,
	site: Site,
	refuse: RefuseList,
): (ListedParameter | undefined)[] {
	const found: (ListedParameter | undefined)[] = [];
	for (const [index, symbol] of signature.getParameters().entries()) {
		const declaration = symbol.valueDeclaration;
		const isDeclared = declaration !== undefined && ts.isParameter(declaration);
		const name = isDeclared && ts.isIdentifier(declaration.name) ? declaration.name.text : `argument${index + 1}`;
		const inner = context.within(site, declaration, `${site.trail}(${name})`);
		const type = context.checker.getTypeOfSymbol(symbol);
		if (isDeclared) refuseInitializers(context, declaration, inner);
		if (!isDeclared) {
			refuse(inner, "is declared nowhere", "Write the parameters out.");
			found.push(undefined);
		} else if (declaration.dotDotDotToken === undefined) {
			const isOptional = declaration.questionToken !== undefined;
			const rest = { isRest: false, list: undefined };
			found.push({ declaration, typeNode: declaration.type, isOptional, name, bindings, type, site: inner, ...rest });
		} else {
			const taken = new Set(found.map((before) => before?.name));
			found.push(
				...laidOut(context, type, { declaration, name, bindings }, { ...inner, trail: site.trail }, taken, refuse),
			);
		}
	}
	return found;
}

/** The compiler refuses them too, since an interface has no code; what they are meant to say has a tag. */
function refuseInitializers(context: ReadContext, { name, initializer }: ts.ParameterDeclaration, site: Site): void {
	const report = (value: ts.Expression, called: string, what: string) => {
		const message = `${site.trail} has the initializer \`${value.getText()}\`, and an interface has no code that could run it.`;
		const remedy = `Make ${what} optional, and tag it: \`/** @default ${value.getText()} */ ${called}?: ...\`.`;
		context.report("HC002", context.within(site, value, site.trail), message, remedy);
	};
	const visit = (pattern: ts.BindingName): void => {
		if (ts.isIdentifier(pattern)) return;
		for (const element of pattern.elements) {
			if (ts.isOmittedExpression(element)) continue;
			const called = (element.propertyName ?? element.name).getText();
			if (element.initializer !== undefined) report(element.initializer, called, "the property of its type");
			visit(element.name);
		}
	};
	if (initializer !== undefined) report(initializer, name.getText(), "it");
	visit(name);
}

interface RestParameter {
	readonly declaration: ts.ParameterDeclaration;
	readonly name: string;
	readonly bindings: Bindings;
}

/** `site`: that of the parameter, with the trail of what it is a parameter of. */
function laidOut(
	context: ReadContext,
	type: ts.Type,
	{ declaration, name, bindings }: RestParameter,
	site: Site,
	taken: Set<string | undefined>,
	refuse: RefuseList,
): (ListedParameter | undefined)[] {
	const { checker } = context;
	const whole = { ...site, trail: `${site.trail}(${name})` };
	if (checker.isArrayType(type)) {
		const [each] = checker.getTypeArguments(type as ts.TypeReference);
		const { type: node } = declaration;
		const typeNode = node === undefined ? undefined : arrayElement(context, node);
		const list = { type, node };
		return [{ declaration, typeNode, isOptional: false, name, bindings, type: each!, isRest: true, list, site: whole }];
	}
	if (!checker.isTupleType(type)) {
		refuse(
			whole,
			`is \`${textOf(context, type)}\`, which is no list of one kind of values, and no tuple`,
			"Write the parameters out, or take the list as one parameter, without the dots.",
		);
		return [undefined];
	}
	const { elementFlags, labeledElementDeclarations } = (type as ts.TupleTypeReference).target;
	const types = checker.getTypeArguments(type as ts.TypeReference);
	const isOpen = (flags: ts.ElementFlags) => (flags & ts.ElementFlags.Variable) !== 0;
	if (elementFlags.slice(0, -1).some(isOpen) || elementFlags.some((flags) => flags & ts.ElementFlags.Variadic)) {
		refuse(
			whole,
			`is \`${textOf(context, type)}\`, of which any number is not at the end`,
			"Take what there may be any number of last, or as one parameter that is an array.",
		);
		return [undefined];
	}
	const spelled = spelledTuple(context, declaration.type, bindings);
	const nodes = spelled?.node.elements.length === types.length ? spelled.node.elements : [];
	return types.map((each, index): ListedParameter => {
		const label = labeledElementDeclarations?.[index];
		const wanted = label !== undefined && ts.isIdentifier(label.name) ? label.name.text : `${name}${index + 1}`;
		const own = unique(wanted, taken);
		const node = nodes[index] ?? label;
		const flags = elementFlags[index]!;
		const isRest = isOpen(flags);
		const listNode = isRest ? node && listOf(node) : undefined;
		const typeNode = node === undefined ? undefined : ts.isParameter(node) ? node.type : elementType(context, node);
		return {
			declaration: label,
			typeNode: isRest && listNode !== undefined ? arrayElement(context, listNode) : typeNode,
			isOptional: (flags & ts.ElementFlags.Optional) !== 0,
			name: own,
			bindings: spelled?.bindings ?? noBindings,
			type: each,
			isRest,
			list: isRest ? { type: undefined, node: listNode } : undefined,
			site: context.within(site, label, `${site.trail}(${own})`),
		};
	});
}

/** The `number[]` of `...number[]` in a tuple, and of a rest parameter whose list the tuple was made of. */
function listOf(node: ts.Node): ts.TypeNode | undefined {
	return ts.isNamedTupleMember(node) || ts.isRestTypeNode(node) || ts.isParameter(node) ? node.type : undefined;
}

/** What it is called twice, is called by a number the second time: labels may be what other parameters are called. */
function unique(wanted: string, taken: Set<string | undefined>): string {
	let name = wanted;
	for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
	taken.add(name);
	return name;
}

/** The tuple as the source writes it, behind aliases and type parameters that are filled in. */
function spelledTuple(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	bindings: Bindings,
): { readonly node: ts.TupleTypeNode; readonly bindings: Bindings } | undefined {
	if (node === undefined) return undefined;
	if (ts.isTupleTypeNode(node)) return { node, bindings };
	if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node))
		return spelledTuple(context, node.type, bindings);
	if (!ts.isTypeReferenceNode(node)) return undefined;
	const symbol = context.symbolAt(node.typeName);
	const bound = symbol === undefined ? undefined : bindings.get(symbol)?.hint;
	if (bound !== undefined) return spelledTuple(context, bound.node, bound.bindings);
	const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
	return alias === undefined ? undefined : spelledTuple(context, alias.type, bindingsIn(context, node, bindings));
}
