/** Finds what values of one type another does not take. */
import type { Constraint, Definitions, ObjectType, Property, Type } from "../model/model.js";
import type { Step } from "../model/place.js";
import { type Alternative, alternativesOf } from "../model/walk.js";
import { notImplied, violated } from "./constraints.js";
import { spell, spellAll, spellConstraint } from "./spell.js";

/** One reason why a value that is sent may not be taken, or not wholly. */
export interface Misfit {
	/**
	 * `missing`: a property that is required is never sent. `optional`: it may be missing. `unread`: a property that is sent is
	 * none of the accepted ones, and dropped. `type`: nothing fits. `values`: some do not fit. `renumbered`: a member of an
	 * enum is taken for another. `constraint`: values of the type may violate it. The others are the compiler's alone. `absent`:
	 * an optional property is never sent. `default`: what stands for one that was left out is another. `nil`: `null` meets `undefined`. `explicit`: `undefined` may be written, and not taken.
	 */
	readonly kind:
		| "missing"
		| "optional"
		| "unread"
		| "type"
		| "values"
		| "renumbered"
		| "constraint"
		| "absent"
		| "default"
		| "nil"
		| "explicit";
	/** From the type that was compared. */
	readonly steps: readonly Step[];
	/** The definition that it is in, and how deep: what is the same of one definition is found wherever it is mentioned. */
	readonly owner: string | undefined;
	readonly sent: string;
	readonly accepted: string;
}

type Resolved = Alternative["type"];

/** What a place accepts; `isOptional` in a list or object. */
interface Slot {
	readonly type: Type;
	readonly isOptional: boolean;
}

interface Result {
	readonly misfits: readonly Misfit[];
	/** The depth of the outermost comparison under way that it leans on; infinite for none. */
	readonly leansOn: number;
}

/** Compares types of one source as they are sent with types of another as they are accepted. */
export class Comparison {
	readonly #sent: Definitions;
	readonly #accepted: Definitions;
	/** Pairs of definitions being compared, outermost first: those are taken to fit until something else is found. */
	readonly #path: string[] = [];
	#leansOn = Number.POSITIVE_INFINITY;
	readonly #known = new Map<string, Result>();

	constructor(sent: Definitions, accepted: Definitions) {
		this.#sent = sent;
		this.#accepted = accepted;
	}

