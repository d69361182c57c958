/** What a queue counts of the calls for one service, since its start. */
export class ServiceCounters {
	/** Calls that workers have. */
	inFlight = 0;
	/** Calls handed to a worker, repetitions included. */
	dispatched = 0;
	/** Calls whose answer was passed on. */
	answered = 0;
	/** Calls answered with an error, a worker's or the queue's own. */
	failed = 0;
}

/** One service, as the queue tells of it. */
export interface ServiceStats extends Readonly<ServiceCounters> {
	/** Workers that take new work. */
	readonly workers: number;
	/** Calls that these may have unfinished at a time: the places that clients share. */
	readonly places: number;
	/** Calls that wait for a place. */
	readonly waiting: number;
	/** Of these, calls that others pass by since their client has its share of the places. */
	readonly setAside: number;
}
