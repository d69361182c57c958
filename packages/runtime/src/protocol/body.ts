import { platform } from "#platform";

/** A body apart from any message. */
export interface Body {
	readonly octets: Uint8Array;
	/** Beside it; borrowed from the value that it was encoded from, or owned if it was received. */
	readonly frames: readonly Uint8Array[];
}

export function textBody(text: string): Body {
	return wholeBody(platform.encodeText(text));
}

/** A body with nothing beside it. */
export function wholeBody(octets: Uint8Array): Body {
	return { octets, frames: noFrames };
}

/** Unit: bytes. */
export function bodySize({ octets, frames }: Body): number {
	return octets.length + sizeOfFrames(frames);
}

export function sizeOfFrames(frames: readonly Uint8Array[]): number {
	let size = 0;
	for (const { length } of frames) size += length;
	return size;
}

const noFrames: readonly Uint8Array[] = [];
