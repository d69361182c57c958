/**
 * Reads JSDoc as Homing means it. The compiler's own reading of tags ends an argument at the next `@`, which patterns may
 * contain, and joins lines; so comments are read from their text.
 */
import { constraintKeywords } from "../model/model.js";

export interface JsDocTag {
	readonly name: string;
	/** What follows on the line, up to the next of Homing's tags. */
	readonly argument: string;
	/** Where the tag stands in the comment's text. */
	readonly start: number;
	readonly end: number;
}

export interface JsDoc {
	/** The comment without stars and without Homing's instructions; no blank lines at the ends. */
	readonly lines: readonly string[];
	/** Homing's tags: instructions, and `@throws`. */
	readonly tags: readonly JsDocTag[];
}

export const serviceTags = ["service"] as const;
/** On anything that a service reaches: what it breaks of older versions is meant. */
export const compatibilityTags = ["breaks"] as const;
export const methodTags = ["idempotent", "timeout", "affinity", "priority"] as const;

/** On what may be left out: properties and parameters. */
export const defaultTag = "default";

/** The tags that are instructions, not documentation. They may stand anywhere in a line: `/** Cents. @int @minimum 1 *\/`. */
const instructions = [...constraintKeywords, defaultTag, ...serviceTags, ...methodTags, ...compatibilityTags];

/** Tags that say something to Homing and to readers: they are kept as documentation too. */
const documentaryTags: readonly string[] = ["throws"];

const tagPattern = new RegExp(`(?<=^|\\s)@(${[...instructions, ...documentaryTags].join("|")})(?![\\w-])`, "g");

/** Tags that editors know, which they see at the start of a line only. */
const commonTag = /(?<=\S)\s+(?=@(?:deprecated|param|returns?|see)\b)/;

/** `text` is a whole comment, from its opening to its closing mark. */
export function parseJsDoc(text: string): JsDoc {
	const lines: string[] = [];
	const tags: JsDocTag[] = [];
	let at = 0;
	for (const raw of text.split("\n")) {
		const { content, start } = contentOf(raw);
		const found = [...content.matchAll(tagPattern)];
		const line = (found[0] === undefined ? content : content.slice(0, found[0].index)).trimEnd();
		// A line that held nothing but tags goes; an empty line of the text stays.
		if (line.trim() !== "" || found.length === 0) lines.push(...line.split(commonTag));
		for (const [index, match] of found.entries()) {
			const end = found[index + 1]?.index ?? content.length;
			const argument = content.slice(match.index + match[0].length, end);
			const offset = at + start + match.index;
			tags.push({
				name: match[1]!,
				argument: argument.trim(),
				start: offset,
				end: offset + match[0].length + argument.trimEnd().length,
			});
			if (documentaryTags.includes(match[1]!))
				lines.push(...content.slice(match.index, end).trimEnd().split(commonTag));
		}
		at += raw.length + 1;
	}
	while (lines[0]?.trim() === "") lines.shift();
	while (lines.at(-1)?.trim() === "") lines.pop();
	return { lines, tags };
}

/** A line without the comment's marks and the star, and where what is left starts. */
function contentOf(line: string): { content: string; start: number } {
	const opening = /^\s*(?:\/\*\*+|\*(?!\/))? ?/.exec(line)?.[0].length ?? 0;
	return {
		content: line
			.slice(opening)
			.replace(/\s*\*+\/\s*$/, "")
			.trimEnd(),
		start: opening,
	};
}
