import { tooLate } from './milvus-failure.js';

/**
 * Gives up waiting after `milliseconds`, also where the client below would wait longer: for a free
 * channel, or for a connection.
 */
export async function withDeadline<Answer>(
  operation: string,
  milliseconds: number,
  work: Promise<Answer>,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate(operation, milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
