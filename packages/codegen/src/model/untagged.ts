/** Reads the comments of a model: lines, of which the first tag ends the text. */

/** The text before the first tag, without blank lines at the ends. */
export function untagged(lines: readonly string[]): readonly string[] {
	const tag = lines.findIndex((line) => /^\s*@[A-Za-z]/.test(line));
	const text = lines.slice(0, tag === -1 ? lines.length : tag);
	const isBlank = (line: string) => line.trim() === "";
	const start = text.findIndex((line) => !isBlank(line));
	return start === -1 ? [] : text.slice(start, text.findLastIndex((line) => !isBlank(line)) + 1);
}

/** What follows `@param`: a type in braces, a default and a dash are for other tools. `undefined` for a part of a parameter. */
export function splitParameter(argument: string): { readonly name: string; readonly text: string } | undefined {
	const found =
		/^(?:\{[^}]*\}\s*)?(?:\[([\p{ID_Continue}$]+)[^\]]*\]|([\p{ID_Continue}$]+))(?=\s|$)\s*(?:-\s+)?(.*)$/u.exec(
			argument,
		);
	return found === null ? undefined : { name: found[1] ?? found[2]!, text: found[3]! };
}
