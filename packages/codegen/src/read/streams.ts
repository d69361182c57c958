/** Tells which types are streams. */
import { ts } from "ts-morph";
import type { ReadContext, Site } from "./context.js";
import { refused } from "./platform.js";
import { type Bindings, bindingsIn, exactHint, type Hint, noBindings, textOf } from "./reading.js";

export interface StreamType {
	/** `AsyncIterable`, or another name of the platform's. */
	readonly name: string;
	readonly item: ts.Type;
}

/** `undefined` for a type that is none of the platform's streams. */
export function streamOf(context: ReadContext, type: ts.Type): StreamType | undefined {
	const { symbol } = type;
	if (symbol === undefined || !context.isLibrarySymbol(symbol)) return undefined;
	if (!Object.hasOwn(refused, symbol.name) || refused[symbol.name]?.code !== "HC009") return undefined;
	const [item] = context.checker.getTypeArguments(type as ts.TypeReference);
	return { name: symbol.name, item: item ?? context.checker.getUndefinedType() };
}

/** Beside its items an iterator may take and end with values, which do not travel: whether this one does, which is reported. */
export function refuseOtherValues(context: ReadContext, type: ts.Type, site: Site): boolean {
	const { Any, Unknown, Void, Undefined, Never } = ts.TypeFlags;
	const [, ...others] = context.checker.getTypeArguments(type as ts.TypeReference);
	const other = others.find(({ flags }) => (flags & (Any | Unknown | Void | Undefined | Never)) === 0);
	if (other === undefined) return false;
	context.report(
		"HC009",
		site,
		`${site.trail} is a stream that also ends with, or is sent, \`${textOf(context, other)}\`, and only its items travel.`,
		`Leave out the type arguments behind the first: \`${type.symbol.name}<T>\`.`,
	);
	return true;
}

/** A type argument as the source spells it, and what the type parameters in it stand for. */
export interface SpelledArgument {
	readonly node: ts.TypeNode | undefined;
	readonly bindings: Bindings;
}

/** Of a promise or stream, also behind aliases: `AccountId` of `type Accounts = AsyncIterable<AccountId>`. */
export function spelledArgument(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	bindings: Bindings = noBindings,
): SpelledArgument {
	const seen = new Set<ts.Node>();
	let spelled = node;
	let bound = bindings;
	while (spelled !== undefined && !seen.has(spelled)) {
		seen.add(spelled);
		if (ts.isParenthesizedTypeNode(spelled)) {
			spelled = spelled.type;
			continue;
		}
		if (!ts.isTypeReferenceNode(spelled)) break;
		const symbol = context.symbolAt(spelled.typeName);
		if (symbol === undefined || context.isLibrarySymbol(symbol)) {
			return { node: spelled.typeArguments?.[0], bindings: bound };
		}
		bound = bindingsIn(context, spelled, bound);
		spelled = symbol.declarations?.find(ts.isTypeAliasDeclaration)?.type;
	}
	return { node: undefined, bindings: noBindings };
}

/** A hint for the type argument itself, if its spelling can serve as one. */
export function argumentHint(
	context: ReadContext,
	node: ts.TypeNode | undefined,
	type: ts.Type,
	bindings: Bindings = noBindings,
): Hint | undefined {
	const spelled = spelledArgument(context, node, bindings);
	return exactHint(context, spelled.node, type, spelled.bindings);
}
