/** Numbers of libzmq's own codes: its base, far from every system's, and an offset. */
const base = 156_384_712;

/** As Linux numbers them; where Node tells, those of the system at hand are taken. */
const numbers: Readonly<Record<string, number>> = {
	EACCES: 13,
	EADDRINUSE: 98,
	EADDRNOTAVAIL: 99,
	EAGAIN: 11,
	EBADF: 9,
	EBUSY: 16,
	ECANCELED: 125,
	EHOSTUNREACH: 113,
	EINVAL: 22,
	EMFILE: 24,
	EMSGSIZE: 90,
	ENOENT: 2,
	ENOTSUP: 95,
	EPROTONOSUPPORT: 93,
	...systemNumbers(),
	EFSM: base + 51,
};

/** The number that zeromq.js gives with this code; `undefined` when the code is none of the system's. */
export function errnoOf(code: string): number | undefined {
	return numbers[code];
}

function systemNumbers(): Readonly<Record<string, number>> {
	const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
	return process?.getBuiltinModule?.("node:os").constants.errno ?? {};
}
