/**
 * The part of zod that generated schemas are made of; the types are all of zod's. On Node it is this package's copy of that
 * part: zod itself brings its texts in fifty languages, which cost a program more time and memory than all the rest.
 */
export type * from "zod";
export {
	array,
	base64,
	base64url,
	bigint,
	boolean,
	date,
	discriminatedUnion,
	email,
	enum,
	hostname,
	instanceof,
	int,
	ipv4,
	ipv6,
	iso,
	lazy,
	literal,
	map,
	never,
	null,
	number,
	object,
	record,
	set,
	string,
	templateLiteral,
	tuple,
	undefined,
	union,
	unknown,
	url,
	uuid,
} from "zod";
