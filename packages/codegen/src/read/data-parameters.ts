/** Reads parameters that are data: of methods, and of callbacks. */
import type { ts } from "ts-morph";
import type { DataParameter } from "../model/model.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import type { Site } from "./context.js";
import { defaultByDoc } from "./defaults.js";
import { documentationOf } from "./documentation.js";
import { warnOfInexactId } from "./ids.js";
import { warnOfLostConstraints } from "./lost-constraints.js";
import { typeText } from "./names.js";
import { type Bindings, hintFor, type Reading, readOptional } from "./reading.js";

export interface DeclaredParameter {
	/** Whose documentation counts; `undefined` for an element of a tuple that has no label. */
	readonly declaration: ts.ParameterDeclaration | ts.NamedTupleMember | undefined;
	readonly typeNode: ts.TypeNode | undefined;
	readonly isOptional: boolean;
	readonly name: string;
	/** Of the type parameters around it. */
	readonly bindings: Bindings;
}

export function readData(
	reading: Reading,
	type: ts.Type,
	{ declaration, typeNode, isOptional, name, bindings }: DeclaredParameter,
	site: Site,
): DataParameter {
	const { context } = reading;
	const hint = hintFor(context, typeNode, type, bindings);
	const read = isOptional ? readOptional(reading, type, hint, site).type : reading.read(type, hint, site);
	const text = hint === undefined ? undefined : typeText(context, hint.node);
	const constrained = declaration === undefined ? read : constrainByDoc(reading, read, declaration, site);
	warnOfLostConstraints(reading, typeNode, constrained, site);
	warnOfInexactId(reading, name, constrained, declaration, site);
	const value = declaration && defaultByDoc(reading, constrained, { declaration, isOptional }, site);
	const documented = documentationOf(context, [declaration]);
	return { kind: "data", name, isOptional, type: constrained, text, default: value, ...documented };
}
