/**
 * Reads types into the model.
 *
 * The compiler's types are the truth: utility types, mapped types and generics come out of it resolved. But a type has
 * forgotten the names of aliases (`AccountId` is `string`), and with them their constraints. So the source's spelling goes
 * along as a hint wherever it means the same type, and is followed as far as it leads.
 */
import { ts } from "ts-morph";
import type { Definition, Type, UnionType } from "../model/model.js";
import { alternativesOf } from "./alternatives.js";
import { markedPrimitive, readByType } from "./by-type.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import type { ReadContext, Site } from "./context.js";
import { refuseDefaults } from "./defaults.js";
import { DefinitionTable } from "./definitions.js";
import { warnOfInexactId } from "./ids.js";
import { readLibraryType, refuseByName } from "./library-types.js";
import { warnOfLostConstraints } from "./lost-constraints.js";
import { element, memberHint } from "./members.js";
import { reportNotFound } from "./not-found.js";
import type { SpelledMembers } from "./objects.js";
import {
	type Binding,
	type Bindings,
	bindingOf,
	type DefinitionRequest,
	type Hint,
	isUnresolved,
	type Mention,
	type Reading,
	unreadable,
} from "./reading.js";
import { readTuple } from "./tuples.js";
import { constituentsOf, membersOf, unionOf } from "./unions.js";

/** Utility types that are one alternative or several of their first argument. */
const chooses: ReadonlySet<string> = new Set(["Awaited", "Exclude", "Extract", "NoInfer", "NonNullable", "ReturnType"]);

export class TypeReader implements Reading {
	readonly context: ReadContext;
	readonly #definitions: DefinitionTable;
	/** Where each union was found: whether it is ambiguous shows when everything has been read. */
	readonly unionSites = new Map<UnionType, Site>();

	constructor(context: ReadContext) {
		this.context = context;
		this.#definitions = new DefinitionTable(context);
	}

	get definitions(): readonly Definition[] {
		return this.#definitions.all;
	}

	definition(name: string): Definition | undefined {
		return this.#definitions.find(name);
	}

	define(request: DefinitionRequest, site: Site): Type {
		return this.#definitions.define(request, site);
	}

	inline(type: ts.Type, site: Site, read: () => Type): Type {
		return this.#definitions.inline(type, site, read);
	}

	nameRecursive(): void {
		this.#definitions.nameRecursive();
	}

