/** Compares two versions of a method. */
import { type Argument, argumentsOf, type ChannelParameter, channelsOf, restOf } from "../model/arguments.js";
import type { DataParameter, ErrorModel, MethodForm, MethodModel, StreamName, Type } from "../model/model.js";
import type { Place, Step } from "../model/place.js";
import { type DataComparison, tellDefault, type Versions } from "./data.js";
import type { Findings } from "./findings.js";

export function compareMethods(
	methods: Versions<MethodModel>,
	place: Place,
	data: DataComparison,
	findings: Findings,
): void {
	const { old, next } = methods;
	if (old.form !== next.form) {
		findings.add({
			code: "HB103",
			place,
			what: `answered with ${formText[old.form]}, and answers with ${formText[next.form]} now`,
		});
	} else compareResults({ old: old.result, next: next.result }, resultPlace(next.form, place), data, findings);
	if (old.streamName !== undefined && next.streamName !== undefined && isLesser(next.streamName, old.streamName)) {
		findings.add({ code: "HB203", place, what: `returned ${old.streamName}, and returns ${next.streamName} now` });
	}
	compareTimeouts(methods, place, findings);
	compareChannels(methods, place, data, findings);
	compareParameters(methods, place, data, findings);
	compareRests(methods, place, findings);
	compareErrors({ old: old.errors, next: next.errors }, place, data, findings);
	if (old.isIdempotent && !next.isIdempotent)
		findings.add({ code: "HB118", place, what: "is no longer `@idempotent`" });
}

/** Each can do what those before it can. */
const streamNames: readonly StreamName[] = ["AsyncIterable", "AsyncIterableIterator", "AsyncGenerator"];

function isLesser(name: StreamName, than: StreamName): boolean {
	return streamNames.indexOf(name) < streamNames.indexOf(than);
}

/** Of calls for which nobody says anything else. */
const defaultTimeoutMs = 30_000;

function compareTimeouts({ old, next }: Versions<MethodModel>, place: Place, findings: Findings): void {
	const [was, is] = [old.timeoutMs ?? defaultTimeoutMs, next.timeoutMs ?? defaultTimeoutMs];
	if (is < was) findings.add({ code: "HB209", place, what: `had a timeout of ${was} ms, and has one of ${is} ms now` });
}

const formText: Readonly<Record<MethodForm, string>> = { unary: "one value", "one-way": "nothing", stream: "a stream" };

function resultPlace(form: MethodForm, place: Place): Place {
	return within(place, { kind: "result" }, ...(form === "stream" ? [{ kind: "element" } as const] : []));
}

function compareResults(
	results: Versions<Type | undefined>,
	place: Place,
	data: DataComparison,
	findings: Findings,
): void {
	const { old, next } = results;
	if (old !== undefined && next !== undefined) data.compareReceived({ old, next }, place);
	else if (old !== undefined) findings.add({ code: "HB111", place, what: "was a value, and is nothing now" });
	else if (next !== undefined) findings.add({ code: "HB111", place, what: "was nothing, and is a value now" });
}

function compareParameters(
	{ old, next }: Versions<MethodModel>,
	place: Place,
	data: DataComparison,
	findings: Findings,
): void {
	const before = argumentsOf(old).filter(isData);
	const now = argumentsOf(next).filter(isData);
	const moved = before.filter(({ name }, index) => {
		const other = now.findIndex((candidate) => candidate.name === name);
		return other !== -1 && other !== index;
	});
	if (moved.length > 0) {
		const gone = before.filter(({ name }) => !now.some((candidate) => candidate.name === name));
		for (const { name, parameter } of before.length > now.length ? gone : []) {
			const step: Step = { kind: "parameter", name, index: old.parameters.indexOf(parameter) };
			findings.add({ code: "HB106", place: within(place, step), what: "is gone" });
		}
		if (before.length > now.length && gone.length > 0) return;
		const list = (parameters: readonly Argument[]) => parameters.map(({ name }) => name).join(", ");
		findings.add({ code: "HB107", place, what: `had the parameters (${list(before)}), and has (${list(now)}) now` });
		return;
	}
	for (let index = 0; index < Math.max(before.length, now.length); index++) {
		const [was, is] = [before[index], now[index]];
		if (is === undefined) {
			const { name } = was!;
			findings.add({ code: "HB106", place: within(place, { kind: "parameter", name, index }), what: "is gone" });
			continue;
		}
		const inner = within(place, { kind: "parameter", name: is.name, index: next.parameters.indexOf(is.parameter) });
		if (!is.isOptional && (was === undefined || was.isOptional)) {
			const what = was === undefined ? "is new, and must be given" : "could be left out, and must be given now";
			findings.add({ code: "HB105", place: inner, what });
		}
		if (was === undefined) continue;
		if (was.isOptional && is.isOptional) compareDefaults({ old: was, next: is }, inner, findings);
		data.compareSent({ old: was.type, next: is.type }, inner);
	}
}

