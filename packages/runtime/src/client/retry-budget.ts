import { numericOption } from "../numeric-option.js";

/** What may be spent on second attempts. */
export interface RetryBudgetOptions {
	/** Tokens at the start, and at most. Each failure costs one; above half of them, calls are made again. Default: 100. */
	readonly maxTokens?: number;
	/** Tokens that a success earns. Default: 0.1. */
	readonly tokenRatio?: number;
}

/**
 * Keeps an outage from being multiplied: when most calls fail, making each again would send the servers several times what
 * they could not cope with once. The token bucket of gRPC's `retryThrottling`.
 */
export class RetryBudget {
	readonly #maxTokens: number;
	readonly #tokenRatio: number;
	#tokens: number;

	/** Throws for a value that makes no sense. */
	constructor({ maxTokens = 100, tokenRatio = 0.1 }: RetryBudgetOptions = {}) {
		this.#maxTokens = numericOption("retryBudget.maxTokens", maxTokens, { above: 0 });
		this.#tokenRatio = numericOption("retryBudget.tokenRatio", tokenRatio, { above: 0 });
		this.#tokens = maxTokens;
	}

	get tokens(): number {
		return this.#tokens;
	}

	/** Whether there is enough for another attempt. */
	get isAmple(): boolean {
		return this.#tokens > this.#maxTokens / 2;
	}

	spend(): void {
		this.#tokens = Math.max(0, this.#tokens - 1);
	}

	/** What was spent was well spent. */
	refund(): void {
		this.#tokens = Math.min(this.#maxTokens, this.#tokens + 1);
	}

	/** A call succeeded. */
	earn(): void {
		if (this.#tokens < this.#maxTokens) this.#tokens = Math.min(this.#maxTokens, this.#tokens + this.#tokenRatio);
	}
}
