/** Reads tuples. */
import { ts } from "ts-morph";
import type { TupleElement, Type } from "../model/model.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import type { ReadContext, Site } from "./context.js";
import { warnOfInexactId } from "./ids.js";
import { type Hint, hintFor, noBindings, type Reading, readOptional, textOf, unreadable } from "./reading.js";

export function readTuple(
	reading: Reading,
	type: ts.Type,
	site: Site,
	spelling?: { node: ts.TupleTypeNode } & Hint,
): Type {
	const { context } = reading;
	const { checker } = context;
	if (!checker.isTupleType(type)) return reading.read(type, undefined, site);
	const { elementFlags, labeledElementDeclarations } = (type as ts.TupleTypeReference).target;
	const types = checker.getTypeArguments(type as ts.TypeReference);
	const elements: TupleElement[] = [];
	let rest: Type | undefined;
	for (const [index, own] of types.entries()) {
		const flags = elementFlags[index] ?? ts.ElementFlags.Required;
		const inner = { ...site, trail: `${site.trail}[${index}]` };
		const label = labeledElementDeclarations?.[index];
		const spelled = spelling === undefined ? label : spelling.node.elements[index];
		const node = spelled !== undefined && ts.isParameter(spelled) ? spelled.type : elementType(context, spelled);
		const hint = hintFor(context, node, own, spelling?.bindings ?? noBindings);
		if (flags & ts.ElementFlags.Variadic) {
			context.report(
				"HC017",
				site,
				`${site.trail} is \`${textOf(context, type)}\`, a tuple of unknown length in the middle.`,
			);
			return unreadable;
		}
		if (flags & ts.ElementFlags.Rest) {
			if (index !== types.length - 1) {
				context.report(
					"HC017",
					site,
					`${site.trail} is \`${textOf(context, type)}\`, a tuple whose rest is not at its end.`,
				);
				return unreadable;
			}
			rest = reading.read(own, hint, inner);
		} else if (flags & ts.ElementFlags.Optional) {
			elements.push({ isOptional: true, ...readOptional(reading, own, hint, inner) });
		} else {
			elements.push({ isOptional: false, isUndefinedAllowed: false, type: reading.read(own, hint, inner) });
		}
	}
	const labelled = elements.map((one, index) => {
		const label = labeledElementDeclarations?.[index];
		return label === undefined
			? one
			: { ...one, type: readLabel(reading, one.type, label, `${site.trail}[${index}]`, site) };
	});
	return { kind: "tuple", elements: labelled, rest };
}

/** Of `[/** @int *\/ count: number]`, and of the parameters that a tuple was made of. */
function readLabel(
	reading: Reading,
	type: Type,
	label: ts.NamedTupleMember | ts.ParameterDeclaration,
	trail: string,
	site: Site,
): Type {
	const inner = { ...reading.context.within(site, label, trail) };
	const constrained = constrainByDoc(reading, type, label, inner);
	if (ts.isIdentifier(label.name)) warnOfInexactId(reading, label.name.text, constrained, label, inner);
	return constrained;
}

/** The type inside `name?: T`, `T?` and `...T[]`. */
export function elementType(context: ReadContext, node: ts.TypeNode | undefined): ts.TypeNode | undefined {
	if (node === undefined) return undefined;
	const isRest = ts.isNamedTupleMember(node) ? node.dotDotDotToken !== undefined : ts.isRestTypeNode(node);
	const isWrapped = ts.isNamedTupleMember(node) || ts.isOptionalTypeNode(node) || ts.isRestTypeNode(node);
	const type = isWrapped ? node.type : node;
	return isRest ? arrayElement(context, type) : type;
}

/** Of `T[]`, `Array<T>`, what is `readonly` of them, and aliases of these. */
export function arrayElement(context: ReadContext, node: ts.TypeNode): ts.TypeNode | undefined {
	if (ts.isArrayTypeNode(node)) return node.elementType;
	if (ts.isTypeOperatorNode(node) || ts.isParenthesizedTypeNode(node)) return arrayElement(context, node.type);
	if (!ts.isTypeReferenceNode(node)) return undefined;
	const symbol = context.symbolAt(node.typeName);
	if (symbol === undefined) return undefined;
	if (context.isLibrarySymbol(symbol)) return node.typeArguments?.[0];
	const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
	return alias === undefined || alias.typeParameters !== undefined ? undefined : arrayElement(context, alias.type);
}
