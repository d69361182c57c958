/**
 * The words `@format` takes. Each is checked by a schema of zod's whose work is linear in the text; a test holds them to it.
 */
export const formats = [
	"base64",
	"base64url",
	"date",
	"date-time",
	"duration",
	"email",
	"hostname",
	"ipv4",
	"ipv6",
	"time",
	"uri",
	"uuid",
] as const;

export type Format = (typeof formats)[number];

export function isFormat(word: string): word is Format {
	return (formats as readonly string[]).includes(word);
}
