/** Puts the constraints of a declaration's JSDoc onto its type. */
import type { ts } from "ts-morph";
import type { Type } from "../model/model.js";
import { constrain, constraintsFrom, targetsOf } from "./constraints.js";
import type { Site } from "./context.js";
import type { Reading } from "./reading.js";

/** In a package, what is no constraint, or does not fit, is meant for other tools, and not the user's to mend: it is passed over. */
export function constrainByDoc(reading: Reading, type: Type, declaration: ts.Node, site: Site): Type {
	const { context } = reading;
	const { tags } = context.docOf(declaration);
	if (tags.length === 0) return type;
	const isForeign = context.isForeign(declaration.getSourceFile());
	const constraints = constraintsFrom(tags, (tag, code, message, remedy) => {
		if (!isForeign || code === "HC030") context.reportTag(declaration, tag, code, message, remedy);
	});
	let constrained = type;
	for (const [tag, constraint] of constraints) {
		const next = constrain(constrained, constraint, (name) => reading.definition(name)?.type);
		if (next === undefined) {
			if (isForeign) continue;
			const { keyword } = constraint;
			context.reportTag(
				declaration,
				tag,
				"HC022",
				`\`@${keyword}\` is for ${targetsOf(keyword)}, and does not fit ${site.trail}.`,
			);
		} else constrained = next;
	}
	return constrained;
}
