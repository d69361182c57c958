import * as z from "zod";
import { shapesSchemas } from "../generated/shapes.js";
import type { ShapeName } from "../shapes.js";

/** What the stubs check by where nothing is compiled. */
export const schemas: Readonly<Record<ShapeName, z.core.$ZodType>> = {
	small: shapesSchemas.Small,
	medium: shapesSchemas.Order,
	order: shapesSchemas.Order,
	array: z.array(shapesSchemas.Small),
	tree: shapesSchemas.Tree,
	article: shapesSchemas.Article,
	series: shapesSchemas.Series,
	geojson: shapesSchemas.Features,
	completions: shapesSchemas.Completions,
};
