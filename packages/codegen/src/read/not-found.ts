/** Says that a type cannot be found, and what is to be done about it. */
import type { ts } from "ts-morph";
import type { ReadContext, Site } from "./context.js";
import { missingModule } from "./names.js";

/** `name`: what is spelt there; `root`: the name in it that is looked up first. */
export function reportNotFound(context: ReadContext, name: string, root: ts.EntityName, site: Site): void {
	const module = missingModule(context, root);
	const why = module === undefined ? "" : `: there is no \`${module}\`, or no types of it`;
	const remedy =
		module === undefined || module.startsWith(".")
			? undefined
			: "Install it; if it is one of your own, build it first, as `tsc -b` does; or check the tsconfig.";
	context.report("HC003", site, `\`${name}\` cannot be found${why}.`, remedy);
}
