/** What is used of libsodium, which not everyone who builds this package has installed. */
declare module "libsodium-wrappers" {
	const sodium: {
		readonly ready: Promise<void>;
		crypto_secretbox_easy(text: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
		/** Throws when the box is not whole. */
		crypto_secretbox_open_easy(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
	};
	export default sodium;
}
