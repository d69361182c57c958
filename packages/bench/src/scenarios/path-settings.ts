/** Each makes its next call when its last one is answered. */
export const callers = 512;
/** Bursts before anything is timed, until the compiler has made of the code what it will. */
export const warmUp = { bursts: 20, calls: 20_000 } as const;
/** So short that most of a busy machine's disturbances fall between some of them. */
export const slices = { count: 800, calls: 750 } as const;