	read(type: ts.Type, hint: Hint | undefined, site: Site): Type {
		const read =
			(hint === undefined ? undefined : this.#readSpelling(type, hint, site)) ??
			readByType(this, type, site, { isBody: hint?.isBody });
		if (read.kind === "union") this.unionSites.set(read, site);
		return read;
	}

	/** `undefined` where the spelling says no more than the type. */
	#readSpelling(type: ts.Type, hint: Hint, site: Site): Type | undefined {
		const { node, bindings, isBody } = hint;
		if (ts.isParenthesizedTypeNode(node)) return this.read(type, { ...hint, node: node.type }, site);
		if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) {
			return this.read(type, { ...hint, node: node.type }, site);
		}
		if (ts.isArrayTypeNode(node)) return this.#readArray(type, { node: node.elementType, bindings }, site);
		if (ts.isTupleTypeNode(node)) return readTuple(this, type, site, { node, bindings });
		if (ts.isUnionTypeNode(node)) return this.#readUnion(type, node, bindings, site);
		if (ts.isTypeReferenceNode(node)) return this.#readReference(type, { ...hint, node }, site);
		if (ts.isTypeLiteralNode(node)) return readByType(this, type, site, { bindings, isBody });
		if (ts.isMappedTypeNode(node)) return this.#readMembers(type, hint, site);
		if (ts.isIntersectionTypeNode(node))
			return this.#readMarked(type, node, bindings, site) ?? this.#readMembers(type, hint, site);
		if (ts.isConditionalTypeNode(node) || ts.isIndexedAccessTypeNode(node))
			return this.#readAlternatives(type, hint, site);
		return undefined;
	}

	/** An object, or an array, whose parts are spelled in the hint somewhere. */
	#readMembers(type: ts.Type, hint: Hint, site: Site): Type {
		const each = memberHint(this.context, hint, element);
		const array = each === undefined ? undefined : this.#readArray(type, each, site);
		const members: SpelledMembers = (key) => memberHint(this.context, hint, key);
		return array ?? readByType(this, type, site, { bindings: hint.bindings, isBody: hint.isBody, members });
	}

	/** `AccountId & {}`: the compiler keeps the primitive and forgets the name. */
	#readMarked(type: ts.Type, node: ts.IntersectionTypeNode, bindings: Bindings, site: Site): Type | undefined {
		const primitive = markedPrimitive(this.context, type);
		if (primitive === undefined) return undefined;
		for (const part of node.types) {
			const binding = bindingOf(this.context, part, bindings);
			if (binding !== "open" && binding.type !== undefined && binding.type === primitive)
				return this.read(binding.type, { node: part, bindings }, site);
		}
		return undefined;
	}

	#readAlternatives(type: ts.Type, hint: Hint, site: Site): Type | undefined {
		const spelled = alternativesOf(this.context, hint, type);
		if (spelled === undefined) return undefined;
		const [only, ...others] = spelled;
		if (only?.hint !== undefined && others.length === 0 && only.type === type) {
			return this.read(type, { ...only.hint, isBody: hint.isBody ?? false }, site);
		}
		const members = spelled.map(({ type: own, hint: inner }) => this.read(own, inner, site));
		const isUndefined = ({ flags }: ts.Type) => (flags & ts.TypeFlags.Undefined) !== 0;
		// Of a property that need not be there nobody spells it.
		const isMissing =
			constituentsOf(type).some(isUndefined) && !spelled.some(({ type: own }) => constituentsOf(own).some(isUndefined));
		return unionOf([...members, ...(isMissing ? [{ kind: "undefined" } as const] : [])]);
	}

	#readArray(type: ts.Type, element: Hint, site: Site): Type | undefined {
		if (!this.context.checker.isArrayType(type)) return undefined;
		const [elementType] = this.context.checker.getTypeArguments(type as ts.TypeReference);
		if (elementType === undefined) return undefined;
		const inner = this.context.within(site, element.node, `${site.trail}[]`);
		return { kind: "array", element: this.read(elementType, element, inner), constraints: [] };
	}

	/** Keeps the source's order, which the type has lost. */
	#readUnion(type: ts.Type, node: ts.UnionTypeNode, bindings: Bindings, site: Site): Type | undefined {
		const spelled = membersOf(this.context, type, node, bindings);
		return (
			spelled &&
			unionOf(
				spelled.map(({ node: member, type: own, hint }) =>
					this.read(own, hint, this.context.within(site, member, site.trail)),
				),
			)
		);
	}

	#readReference(
		type: ts.Type,
		{ node, bindings, isBody }: Hint & { readonly node: ts.TypeReferenceNode },
		site: Site,
	): Type | undefined {
		const { context } = this;
		const symbol = context.symbolAt(node.typeName);
		if (symbol === undefined || isUnresolved(context.checker.getTypeFromTypeNode(node))) {
			if (ts.isIdentifier(node.typeName) && refuseByName(this, node.typeName.text, site)) return unreadable;
			reportNotFound(context, node.typeName.getText(), node.typeName, { ...site, node });
			return unreadable;
		}
		if (symbol.flags & ts.SymbolFlags.TypeParameter) {
			const binding = bindings.get(symbol);
			if (binding?.hint === undefined) return undefined;
			return this.read(binding.type ?? type, binding.hint, site);
		}
		const elements = (node.typeArguments ?? []).map((argument) => this.#argument(argument, bindings));
		if (context.isLibrarySymbol(symbol)) {
			const own = readLibraryType(this, symbol, type, elements, site);
			if (own !== undefined || elements.length === 0) return own;
			const spelling = { node, bindings };
			const chosen = chooses.has(symbol.name) ? this.#readAlternatives(type, spelling, site) : undefined;
			return chosen ?? this.#readMembers(type, { ...spelling, isBody: isBody ?? false }, site);
		}
		if (symbol.flags & ts.SymbolFlags.TypeAlias)
			return this.#readAlias(type, symbol, { node, bindings }, elements, site);
		if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) {
			const parameters = (context.checker.getDeclaredTypeOfSymbol(symbol) as ts.InterfaceType).typeParameters ?? [];
			const inner = bind(
				parameters.map((parameter) => parameter.symbol),
				elements,
			);
			const mention = elements.length > 0 ? { node, bindings } : undefined;
			// `type A = B` makes A the alias of what it refers to where B has type parameters that are left out.
			return readByType(this, type, site, { bindings: inner, mention, isBody });
		}
		return undefined;
	}

	#readAlias(
		type: ts.Type,
		symbol: ts.Symbol,
		mention: Mention,
		elements: readonly (Binding | undefined)[],
		site: Site,
	): Type | undefined {
		const declaration = symbol.declarations?.find(ts.isTypeAliasDeclaration);
		if (declaration === undefined) return undefined;
		const { context } = this;
		const parameters = (declaration.typeParameters ?? []).flatMap(
			(parameter) => context.checker.getSymbolAtLocation(parameter.name) ?? [],
		);
		const hint: Hint = { node: declaration.type, bindings: bind(parameters, elements), isBody: true };
		const isInstance = parameters.length > 0;
		const within = isInstance ? site : context.within(site, declaration.type, site.trail);
		const read = () => {
			refuseDefaults(this, declaration, within);
			const read = constrainByDoc(this, this.read(type, hint, within), declaration, within);
			if (!isInstance) warnOfLostConstraints(this, declaration.type, read, within);
			warnOfInexactId(this, symbol.name, read, declaration, within);
			return read;
		};
		// Aliases of a brand are read where their type is: it knows its name.
		if (type.isIntersection() && type.aliasSymbol === symbol) return undefined;
		if (!isInstance)
			return this.define({ symbol, instance: undefined, mention: undefined, isBranded: false, read }, site);
		// An instance needs a name only where it may contain itself.
		const isContainer = type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Union) && type.aliasSymbol === symbol;
		return isContainer ? this.define({ symbol, instance: type, mention, isBranded: false, read }, site) : read();
	}

	/** Of a type argument; `undefined` where only the type that it is an argument of has it filled in. */
	#argument(node: ts.TypeNode, bindings: Bindings): Binding | undefined {
		const binding = bindingOf(this.context, node, bindings);
		return binding === "open" ? undefined : binding;
	}
}

function bind(parameters: readonly ts.Symbol[], elements: readonly (Binding | undefined)[]): Bindings {
	const bindings = new Map<ts.Symbol, Binding>();
	for (const [index, parameter] of parameters.entries()) {
		const element = elements[index];
		if (element !== undefined) bindings.set(parameter, element);
	}
	return bindings;
}
