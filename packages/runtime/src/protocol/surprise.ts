/**
 * What a compiled codec throws at whatever it does not expect. The general codec then accepts the same value, or says what is wrong
 * with it. It is no Error: nobody ever sees it, and taking down a stack would cost more than the body.
 */
export const surprise = Symbol("surprise");

export function surprised(): never {
	throw surprise;
}

/** What a compiled codec throws where the room that it was given is too little. */
export const crowding = Symbol("crowding");

export function crowded(): never {
	throw crowding;
}
