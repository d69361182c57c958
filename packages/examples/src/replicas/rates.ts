/** What currencies are worth. */
export interface Rates {
	/** Asked of any server, as often as it takes. @idempotent @affinity currency */
	rate(currency: string): Promise<Rate>;
}

export interface Rate {
	value: number;
	/** The server that says so. */
	from: string;
}