	/** Empty if every value fits and nothing of it is lost. */
	misfits(sent: Type, accepted: Type): readonly Misfit[] {
		if (sent.kind !== "reference" || accepted.kind !== "reference") return this.#compare(sent, accepted);
		const pair = `${sent.name} ${accepted.name}`;
		const known = this.#known.get(pair);
		if (known !== undefined) return known.misfits;
		const place = this.#path.indexOf(pair);
		if (place !== -1) {
			this.#leansOn = Math.min(this.#leansOn, place);
			return [];
		}
		const before = this.#leansOn;
		this.#leansOn = Number.POSITIVE_INFINITY;
		this.#path.push(pair);
		const misfits = this.#compare(sent, accepted, pair).map((misfit) => ({
			...misfit,
			owner: misfit.owner ?? `${sent.name} ${JSON.stringify(misfit.steps)}`,
		}));
		this.#path.pop();
		const isClosed = this.#leansOn >= this.#path.length;
		if (isClosed) this.#known.set(pair, { misfits, leansOn: this.#leansOn });
		this.#leansOn = Math.min(before, isClosed ? Number.POSITIVE_INFINITY : this.#leansOn);
		return misfits;
	}

	/** `pair`: what the types are the bodies of. */
	#compare(sent: Type, accepted: Type, pair?: string): readonly Misfit[] {
		const renumbered = this.#renumbered(sent, accepted);
		if (renumbered.length > 0) return renumbered;
		const wanted = this.#alternatives(accepted, this.#accepted);
		const isBooleanWhole = wanted.some(({ type }) => type.kind === "boolean");
		const given = this.#alternatives(sent, this.#sent).flatMap((one) =>
			one.type.kind === "boolean" && !isBooleanWhole
				? [true, false].map((value) => ({ ...one, type: literal(value) }))
				: [one],
		);
		const literals = new Set(
			wanted.flatMap(({ type }) => (type.kind === "literal" ? [JSON.stringify(type.value)] : [])),
		);
		const misfits: Misfit[] = [];
		const refused: Alternative[] = [];
		for (const one of given) {
			if (one.type.kind === "never") continue;
			if (one.type.kind === "literal" && literals.has(JSON.stringify(one.type.value))) continue;
			const found = this.#closest(one, wanted, pair);
			if (found === undefined) refused.push(one);
			else misfits.push(...found);
		}
		if (refused.length > 0) {
			const isNothingLeft =
				refused.length === given.length && !wanted.some((one) => refused.some((other) => isKin(one, other)));
			misfits.push({
				...blank,
				kind: isNothingLeft ? "type" : "values",
				sent: isNothingLeft ? spell(sent) : spellAll(refused.map(({ type, name }) => name ?? spell(type))),
				accepted: spell(accepted),
			});
		}
		return misfits;
	}

	/** What one alternative has against the one of the accepted that it fits best; `undefined` if there is none to speak of. */
	#closest(sent: Alternative, wanted: readonly Alternative[], pair: string | undefined): readonly Misfit[] | undefined {
		const kin = wanted.filter((one) => isKin(sent, one));
		const tries = kin.map((one) => this.#compareAlternatives(sent, one, pair)).filter((found) => found !== undefined);
		const [best] = [...tries].sort((a, b) => costOf(a) - costOf(b));
		if (best === undefined || costOf(best) < refusal || tries.length === 1) return best;
		// Of several that refuse it, only one that the discriminator points at is the one that was meant.
		const meant = tries.filter((found) => !found.some(({ kind, steps }) => kind === "values" && steps.length === 1));
		return meant.length === 1 ? meant[0] : undefined;
	}

	#compareAlternatives(
		sent: Alternative,
		accepted: Alternative,
		pair: string | undefined,
	): readonly Misfit[] | undefined {
		const isBody = pair === `${sent.name} ${accepted.name}`;
		if (isBody || sent.name === undefined || accepted.name === undefined)
			return this.#compareResolved(sent.type, accepted.type);
		const misfits = this.misfits({ kind: "reference", name: sent.name }, { kind: "reference", name: accepted.name });
		return misfits.some(({ kind, steps }) => steps.length === 0 && (kind === "type" || kind === "values"))
			? undefined
			: misfits;
	}

	/** `undefined`: no value fits, or hardly any. */
	#compareResolved(sent: Resolved, accepted: Resolved): readonly Misfit[] | undefined {
		if (accepted.kind === "unknown") return [];
		switch (accepted.kind) {
			case "string":
			case "number":
			case "bigint":
				return compareConstrained(sent, accepted);
			case "literal":
				return sent.kind === "literal" && JSON.stringify(sent.value) === JSON.stringify(accepted.value)
					? []
					: undefined;
			case "template":
				return sent.kind === "template" && JSON.stringify(sent.parts) === JSON.stringify(accepted.parts)
					? []
					: undefined;
			case "boolean":
			case "date":
			case "bytes":
				return sent.kind === accepted.kind || sent.kind === "literal" ? [] : undefined;
			case "null":
			case "undefined":
				// The wire has one word for both.
				if (sent.kind !== "null" && sent.kind !== "undefined") return undefined;
				return sent.kind === accepted.kind ? [] : [{ ...blank, kind: "nil", sent: sent.kind, accepted: accepted.kind }];
			case "set":
				if (sent.kind !== "set") return undefined;
				return [
					...this.#inside(sent.element, accepted.element),
					...constraintMisfits(accepted.constraints, sent.constraints),
				];
			case "map":
				if (sent.kind !== "map") return undefined;
				return [
					...this.#inside(sent.key, accepted.key, { kind: "key" }),
					...this.#inside(sent.value, accepted.value),
					...constraintMisfits(accepted.constraints, sent.constraints),
				];
			case "array":
				if (sent.kind === "array")
					return [
						...this.#inside(sent.element, accepted.element),
						...constraintMisfits(accepted.constraints, sent.constraints),
					];
				if (sent.kind !== "tuple") return undefined;
				return [
					...sent.elements.flatMap(({ type }, index) =>
						this.#inside(type, accepted.element, { kind: "position", index }),
					),
					...(sent.rest === undefined ? [] : this.#inside(sent.rest, accepted.element)),
					...constraintMisfits(accepted.constraints, []),
				];
			case "tuple":
				if (sent.kind !== "tuple") return undefined;
				if (sent.elements.length > accepted.elements.length && accepted.rest === undefined) return undefined;
				return this.#compareTuples(sent, accepted);
			case "record":
				return this.#compareWithRecord(sent, accepted);
			case "object":
				return this.#compareWithObject(sent, accepted);
			case "enum":
			case "never":
				return undefined;
		}
	}

	#compareTuples(
		sent: Resolved & { kind: "tuple" },
		accepted: Resolved & { kind: "tuple" },
	): readonly Misfit[] | undefined {
		const misfits: Misfit[] = [];
		const length = Math.max(sent.elements.length, accepted.elements.length);
		for (let index = 0; index < length; index++) {
			const given: Slot | undefined = sent.elements[index];
			const wanted: Slot | undefined = accepted.elements[index];
			if ((given?.isOptional ?? true) && wanted !== undefined && !wanted.isOptional) return undefined;
			const givenType = given?.type ?? sent.rest;
			const wantedType = wanted?.type ?? accepted.rest;
			if (givenType !== undefined && wantedType !== undefined)
				misfits.push(...this.#inside(givenType, wantedType, { kind: "position", index }));
		}
		if (sent.rest === undefined) return misfits;
		return accepted.rest === undefined ? undefined : [...misfits, ...this.#inside(sent.rest, accepted.rest)];
	}

	#compareWithRecord(sent: Resolved, accepted: Resolved & { kind: "record" }): readonly Misfit[] | undefined {
		if (sent.kind === "record")
			return [...this.#inside(sent.key, accepted.key, { kind: "key" }), ...this.#inside(sent.value, accepted.value)];
		if (sent.kind !== "object") return undefined;
		return [
			...sent.properties.flatMap(({ name, type }) => this.#inside(type, accepted.value, { kind: "property", name })),
			...(sent.additional === undefined ? [] : this.#inside(sent.additional, accepted.value)),
		];
	}

	#compareWithObject(sent: Resolved, accepted: ObjectType): readonly Misfit[] | undefined {
		if (sent.kind !== "object" && sent.kind !== "record") return undefined;
		const properties = sent.kind === "object" ? sent.properties : [];
		const others = sent.kind === "object" ? sent.additional : sent.value;
		const given = new Map(properties.map((property) => [property.name, property]));
		const misfits = accepted.properties.flatMap((property) =>
			this.#compareProperty(given.get(property.name), property),
		);
		const wanted = new Set(accepted.properties.map(({ name }) => name));
		for (const { name, type } of properties) {
			if (wanted.has(name)) continue;
			if (accepted.additional !== undefined)
				misfits.push(...this.#inside(type, accepted.additional, { kind: "property", name }));
			else misfits.push({ ...blank, kind: "unread", steps: [{ kind: "property", name }], sent: spell(type) });
		}
		if (others === undefined) return misfits;
		if (accepted.additional !== undefined) return [...misfits, ...this.#inside(others, accepted.additional)];
		return [...misfits, { ...blank, kind: "unread", steps: [{ kind: "element" }], sent: spell(others) }];
	}

	#compareProperty(given: Property | undefined, wanted: Property): readonly Misfit[] {
		const step: Step = { kind: "property", name: wanted.name };
		// A required property that may be `undefined` need not travel.
		const isNeeded = !wanted.isOptional && !this.#mayBeUndefined(wanted.type);
		if (given === undefined)
			return [{ ...blank, kind: isNeeded ? "missing" : "absent", steps: [step], accepted: spell(wanted.type) }];
		const misfits = [...this.#inside(given.type, wanted.type, step)];
		if (given.isOptional && isNeeded)
			misfits.unshift({ ...blank, kind: "optional", steps: [step], accepted: spell(wanted.type) });
		if (given.default !== wanted.default && given.isOptional && wanted.isOptional)
			misfits.push({
				...blank,
				kind: "default",
				steps: [step],
				sent: given.default ?? "",
				accepted: wanted.default ?? "",
			});
		if (given.isUndefinedAllowed && wanted.isOptional && !wanted.isUndefinedAllowed)
			misfits.push({ ...blank, kind: "explicit", steps: [step] });
		return misfits;
	}

	#inside(sent: Type, accepted: Type, step: Step = { kind: "element" }): readonly Misfit[] {
		return this.misfits(sent, accepted).map((misfit) => ({ ...misfit, steps: [step, ...misfit.steps] }));
	}

	#mayBeUndefined(type: Type): boolean {
		return alternativesOf(type, this.#accepted).some(
			(one) => one.type.kind === "undefined" || one.type.kind === "unknown",
		);
	}

	/** Laid flat, with enums as their values. */
	#alternatives(type: Type, definitions: Definitions): Alternative[] {
		return alternativesOf(type, definitions).flatMap(({ type: one, name }): Alternative[] => {
			if (one.kind !== "enum") return [{ type: one, name }];
			return one.members.map((member) => ({
				name: undefined,
				type: { kind: "literal", value: member.value, member: { enum: one.enum, name: member.name } },
			}));
		});
	}

	#renumbered(sent: Type, accepted: Type): Misfit[] {
		const [given, ...others] = alternativesOf(sent, this.#sent);
		const [wanted, ...more] = alternativesOf(accepted, this.#accepted);
		if (given?.type.kind !== "enum" || wanted?.type.kind !== "enum" || others.length > 0 || more.length > 0) return [];
		const values = new Map(wanted.type.members.map(({ name, value }) => [name, value]));
		return given.type.members.flatMap(({ name, value }): Misfit[] => {
			const other = values.get(name);
			if (other === undefined || other === value) return [];
			return [
				{
					...blank,
					kind: "renumbered",
					sent: `${name} = ${JSON.stringify(value)}`,
					accepted: `${name} = ${JSON.stringify(other)}`,
				},
			];
		});
	}
}

const blank = { steps: [], owner: undefined, sent: "", accepted: "" } as const;

function literal(value: boolean): Resolved {
	return { kind: "literal", value, member: undefined };
}

function compareConstrained(
	sent: Resolved,
	accepted: Resolved & { kind: "string" | "number" | "bigint" },
): readonly Misfit[] | undefined {
	const { constraints } = accepted;
	if (sent.kind === "literal") return violated(sent.value, constraints).length === 0 ? [] : undefined;
	if (sent.kind === "template") return constraintMisfits(constraints, []);
	return sent.kind === accepted.kind ? constraintMisfits(constraints, sent.constraints) : undefined;
}

function constraintMisfits(wanted: readonly Constraint[], given: readonly Constraint[]): Misfit[] {
	return notImplied(wanted, given).map((constraint) => {
		const before = given.find(({ keyword }) => keyword === constraint.keyword);
		const sent = before === undefined ? "" : spellConstraint(before);
		return { ...blank, kind: "constraint", sent, accepted: spellConstraint(constraint) };
	});
}

/** Above it something is refused; below it something is only dropped, or the compiler's alone. */
const refusal = 1_000_000;

const harmless: ReadonlySet<Misfit["kind"]> = new Set(["unread", "absent", "default", "nil", "explicit"] as const);

function costOf(misfits: readonly Misfit[]): number {
	return misfits.reduce((sum, { kind }) => sum + (harmless.has(kind) ? 1 : refusal), 0);
}

/** Whether a value of one could be one of the other, as far as the wire and JavaScript's types go. */
function isKin(a: Alternative, b: Alternative): boolean {
	const [one, other] = [familyOf(a.type), familyOf(b.type)];
	return one === other || one === "any" || other === "any";
}

function familyOf(type: Resolved): string {
	switch (type.kind) {
		case "literal":
			return typeof type.value === "object" ? "bigint" : typeof type.value;
		case "template":
			return "string";
		case "null":
		case "undefined":
			return "nil";
		case "tuple":
			return "array";
		case "record":
			return "object";
		case "unknown":
			return "any";
		default:
			return type.kind;
	}
}
