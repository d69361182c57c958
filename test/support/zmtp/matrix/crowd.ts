/** Does something with each, `width` at a time, in order of their beginning. */
export async function inTurns<T>(all: Iterable<T>, width: number, what: (one: T) => Promise<void>): Promise<void> {
	const waiting = [...all];
	const work = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await what(next);
	};
	await Promise.all(Array.from({ length: width }, work));
}
