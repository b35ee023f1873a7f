/** Says which receipt tells of what was deleted, where the answer has no body. */
export const RECEIPT_HEADER = 'Soma-Deletion-Receipt';
