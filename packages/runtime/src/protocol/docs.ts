/** What comments in the interface say, for whoever asks a server what it takes. */

/** Of a type, a property or a parameter: its text, and what its parts have. */
export type Doc = string | { readonly text?: string; readonly of: Docs };

/** By the names of properties or parameters. */
export type Docs = Readonly<Record<string, Doc>>;

export interface MethodDocs {
	readonly text?: string;
	readonly arguments?: Docs;
	/** Of properties that the result, or each item, has itself: types with a name have their own. */
	readonly result?: Docs;
	/** In their order. Of a stream its items' properties, of a function its parameters. */
	readonly channels?: readonly (Doc | undefined)[];
	/** By the errors' names. */
	readonly errors?: Docs;
}

/** Of one service. Generated code has it in a function, which nobody calls who is not asked. */
export interface ServiceDocs {
	readonly text?: string;
	/** By their short names. */
	readonly methods?: Readonly<Record<string, MethodDocs>>;
	/** Of types that have a name, by their schemas. */
	readonly types?: readonly (readonly [schema: object, doc: Doc])[];
}

/** What a codec is told of the values it takes. */
export interface ValueDocs {
	readonly types: ReadonlyMap<object, Doc>;
	readonly of: Docs | undefined;
}

export function textOf(doc: Doc | undefined): string | undefined {
	return typeof doc === "string" ? doc : doc?.text;
}

export function partsOf(doc: Doc | undefined): Docs | undefined {
	return typeof doc === "string" ? undefined : doc?.of;
}

/** What is inherited is nobody's doc. */
export function docIn(docs: Docs | undefined, name: string): Doc | undefined {
	return docs !== undefined && Object.hasOwn(docs, name) ? docs[name] : undefined;
}
