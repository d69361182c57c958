/**
 * The ways a call can fail: the sixteen canonical codes of gRPC under their names and numbers. OK is not among them: a
 * call that succeeded has a result.
 */
export const statusNumbers = {
	CANCELLED: 1,
	UNKNOWN: 2,
	INVALID_ARGUMENT: 3,
	DEADLINE_EXCEEDED: 4,
	NOT_FOUND: 5,
	ALREADY_EXISTS: 6,
	PERMISSION_DENIED: 7,
	RESOURCE_EXHAUSTED: 8,
	FAILED_PRECONDITION: 9,
	ABORTED: 10,
	OUT_OF_RANGE: 11,
	UNIMPLEMENTED: 12,
	INTERNAL: 13,
	UNAVAILABLE: 14,
	DATA_LOSS: 15,
	UNAUTHENTICATED: 16,
} as const;

export type Status = keyof typeof statusNumbers;

const statusNames = Object.keys(statusNumbers) as Status[];

/** The status with this number; `UNKNOWN` for a number that is none. */
export function statusOf(number: number): Status {
	return statusNames[number - 1] ?? "UNKNOWN";
}

/**
 * What is known of the execution behind a failed call.
 * `not-started`: no handler ran, so any call may be made again. `unknown`: it had been handed over and may have run.
 * `failed`: it ran, or was judged, and failed.
 */
export type Outcome = "failed" | "not-started" | "unknown";

export interface RpcErrorOptions {
	/** Default: `failed`. */
	readonly outcome?: Outcome;
	/** Which side found the failure. Default: `local`. */
	readonly origin?: "local" | "peer";
	/** Data for the caller: whatever the body's codec carries. */
	readonly details?: unknown;
	/** What lies behind it; stays in this process. */
	readonly cause?: unknown;
}

const brand = Symbol.for("@homing/runtime RpcError");

const serviceBrand = Symbol.for("@homing/runtime ServiceError");

/** The one error of a call. Match on `status` and `outcome`, never on the text. */
export class RpcError extends Error {
	/** True for those of another copy of this package too: a bundle, or a program's dependencies, may hold two. */
	static override [Symbol.hasInstance](value: unknown): boolean {
		// biome-ignore lint/complexity/noThisInStatic: a class made of this one is meant, whose instances are its own copy's
		if (this !== RpcError) return Function.prototype[Symbol.hasInstance].call(this, value);
		return typeof value === "object" && value !== null && brand in value;
	}

	override readonly name: string = "RpcError";
	readonly status: Status;
	readonly outcome: Outcome;
	readonly origin: "local" | "peer";
	readonly details: unknown;

	constructor(status: Status, message: string, options: RpcErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.status = status;
		this.outcome = options.outcome ?? "failed";
		this.origin = options.origin ?? "local";
		this.details = options.details;
	}

	get [brand](): true {
		return true;
	}
}

/** A failure before anything was handed over. */
export function notStarted(status: Status, message: string, options: Omit<RpcErrorOptions, "outcome"> = {}): RpcError {
	return new RpcError(status, message, { ...options, outcome: "not-started" });
}

/**
 * An error that a service declares: a class of your own made of this one, named by `@throws` at the methods that throw
 * it. It arrives at the caller as an instance of its class, with its data, which is validated on both sides.
 *
 * `class InsufficientFunds extends ServiceError<{ balance: number }> {}`
 */
export class ServiceError<Data = undefined> extends RpcError {
	/** As of `RpcError`; of a class made of this one its own instances. */
	static override [Symbol.hasInstance](value: unknown): boolean {
		// biome-ignore lint/complexity/noThisInStatic: see RpcError
		if (this !== ServiceError) return Function.prototype[Symbol.hasInstance].call(this, value);
		return typeof value === "object" && value !== null && serviceBrand in value;
	}

	/** What callers that do not know the class go by. A class may name another. */
	static readonly status: Status = "FAILED_PRECONDITION";

	override readonly name: string;
	readonly data: Data;

	constructor(message: string, ...[data]: undefined extends Data ? [data?: Data] : [data: Data]) {
		super(new.target.status, message);
		this.name = new.target.name;
		this.data = data as Data;
	}

	get [serviceBrand](): true {
		return true;
	}
}

// biome-ignore lint/suspicious/noExplicitAny: constructors of all classes, which are not run
type ServiceErrorClass = abstract new (...args: any[]) => ServiceError<any>;

/** A declared error that came from afar: an instance of its class, whose own constructor, made for throwing, is not run. */
export function reviveServiceError(type: ServiceErrorClass, message: string, data: unknown): ServiceError<unknown> {
	const error = Reflect.construct(ServiceError, [message, data], type) as ServiceError<unknown>;
	return Object.assign(error, { origin: "peer" });
}
