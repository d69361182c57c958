/** N calls in flight, each reply makes the next. */
export const loadScenarios = ["small", "medium", "large", "echo", "pool", "stream", "context"] as const;
/** Messages one way, of several sizes. */
export const streamScenarios = ["push-pull", "pub-sub"] as const;
/** All with a server and a client for each contestant. */
export const servedScenarios = [...loadScenarios, ...streamScenarios, "curve", "connections"] as const;
/** All in which contestants are compared. */
export const comparedScenarios = [...servedScenarios, "codec", "codegen"] as const;
export const scenarioNames = [
	...comparedScenarios,
	"memory",
	"idle",
	"slots",
	"path",
	"hedging",
	"cancel",
	"code-size",
] as const;

export type LoadScenario = (typeof loadScenarios)[number];
export type StreamScenario = (typeof streamScenarios)[number];
export type ServedScenario = (typeof servedScenarios)[number];
export type ComparedScenario = (typeof comparedScenarios)[number];
export type Scenario = (typeof scenarioNames)[number];

/** Several scenarios by one name. */
export const groups = {
	sockets: [...streamScenarios, "echo", "curve", "connections"],
} as const satisfies Record<string, readonly Scenario[]>;

export const defaultScenarios: readonly Scenario[] = ["small", "medium", "echo"];

export function isCompared(name: Scenario): name is ComparedScenario {
	return (comparedScenarios as readonly Scenario[]).includes(name);
}

export function isLoadScenario(name: Scenario): name is LoadScenario {
	return (loadScenarios as readonly Scenario[]).includes(name);
}

export function isStreamScenario(name: Scenario): name is StreamScenario {
	return (streamScenarios as readonly Scenario[]).includes(name);
}
