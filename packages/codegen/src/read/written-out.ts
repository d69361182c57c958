/** Writes out types that have no name: what contains itself has to be named with its arguments, and no source may spell them. */
import { ts } from "ts-morph";
import { compare } from "../model/diagnostics.js";
import type { TypeText } from "../model/model.js";
import type { ReadContext } from "./context.js";
import { withoutUndefined } from "./reading.js";

/** Of a type or of a union's members; `undefined` where they cannot be named. */
export type TextOf = (members: readonly ts.Type[]) => TypeText | undefined;

/** Of an object, a tuple or an intersection, by its parts. `undefined` for others, and for what only its declaration can say. */
export function writtenOut(context: ReadContext, type: ts.Type, textOf: TextOf): TypeText | undefined {
	const { checker } = context;
	if (type.isIntersection()) {
		const parts = allOf(type.types.map((part) => textOf([part])));
		return parts && joined(parts, " & ");
	}
	if (checker.isTupleType(type)) return tuple(context, type as ts.TupleTypeReference, textOf);
	const { objectFlags = 0 } = type as Partial<ts.ObjectType>;
	const isUnnamed = (objectFlags & (ts.ObjectFlags.Anonymous | ts.ObjectFlags.Mapped)) !== 0;
	const isCalled = type.getCallSignatures().length + type.getConstructSignatures().length > 0;
	return isUnnamed && !isCalled ? object(context, type, textOf) : undefined;
}

function object(context: ReadContext, type: ts.Type, textOf: TextOf): TypeText | undefined {
	const { checker } = context;
	const properties = type.getProperties().map((property) => {
		if (property.name.startsWith("__@")) return undefined;
		const name = /^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name);
		const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
		const own = checker.getTypeOfSymbol(property);
		const text = isOptional ? optional(context, own, textOf) : textOf([own]);
		return text && [`${name}${isOptional ? "?" : ""}: `, ...text];
	});
	const others = checker.getIndexInfosOfType(type).map((info) => {
		const [key, value] = [textOf([info.keyType]), textOf([info.type])];
		return key && value && ["[key: ", ...key, "]: ", ...value];
	});
	// Those of a mapped type come in the compiler's order of the union of its keys, which differs from run to run.
	const members = allOf([...properties, ...others])?.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
	if (members === undefined) return undefined;
	return members.length === 0 ? ["{}"] : ["{ ", ...joined(members, "; "), " }"];
}

function tuple(context: ReadContext, type: ts.TupleTypeReference, textOf: TextOf): TypeText | undefined {
	const { elementFlags, readonly: isReadonly } = type.target;
	const elements = context.checker.getTypeArguments(type).map((own, index): TypeText | undefined => {
		const flags = elementFlags[index] ?? ts.ElementFlags.Required;
		const isOptional = (flags & ts.ElementFlags.Optional) !== 0;
		const text = isOptional ? optional(context, own, textOf) : textOf([own]);
		if (text === undefined || flags & ts.ElementFlags.Variadic) return undefined;
		if (flags & ts.ElementFlags.Rest) return ["...Array<", ...text, ">"];
		return isOptional ? ["(", ...text, ")?"] : text;
	});
	const texts = allOf(elements);
	return texts && [isReadonly ? "readonly [" : "[", ...joined(texts, ", "), "]"];
}

/** The question mark says that it may be `undefined`, unless the compiler tells that from being left out. */
function optional(context: ReadContext, type: ts.Type, textOf: TextOf): TypeText | undefined {
	const undefinedType = context.checker.getUndefinedType();
	const isGiven = !context.isUndefinedOptional && type.isUnion() && type.types.includes(undefinedType);
	const members = withoutUndefined(type);
	return textOf(isGiven ? [...members, undefinedType] : members);
}

function allOf(texts: readonly (TypeText | undefined)[]): TypeText[] | undefined {
	return texts.every((text) => text !== undefined) ? [...texts] : undefined;
}

function joined(texts: readonly TypeText[], separator: string): TypeText {
	return texts.flatMap((text, index) => (index === 0 ? text : [separator, ...text]));
}
