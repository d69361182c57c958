interface Closable {
	close(): Promise<unknown> | unknown;
}

/** Closes after each test whatever the test has named, the youngest first. Call it once in a `describe`. */
export function closeAfterEach(): <T extends Closable>(thing: T) => T {
	const open: Closable[] = [];
	afterEach(async () => {
		for (const thing of open.splice(0).reverse()) await thing.close();
	});
	return (thing) => {
		open.push(thing);
		return thing;
	};
}
