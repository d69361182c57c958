import { randomBytes } from "node:crypto";

/** The head of a request for a WebSocket; `lines`: more headers, or others in place of those of the same name. */
export function upgradeRequest(...lines: string[]): string {
	const standard = [
		"Host: 127.0.0.1",
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
		"Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0",
		"Sec-WebSocket-Version: 13",
	];
	const nameOf = (line: string) => line.split(":")[0];
	const kept = standard.filter((line) => !lines.some((other) => nameOf(other) === nameOf(line)));
	return `${["GET / HTTP/1.1", ...kept, ...lines].join("\r\n")}\r\n\r\n`;
}
