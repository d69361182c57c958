import type { FeatureCollection } from "geojson";
import type { CompletionList } from "vscode-languageserver-types";
import type { Order, Small } from "./echo.js";

/** What `codec` writes and reads: the results. Nobody calls it. */
export interface Shapes {
	small(): Promise<Small>;
	medium(): Promise<Order>;
	/** With fifty lines. */
	order(): Promise<Order>;
	/** A thousand. */
	array(): Promise<Small[]>;
	tree(): Promise<Tree>;
	/** Mostly text, not all of it ASCII. */
	article(): Promise<Article>;
	/** Mostly numbers. */
	series(): Promise<Series>;
	/** Of `@types/geojson`. */
	geojson(): Promise<Features>;
	/** Of `vscode-languageserver-types`. */
	completions(): Promise<Completions>;
}

export interface Tree {
	name: string;
	/** @int @minimum 0 */
	weight: number;
	children: Tree[];
}

export interface Article {
	/** @minLength 1 @maxLength 200 */
	title: string;
	author: Author;
	language: "de" | "en" | "fr";
	tags: string[];
	paragraphs: string[];
	comments: Comment[];
}

export interface Author {
	name: string;
	city: string;
}

export interface Comment {
	by: string;
	text: string;
}

export interface Series {
	sensor: string;
	unit: string;
	/** Seconds since the first. */
	times: Seconds[];
	values: number[];
}

/** @int @minimum 0 */
export type Seconds = number;

export type Features = FeatureCollection;

export type Completions = CompletionList;
