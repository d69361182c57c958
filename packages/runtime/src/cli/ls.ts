import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target } from "./session.js";
import { look, methodNames } from "./surroundings.js";
import { versionsOf } from "./versions.js";

/** Lists what can be called at an endpoint, a method a line. Returns the exit status. */
export function ls(command: Target): Promise<number> {
	return converse("ls", command, async (connection) => {
		const { services } = await look(connection);
		if (command.isJson) {
			const brief = services.map(({ methods, ...service }) => ({ ...service, methods: Object.keys(methods ?? {}) }));
			console.log(formatValue(brief, false));
			return Exit.OK;
		}
		for (const service of services) {
			// A service that nobody describes can be called all the same.
			for (const name of service.methods === undefined ? [service.name] : methodNames([service])) console.log(name);
			const versions = versionsOf(service);
			if (versions !== undefined) console.error(`${service.name} is served from several schemas: ${versions}`);
		}
		return Exit.OK;
	});
}
