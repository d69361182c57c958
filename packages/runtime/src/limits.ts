/** Bounds of the RPC layer, with their reasons. */

/** Protocol: an envelope has at most this many frames; a longer one is a protocol error of that message. */
export const maxEnvelopeFrames = 16;

/** Protocol: a frame of an envelope has at most this many octets. */
export const maxAddressBytes = 255;

/** Nesting of a body: far above real data, far below what would exhaust a decoder's stack. */
export const maxBodyDepth = 128;

/** Values in a body, keys included: what one message may make a decoder allocate. */
export const maxBodyValues = 1 << 20;

/**
 * From this size on a `Uint8Array` travels as a frame of its own beside its body. Unit: bytes. Below it a copy costs less than one
 * more frame; half of what a read of the kernel's socket yields at most, so that what is kept of one never pins twice its size.
 */
export const attachedFrameBytes = 32 * 1024;

/** Protocol: frames beside one body. An octet names each; larger octets beyond them travel in the body. */
export const maxAttachedFrames = 256;

/**
 * Protocol: items of a stream that travel as one message have together at most so many octets, the sizes in front of them included. Unit: bytes.
 * Whoever takes no frames of that size does not ask for them, and as a hop asks nobody for them.
 */
export const maxRunBytes = 4096;

/** Such a message has at most so many items, and none of more octets: beyond that another message costs little beside what is in it. */
export const maxRunItems = 64;
export const maxRunItemBytes = 1024;

/** What a message has beside its body and the frames that belong to it: envelope, route, header with metadata. Unit: bytes. */
export const maxHeadBytes = 64 * 1024;

/** What explains a failure, details included. Unit: bytes. Far below any sensible `maxFrameBytes`: an answer must arrive. */
export const maxErrorBytes = 64 * 1024;

/** Metadata of one call. Unit: bytes. gRPC's default for headers. */
export const maxMetadataBytes = 8 * 1024;

/** Default of `maxFrameBytes`, hence of the largest arguments and results, what travels beside their body included. Unit: bytes. */
export const defaultMaxFrameBytes = 16 * 1024 * 1024;

/** Default time of a call. Unit: ms. */
export const defaultTimeoutMs = 30_000;

/** Longest time that the header can say; a longer one is no deadline. Unit: ms; about 49 days. */
export const maxBudgetMs = 0xffff_fffe;

/** How many attempts an idempotent call gets on workers that die of it, after the first: then it is taken for poison. */
export const maxRedeliveries = 3;

/** Calls that a server, or a queue, keeps for somebody else's answer: no handler's credit bounds them. */
export const maxDelegatedCalls = 65_536;

/** Answers that a queue holds until their calls are delegated, and octets of them: each waits for one message that is under way. */
export const maxEarlyAnswers = 1024;
export const maxEarlyAnswerBytes = 32 * 1024 * 1024;

/** Answers to a survey that its caller has not read, and octets of them: whoever calls itself a queue can send any number. */
export const maxUnreadAnswers = 65_536;
export const maxUnreadAnswerBytes = 64 * 1024 * 1024;
