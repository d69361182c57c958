import type { ServiceDescription } from "../reserved/description.js";

/** `1a2b (2 workers), 3c4d (1 worker)`; `undefined` of a service that is served from one schema. */
export function versionsOf({ versions }: ServiceDescription): string | undefined {
	if (versions === undefined) return undefined;
	const parts = Object.entries(versions).map(
		([hash, count]) => `${hash} (${count} ${count === 1 ? "worker" : "workers"})`,
	);
	return parts.join(", ");
}
