import { type ReplyTo, ServiceError } from "@homing/runtime";

/** Decides on purchases. */
export interface Office {
	/** A small one is paid by the till at once; on any other somebody decides, when there is somebody. @throws {Declined} */
	buy(item: string, cents: Cents): Promise<Receipt>;
	/** What somebody has to decide on, as it comes: each with the right to answer it, once. */
	requests(): AsyncIterable<PurchaseRequest>;
}

/** Has the money. */
export interface Till {
	pay(item: string, cents: Cents): Promise<Receipt>;
}

/** @int @minimum 1 */
export type Cents = number;

export interface PurchaseRequest {
	item: string;
	cents: Cents;
	/** Who wants it. */
	by: string;
	replyTo: ReplyTo<Receipt>;
}

export interface Receipt {
	item: string;
	/** For whom. */
	by: string;
	/** Who says so. */
	from: string;
}

/** The purchase is not to be. */
export class Declined extends ServiceError<{ most: Cents }> {}
