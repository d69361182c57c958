/** What hostile bodies are aimed at: a shape for each way to read one. */
export interface Shapes {
	texts(texts: string[]): Promise<number>;
	numbers(numbers: number[]): Promise<number>;
	counts(counts: Count[]): Promise<number>;
	octets(octets: Uint8Array): Promise<number>;
	names(names: Record<string, number>): Promise<number>;
	pairs(pairs: Map<string, bigint>): Promise<number>;
	tree(tree: Tree): Promise<number>;
	drawing(drawing: Drawing): Promise<number>;
	anything(anything: unknown): Promise<number>;
	contact(contact: Contact): Promise<number>;
	/** What the bystander calls. */
	echo(contact: Contact): Promise<Contact>;
}

/** @int @minimum 0 */
export type Count = number;

export interface Tree {
	name: string;
	children: Tree[];
}

/** Told apart by a tag. */
export type Drawing = Group | Dot;

export interface Group {
	kind: "group";
	parts: Drawing[];
}

export interface Dot {
	kind: "dot";
	at: Date;
	/** Told apart by what each requires. */
	mark: { text: string } | { width: number };
}

export interface Contact {
	/** @format uuid */
	id: string;
	/** @format email */
	email: string;
	/** @format uri */
	page?: string;
	/** @format ipv4 */
	address?: string;
	/** @format date-time */
	since?: string;
	/** @pattern ^[a-z][a-z-]*$ */
	label?: string;
}
