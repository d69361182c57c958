/**
 * Where things lie in the module's memory. It has no heap: all of it is scratch, of no meaning from one call to the next
 * but for the parts of one large frame. `frame-boxes.ts` in `src/mechanism` knows what is marked so.
 */

/** Salsa20's key, eight words: HSalsa20 of the connection's key and the nonces' prefix. Set by the caller for each call. */
export const KEY: usize = 1024;
/** Poly1305's tag of the text absorbed last. Known to the caller. */
export const TAG: usize = KEY + 32;
/** What `sealFrames` and `openFrames` have to say besides what they return. Known to the caller. */
export const PRODUCED: usize = TAG + 16;
export const FAULT: usize = PRODUCED + 4;
export const NONCE_HIGH: usize = FAULT + 4;
export const NONCE_LOW: usize = NONCE_HIGH + 4;

/** Poly1305 at work: r, the sum, and s. */
export const POLY: usize = 1280;

/** Blocks of Salsa20 made at a time; their stream stays in the processor's nearest cache. */
export const mostBlocks: i32 = 128;

/** For each block to make: both halves of its nonce as Salsa20 reads them, and its number. */
export const BLOCK_NONCE0: usize = 2048;
export const BLOCK_NONCE1: usize = BLOCK_NONCE0 + 4 * mostBlocks;
export const BLOCK_NUMBER: usize = BLOCK_NONCE1 + 4 * mostBlocks;

/** For each frame at hand: where its text begins, how long that is, where it goes, where its stream begins. */
export const FRAMES: usize = 4096;
export const frameBytes: usize = 16;

/** The stream of those blocks. */
export const STREAM: usize = 8192;

/** What comes in, and what goes out. Known to the caller. Behind each there is room for what whole vectors reach beyond the end. */
export const INPUT: usize = 0x5000;
export const areaBytes: usize = 0x1_0000;
export const reach: usize = 64;
export const OUTPUT: usize = INPUT + areaBytes + reach;
