import type { Service } from "../../../packages/runtime/src/index.js";
import { type EchoHandlers, echo, echoService } from "./echo.js";
import { type LedgerHandlers, ledger, ledgerService } from "./ledger.js";

type Named = { readonly [name: string]: { readonly name: string } };

/** Methods as a stub has them that was generated from this schema. */
export function generatedFrom<Methods extends Named>(schemaHash: string, methods: Methods): Methods {
	const made = Object.entries(methods).map(([key, method]) => [key, { ...method, schemaHash }] as const);
	return Object.fromEntries(made) as unknown as Methods;
}

/** The service as a server has it that was generated from this schema. */
export function servedFrom(schemaHash: string, { descriptor, handlers }: Service): Service {
	return { descriptor: { ...descriptor, schemaHash }, handlers };
}

/** Both halves of the echo service in one version of it. */
export function echoVersion(schemaHash: string) {
	return {
		echo: generatedFrom(schemaHash, echo),
		service: (handlers: EchoHandlers = {}) => servedFrom(schemaHash, echoService(handlers)),
	};
}

export function ledgerVersion(schemaHash: string) {
	return {
		ledger: generatedFrom(schemaHash, ledger),
		service: (handlers: LedgerHandlers = {}) => servedFrom(schemaHash, ledgerService(handlers)),
	};
}
