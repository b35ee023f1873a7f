const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Whether a text is free of NUL and lone surrogates, which no store of ours can hold. */
export const isStorableText = (text: string): boolean => !UNSTORABLE.test(text);
