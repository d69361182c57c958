/** Of both sides: everybody is asked once a second whether he lives, and given up when he says nothing for so long again. */
export const heartbeat = { heartbeatInterval: 1000, heartbeatTimeout: 5000 } as const;

/** What the steady client does: one message every so often, whatever became of those before. Unit: ms. */
export const steadyPeriodMs = 5;
