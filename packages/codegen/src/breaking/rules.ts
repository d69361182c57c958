/** Every way in which a service can break those who use an older version of it. docs/compatibility.md lists the same; a test compares. */

import type { BreakingCode } from "../model/breaking-codes.js";

/** `wire`: programs that run already. `source`: programs that are generated and compiled again. */
export type Breakage = "wire" | "source";

export interface Rule {
	readonly breaks: readonly Breakage[];
	/** What has changed. */
	readonly change: string;
	/** Whom it hurts, and how. */
	readonly reason: string;
	readonly remedy: string;
}

const both = ["wire", "source"] as const;
const wire = ["wire"] as const;
const source = ["source"] as const;

export const rules = {
	HB101: rule(
		both,
		"A service is gone, or has another name.",
		"Calls of it end with UNIMPLEMENTED.",
		"Keep the service until nobody calls it; `@service name=...` keeps its old name.",
	),
	HB102: rule(
		both,
		"A method is gone, or has another name.",
		"Calls of it end with UNIMPLEMENTED.",
		"Keep the method, marked `@deprecated`, until nobody calls it.",
	),
	HB103: rule(
		both,
		"A method answers in another form: with one value, with none, or with a stream.",
		"Callers wait for an answer of the old form.",
		"Add a method of the new form, and keep this one.",
	),
	HB104: rule(
		both,
		"The streams or callbacks that a method takes are others.",
		"Callers open other channels than the method reads.",
		"Add a method that takes them, and keep this one.",
	),
	HB105: rule(
		both,
		"A parameter must be given that could be left out, or did not exist.",
		"Calls without it end with INVALID_ARGUMENT.",
		"Make it optional, at the end of the list.",
	),
	HB106: rule(
		both,
		"A parameter is gone.",
		"Calls with more arguments than there are parameters end with INVALID_ARGUMENT.",
		"Keep the parameter, optional, and do not read it.",
	),
	HB107: rule(
		wire,
		"Parameters have changed places.",
		"Arguments travel by their place: each arrives as another.",
		"Put them back in the old order; new ones belong at the end.",
	),
	HB108: rule(
		both,
		"A property must be sent that could be left out, or did not exist.",
		"Calls without it end with INVALID_ARGUMENT.",
		"Make it optional.",
	),
	HB109: rule(
		both,
		"A property that callers send is gone.",
		"What callers send there is dropped without a word.",
		"Keep the property, optional and marked `@deprecated`, and go on reading it.",
	),
	HB110: rule(
		both,
		"A property that callers rely on is gone from what they are sent, or may be missing.",
		"Callers refuse the value, or find nothing where something has always been.",
		"Go on sending it.",
	),
	HB111: rule(
		both,
		"A type has become another.",
		"One side sends what the other does not take.",
		"Add a property, parameter or method of the new type, and keep this one.",
	),
	HB112: rule(
		both,
		"Fewer values are accepted from callers.",
		"Calls with the others end with INVALID_ARGUMENT.",
		"Go on accepting them.",
	),
	HB113: rule(
		both,
		"Callers are sent values that they do not know.",
		"Callers refuse the value: it is not of the type they were generated from.",
		"Send the new values in a new method or property only.",
	),
	HB114: rule(
		wire,
		"A member of an enum has another value.",
		"The value travels, not the name: each side takes it for another member.",
		"Give the member its old value back; number new members on from the last.",
	),
	HB115: rule(
		wire,
		"A constraint on what callers send is new, or tighter.",
		"Calls that keep to the old one end with INVALID_ARGUMENT.",
		"Keep the old constraint, and have the handler refuse what it cannot serve.",
	),
	HB116: rule(
		wire,
		"A constraint on what callers are sent is gone, or looser.",
		"Callers check the old one, and refuse what does not keep to it.",
		"Keep the old constraint.",
	),
	HB117: rule(
		both,
		"A declared error is gone, or has another name.",
		"Callers wait for it by its class; whatever is thrown in its place arrives as a plain RpcError.",
		"Go on declaring and throwing it.",
	),
	HB118: rule(
		wire,
		"A method is no longer idempotent.",
		"Callers of the old version, and queues on their behalf, go on repeating calls whose end they have not seen.",
		"Let it stay idempotent, or add a method that is not.",
	),
	HB119: rule(
		wire,
		"A default is another, or gone.",
		"Whoever leaves the value out means the old one, and is taken to mean the new.",
		"Keep the old default.",
	),
	HB201: rule(
		source,
		"A service no longer mentions an exported type, or it has another name.",
		"Its schema is no longer among the generated ones, and imports of a type that is no longer exported do not compile.",
		"Go on exporting the old name: `export type Old = New`, and mention it where it was.",
	),
	HB202: rule(
		source,
		"A service's interface has another name, or is in another file.",
		"Imports of it, and of what is generated from it, do not compile.",
		"Export it from where it was, and keep a generated file there.",
	),
	HB203: rule(
		source,
		"A stream is promised by a lesser name.",
		"Callers that use `next`, `return` or `throw` do not compile.",
		"Keep the name.",
	),
	HB204: rule(
		source,
		"An optional property is gone from what callers are sent.",
		"Callers that read it do not compile; those that run find it missing, as it could be.",
		"Keep it in the type, marked `@deprecated`.",
	),
	HB205: rule(
		source,
		"`null` has become `undefined`, or the other way round.",
		"Callers that write or compare it do not compile. The wire has one word for both.",
		"Keep the one there was.",
	),
	HB206: rule(
		source,
		"An optional property that callers send may no longer be `undefined` and there.",
		"Callers that write `undefined` do not compile.",
		"Keep `| undefined`.",
	),
	HB207: rule(
		source,
		"A member of an enum is gone, or has another name.",
		"Callers that name it do not compile.",
		"Keep the old name beside the new one, with the same value.",
	),
	HB208: rule(
		source,
		"A named type that callers send is branded now.",
		"Callers that give the plain value do not compile.",
		"Leave it as it is, or brand another type and take either.",
	),
	HB209: rule(
		source,
		"A method has a shorter timeout.",
		"Callers that are generated again give up earlier than before.",
		"Keep the longer one.",
	),
	HB210: rule(
		source,
		"A method takes any number of arguments now, or no longer does.",
		"Callers that give options behind the arguments, or values without end, do not compile, and handlers are called otherwise.",
		"Add a method that is called so, and keep this one.",
	),
} as const satisfies Readonly<Record<BreakingCode, Rule>>;

function rule(breaks: readonly Breakage[], change: string, reason: string, remedy: string): Rule {
	return { breaks, change, reason, remedy };
}