function compareRests(methods: Versions<MethodModel>, place: Place, findings: Findings): void {
	const [was, is] = [restOf(methods.old), restOf(methods.next)];
	if ((was === undefined) === (is === undefined)) return;
	const what =
		is === undefined
			? `took any number of arguments, ...${was!.name}, and takes no more than it names now`
			: `takes any number of arguments now: ...${is.name}`;
	findings.add({ code: "HB210", place, what });
}

function isData({ parameter }: Argument): boolean {
	return parameter.kind === "data";
}

function compareChannels(methods: Versions<MethodModel>, place: Place, data: DataComparison, findings: Findings): void {
	const [old, next] = [channelsOf(methods.old), channelsOf(methods.next)];
	const [before, now] = [shapeOf(methods.old), shapeOf(methods.next)];
	if (before !== now) {
		const what = old.length + next.length === 0 ? "" : `took ${channelsText(old)}, and takes ${channelsText(next)} now`;
		findings.add({ code: "HB104", place, what });
		return;
	}
	for (const [index, is] of next.entries()) {
		const was = old[index]!;
		const step: Step = { kind: "parameter", name: is.name, index: methods.next.parameters.indexOf(is) };
		if (was.kind === "input" && is.kind === "input") {
			data.compareSent({ old: was.item, next: is.item }, within(place, step, { kind: "element" }));
		} else if (was.kind === "callback" && is.kind === "callback") {
			const inner = within(place, step);
			compareCallbackArguments({ old: was.arguments, next: is.arguments }, inner, data, findings);
			const result = within(inner, { kind: "result" });
			if (was.result !== undefined && is.result !== undefined)
				data.compareSent({ old: was.result, next: is.result }, result);
			else if (was.result !== is.result)
				findings.add({
					code: "HB111",
					place: result,
					what: was.result === undefined ? "was nothing, and is a value now" : "was a value, and is nothing now",
				});
		}
	}
}

/** Handlers send them, and callers take them. */
function compareCallbackArguments(
	{ old, next }: Versions<readonly DataParameter[]>,
	place: Place,
	data: DataComparison,
	findings: Findings,
): void {
	for (const [index, was] of old.entries()) {
		const is = next[index];
		const inner = within(place, { kind: "parameter", name: is?.name ?? was.name, index });
		if (is === undefined) {
			if (!was.isOptional) findings.add({ code: "HB110", place: inner, what: "is gone" });
			continue;
		}
		if (is.isOptional && !was.isOptional)
			findings.add({ code: "HB110", place: inner, what: "has always been there, and may be missing now" });
		if (is.isOptional && was.isOptional) compareDefaults({ old: was, next: is }, inner, findings);
		data.compareReceived({ old: was.type, next: is.type }, inner);
	}
	for (const [index, { name }] of next.slice(old.length).entries()) {
		const step: Step = { kind: "parameter", name, index: old.length + index };
		findings.add({
			code: "HB113",
			place: within(place, step),
			what: "is new: callbacks of the old version do not take it",
		});
	}
}

function compareDefaults(
	{ old, next }: Versions<Pick<DataParameter, "default">>,
	place: Place,
	findings: Findings,
): void {
	const told = tellDefault(old.default ?? "", next.default ?? "");
	if (told !== undefined) findings.add({ ...told, place });
}

/** Equal for methods whose channels are opened alike, among arguments of the same places. */
function shapeOf(method: MethodModel): string {
	const channels = channelsOf(method).map((channel) =>
		channel.kind === "input" ? "input" : `callback ${channel.isAwaited} ${channel.isUndefinedAllowed}`,
	);
	const presences = argumentsOf(method).flatMap((argument, index) => (isData(argument) ? [] : [index]));
	return JSON.stringify([channels, presences]);
}

function channelsText(channels: readonly ChannelParameter[]): string {
	if (channels.length === 0) return "no stream or callback";
	const texts = channels.map((channel) => {
		if (channel.kind === "input") return `the stream ${channel.name}`;
		const kind = channel.isAwaited ? "the awaited callback" : "the callback";
		return `${kind} ${channel.name}${channel.isUndefinedAllowed ? "?" : ""}`;
	});
	return texts.join(", ");
}

function compareErrors(
	{ old, next }: Versions<readonly ErrorModel[]>,
	place: Place,
	data: DataComparison,
	findings: Findings,
): void {
	for (const was of old) {
		const step: Step = { kind: "error", name: was.name };
		const is = next.find(({ name }) => name === was.name);
		if (is === undefined) findings.add({ code: "HB117", place: within(place, step), what: "no more" });
		else compareResults({ old: was.data, next: is.data }, within(place, step), data, findings);
	}
}

function within(place: Place, ...steps: readonly Step[]): Place {
	return { ...place, steps: [...(place.steps ?? []), ...steps] };
}
