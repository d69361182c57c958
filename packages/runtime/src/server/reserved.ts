/** A server's answers of itself. */
import { notStarted } from "../errors.js";
import { type Description, describeService } from "../reserved/description.js";
import { type Health, homingDescriptor, type Stats, statsOf } from "../reserved/homing.js";
import { defineService, type Service, type ServiceDescriptor } from "../service.js";

export interface ReservedHost {
	readonly instance: string;
	/** By `performance.now()`. */
	readonly startedAt: number;
	readonly isDescribed: boolean;
	readonly services: readonly ServiceDescriptor[];
	readonly isDraining: boolean;
	stats(): object;
}

export function reservedService(host: ReservedHost): Service {
	return defineService(homingDescriptor, {
		describe: ([service]) => describe(host, service),
		health: () => healthOf(host),
		stats: (): Stats => statsOf("server", host),
		ping: () => ({ role: "server", instance: host.instance }),
	});
}

function describe(host: ReservedHost, service: string | undefined): Description {
	if (!host.isDescribed) throw notStarted("PERMISSION_DENIED", "this server does not describe itself");
	const meant = host.services.filter(({ name }) => service === undefined || service === name);
	if (service !== undefined && meant.length === 0) {
		throw notStarted("NOT_FOUND", `there is no service ${JSON.stringify(service.slice(0, 255))} here`);
	}
	return { role: "server", protocol: 1, instance: host.instance, services: meant.map(describeService) };
}

function healthOf({ isDraining, services }: ReservedHost): Health {
	const status = isDraining ? "DRAINING" : "SERVING";
	return { status, services: Object.fromEntries(services.map(({ name }) => [name, status])) };
}
