/** What the benchmark calls: everything comes back as it went. */
export interface Echo {
	/** @idempotent */
	small(message: Small): Promise<Small>;
	medium(order: Order): Promise<Order>;
	large(octets: Uint8Array): Promise<Uint8Array>;
	/** So many of them, numbered. */
	items(count: number): AsyncIterable<Small>;
	/** How many there were. */
	count(messages: AsyncIterable<Small>): Promise<number>;
}

export interface Small {
	name: string;
	/** @int @minimum 0 */
	id: number;
	v: number;
}

export interface Order {
	/** @int @minimum 0 */
	id: number;
	customer: Customer;
	/** @minItems 1 */
	lines: Line[];
	paid: boolean;
}

export interface Customer {
	/** @minLength 1 */
	name: string;
}

export interface Line {
	sku: string;
	/** @int @minimum 1 */
	count: number;
	/** @int @minimum 0 */
	cents: number;
}
