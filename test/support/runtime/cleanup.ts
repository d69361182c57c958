interface Closable {
	close(): Promise<unknown> | unknown;
	/** What it has seen so far, in words: told when the test has failed, which may have been waiting for more. */
	account?(): string;
}

/**
 * Closes after each test whatever the test has named, the youngest first; has it account for itself if the test has failed.
 * Call it once in a `describe`.
 */
export function closeAfterEach(): <T extends Closable>(thing: T) => T {
	const open: Closable[] = [];
	afterEach(async function () {
		const things = open.splice(0).reverse();
		if (this.currentTest?.state === "failed") {
			for (const thing of things) if (thing.account !== undefined) console.error(`    ${thing.account()}`);
		}
		for (const thing of things) await thing.close();
	});
	return (thing) => {
		open.push(thing);
		return thing;
	};
}
