/**
 * A zod schema of which it only counts whose values it accepts. To a compiler, comparing that one property costs a fraction of
 * comparing all that there is to a `z.ZodType`, which it would do anew for each type.
 */
export interface SchemaOf<T> {
	readonly _zod: { readonly output: T };
}
