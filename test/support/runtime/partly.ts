/** Handlers of which a test needs a few; the others are there too, and fail. */
export function partly<Handlers extends object>(handlers: Partial<Handlers>): Handlers {
	return new Proxy(handlers, {
		get: (own, name) =>
			Reflect.get(own, name) ??
			(() => {
				throw new Error(`${String(name)} was not meant to be called`);
			}),
	}) as Handlers;
}
