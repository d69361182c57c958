/** The values that `codec` writes and reads: the same for every contestant, and some of each shape, so that no two are alike. */
import type { FeatureCollection } from "geojson";
import type { CompletionList } from "vscode-languageserver-types";
import type { Order, Small } from "./services/echo.js";
import type { Article, Series, Shapes, Tree } from "./services/shapes.js";
import { makeOrder, makeSmall } from "./workload.js";

export type ShapeName = keyof Shapes;

/** Those of this benchmark, which peers with schemas of their own have schemas for. */
export const ownShapeNames = ["small", "medium", "order", "array", "tree", "article", "series"] as const;
/** With those of packages. */
export const shapeNames: readonly ShapeName[] = [...ownShapeNames, "geojson", "completions"];

/** What stands in the report. */
export const descriptions: Readonly<Record<ShapeName, string>> = {
	small: "{ name, id, v }",
	medium: "an order with a customer and two lines",
	order: "the same with fifty lines",
	array: "an array of a thousand small ones",
	tree: "a recursive type, 121 nodes in five storeys",
	article: "mostly text, two words in five beyond ASCII",
	series: "500 times and 500 measurements",
	geojson: "a FeatureCollection of @types/geojson, ten lines of ten points",
	completions: "a CompletionList of vscode-languageserver-types, fifty items",
};

const variants = 16;

/** Any number below `bound`, the same ones in each run. */
export class Numbers {
	#state = 1;

	below(bound: number): number {
		this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
		return Math.floor((this.#state / 0x1_0000_0000) * bound);
	}
}

export function makeValues(shape: ShapeName): unknown[] {
	const numbers = new Numbers();
	return Array.from({ length: variants }, () => makers[shape](numbers));
}

const makers: Readonly<Record<ShapeName, (numbers: Numbers) => unknown>> = {
	small: (numbers): Small => ({ ...makeSmall(numbers.below(0xffff)), v: numbers.below(1000) / 8 }),
	medium: (numbers): Order => makeOrder(numbers.below(0xffff)),
	order: (numbers): Order => ({
		...makeOrder(numbers.below(0xffff)),
		lines: times(50, () => ({
			sku: `${"ABCDE"[numbers.below(5)]}-${100 + numbers.below(9900)}`,
			count: 1 + numbers.below(9),
			cents: 1 + numbers.below(100_000),
		})),
	}),
	array: (numbers): Small[] =>
		times(1000, () => ({
			name: `item ${numbers.below(10_000)}`,
			id: numbers.below(1_000_000),
			v: numbers.below(10_000) / 16,
		})),
	tree: (numbers) => makeTree(numbers, 4),
	article: (numbers): Article => ({
		title: makeText(numbers, 6),
		author: { name: "Ada Lovelace", city: "Saint-Étienne" },
		language: (["de", "en", "fr"] as const)[numbers.below(3)]!,
		tags: times(6, () => words[numbers.below(words.length)]!),
		paragraphs: times(8, () => makeText(numbers, 60)),
		comments: times(10, () => ({ by: words[numbers.below(words.length)]!, text: makeText(numbers, 12) })),
	}),
	series: (numbers): Series => ({
		sensor: `roof ${numbers.below(100)}`,
		unit: "celsius",
		times: times(500, (index) => index * 60 + numbers.below(60)),
		values: times(500, () => numbers.below(4000) / 100 + numbers.below(1000) / 1e6),
	}),
	geojson: (numbers): FeatureCollection => ({
		type: "FeatureCollection",
		features: times(10, (index) => ({
			type: "Feature",
			id: index,
			geometry: {
				type: "LineString",
				coordinates: times(10, () => [numbers.below(1_800_000) / 1e4, numbers.below(900_000) / 1e4]),
			},
			properties: { name: `way ${numbers.below(1000)}`, lanes: 1 + numbers.below(3), isPaved: numbers.below(2) === 0 },
		})),
	}),
	completions: (numbers): CompletionList => ({
		isIncomplete: false,
		items: times(50, (index) => ({
			label: `${words[numbers.below(words.length)]}${index}`,
			kind: (1 + numbers.below(25)) as 1,
			detail: makeText(numbers, 4),
			documentation: { kind: "markdown", value: makeText(numbers, 12) },
			sortText: String(index).padStart(4, "0"),
			insertTextFormat: 1,
			textEdit: {
				range: {
					start: { line: numbers.below(2000), character: numbers.below(120) },
					end: { line: numbers.below(2000), character: numbers.below(120) },
				},
				newText: words[numbers.below(words.length)]!,
			},
		})),
	}),
};

function makeTree(numbers: Numbers, depth: number): Tree {
	return {
		name: `node ${numbers.below(1000)}`,
		weight: numbers.below(100_000),
		children: depth === 0 ? [] : times(3, () => makeTree(numbers, depth - 1)),
	};
}

const words = "the and river café naïve 雨 street whether Größe of 🕊 information été to morning a высота between".split(
	" ",
);

function makeText(numbers: Numbers, length: number): string {
	return times(length, () => words[numbers.below(words.length)]).join(" ");
}

function times<T>(count: number, make: (index: number) => T): T[] {
	return Array.from({ length: count }, (_, index) => make(index));
}
