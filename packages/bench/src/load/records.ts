/** Records over a stream as a program would frame them that uses no library. */
import type { Socket } from "node:net";

const lengthBytes = 4;

/** The record is sent from where it lies. */
export function writeRecord(socket: Socket, record: Uint8Array): void {
	const length = Buffer.alloc(lengthBytes);
	length.writeUInt32BE(record.length);
	socket.cork();
	socket.write(length);
	socket.write(record);
	socket.uncork();
}

/** Gives each record in one piece, copied out of the chunks it came in, once. */
export function readRecords(socket: Socket, onRecord: (record: Buffer) => void): void {
	const length = Buffer.alloc(lengthBytes);
	let lengthFilled = 0;
	let record: Buffer | undefined;
	let filled = 0;
	socket.on("data", (chunk) => {
		for (let at = 0; at < chunk.length; ) {
			if (record === undefined) {
				length[lengthFilled++] = chunk[at++]!;
				if (lengthFilled < lengthBytes) continue;
				lengthFilled = 0;
				record = Buffer.allocUnsafeSlow(length.readUInt32BE());
				filled = 0;
			}
			const take = Math.min(chunk.length - at, record.length - filled);
			record.set(chunk.subarray(at, at + take), filled);
			at += take;
			filled += take;
			if (filled < record.length) continue;
			onRecord(record);
			record = undefined;
		}
	});
}
