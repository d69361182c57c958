/** What the smoke programs share. They are plain JavaScript over the built packages, the same file on every runtime. */

/** Runs one check; what it throws ends the program. The tests compare the names that were said with those they expect. */
export async function check(name, body) {
	await body();
	console.log(`ok ${name}`);
}

/** The next event of a socket by this name. */
export function next(socket, name) {
	return new Promise((resolve) => {
		const hear = (details) => {
			socket.events.off(name, hear);
			resolve(details);
		};
		socket.events.on(name, hear);
	});
}

/** Closes them whatever happens, so that a failing check ends the program too. */
export async function using(sockets, body) {
	try {
		return await body(...sockets);
	} finally {
		await Promise.all(sockets.map((socket) => socket.close()));
	}
}
