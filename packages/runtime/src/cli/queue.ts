import type { DispatchPolicy } from "../queue/pool.js";
import { Queue, type QueueEndpoints, type QueueOptions } from "../queue/queue.js";
import { bold } from "./colours.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { type ClientSecurityNames, clientSecurity, readKeyPair, serverSecurity } from "./security.js";

export interface QueueCommand {
	readonly clients: readonly string[];
	readonly workers: readonly string[];
	readonly repWorkers: readonly string[];
	readonly repServices: readonly string[];
	readonly upstream: readonly string[];
	readonly policy: DispatchPolicy;
	readonly maxWaiting: number | undefined;
	readonly leaseMs: number | undefined;
	/** The queue's own key, towards both sides. */
	readonly secretKeyFile: string | undefined;
	/** Whose keys let them in. */
	readonly allowedClients: string | undefined;
	readonly allowedWorkers: string | undefined;
	/** Whose passwords let them in. */
	readonly clientPasswords: string | undefined;
	readonly workerPasswords: string | undefined;
	/** Public key of the queues that it joins. */
	readonly upstreamKey: string | undefined;
	/** Or its name there. */
	readonly upstreamUsername: string | undefined;
	readonly upstreamPasswordFile: string | undefined;
	readonly isJson: boolean;
}

/** Runs a queue until SIGINT or SIGTERM, then drains it; a second signal ends it at once. Returns the exit status. */
export async function queue(command: QueueCommand): Promise<number> {
	let device: Queue;
	try {
		device = new Queue({ ...toOptions(command), ...(await toSecurity(command)) });
	} catch (error) {
		console.error(`homing queue: ${(error as Error).message}`);
		return Exit.USAGE;
	}
	let endpoints: QueueEndpoints;
	try {
		endpoints = await device.start();
	} catch (error) {
		console.error(`homing queue: ${(error as Error).message}`);
		await device.close();
		return Exit.UNREACHABLE;
	}
	announce(endpoints, command.isJson);
	device.on("stranger", ({ address, error }) => console.error(`kept out ${address}: ${error.message}`));
	device.on("worker", ({ worker, change }) => {
		// Plain workers say neither what they serve nor that they live.
		const services = worker.services.join(", ") || (worker.silentMs === undefined ? "any service" : "no service yet");
		console.error(
			`worker ${worker.instance} at ${worker.address} ${change} (${services}, ${worker.concurrency} at a time)`,
		);
	});
	device.on("upstream", ({ address, state, error }) => {
		console.error(`queue above at ${address} ${state}${error === undefined ? "" : `: ${error.message}`}`);
	});
	await signalled();
	console.error(`draining ${device.stats().inFlight + device.stats().waiting} calls; signal again to end at once`);
	await Promise.race([device.drain(), signalled()]);
	await device.close();
	return Exit.OK;
}

function toOptions(command: QueueCommand): QueueOptions {
	return {
		clients: command.clients,
		workers: command.workers,
		repWorkers: command.repWorkers,
		repServices: command.repServices,
		upstream: command.upstream,
		policy: command.policy,
		...(command.maxWaiting === undefined ? {} : { maxWaitingCalls: command.maxWaiting }),
		...(command.leaseMs === undefined ? {} : { leaseMs: command.leaseMs }),
	};
}

async function toSecurity(
	command: QueueCommand,
): Promise<Pick<QueueOptions, "clientSecurity" | "workerSecurity" | "upstreamSecurity">> {
	const { secretKeyFile, upstreamKey: serverKey } = command;
	const keyPair = secretKeyFile === undefined ? undefined : await readKeyPair(secretKeyFile);
	const clients = await serverSecurity(keyPair, {
		side: "client",
		allowedFile: command.allowedClients,
		passwordsFile: command.clientPasswords,
	});
	const workers = await serverSecurity(keyPair, {
		side: "worker",
		allowedFile: command.allowedWorkers,
		passwordsFile: command.workerPasswords,
	});
	// The queue's own key goes there too, where keys are what is asked for.
	const upstream = await clientSecurity(
		{
			serverKey,
			secretKeyFile: serverKey === undefined ? undefined : secretKeyFile,
			username: command.upstreamUsername,
			passwordFile: command.upstreamPasswordFile,
		},
		upstreamNames,
	);
	return {
		...(clients === undefined ? {} : { clientSecurity: clients }),
		...(workers === undefined ? {} : { workerSecurity: workers }),
		...(upstream === undefined ? {} : { upstreamSecurity: upstream }),
	};
}

const upstreamNames: ClientSecurityNames = {
	serverKey: "--upstream-key",
	username: "--upstream-username",
	passwordFile: "--upstream-password-file",
	passwordVariable: "HOMING_UPSTREAM_PASSWORD",
};

/** Where it listens is the command's one result: a script that chose port 0 reads it from stdout. */
function announce(endpoints: QueueEndpoints, isJson: boolean): void {
	if (isJson) {
		console.log(formatValue(endpoints, false));
		return;
	}
	for (const [role, bound] of Object.entries(endpoints)) {
		for (const endpoint of bound) console.log(`${role.padEnd(10)} ${bold(endpoint)}`);
	}
}

function signalled(): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			process.off("SIGINT", done);
			process.off("SIGTERM", done);
			resolve();
		};
		process.on("SIGINT", done);
		process.on("SIGTERM", done);
	});
}
