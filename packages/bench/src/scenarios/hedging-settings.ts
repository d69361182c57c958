/** Servers, the last of which is slow, and how slow. */
export const hedgingServers = 4;
export const slowMs = 50;

/** What a call has before it is sent a second time. Unit: ms. */
export const hedgeDelayMs = 5;

/** One call every so often, whatever became of those before. Unit: ms. */
export const callPeriodMs = 2;
