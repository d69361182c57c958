/** Exit statuses, the same for all of Homing's commands. */
export const exitStatus = { ok: 0, internal: 1, usage: 2, findings: 3 } as const;
