import { SomaError } from '@soma/core';
import { type DatabaseFailure, translateFailure } from './database-failure.js';

const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};
const coded = (code: string): Error => Object.assign(new Error('failed'), { code });

/** As Prisma wraps what it has no code of its own for. */
const wrapped = (originalCode: string): Error =>
  Object.assign(new Error('failed'), {
    code: 'P2010',
    meta: { driverAdapterError: { cause: { originalCode } } },
  });

describe(translateFailure.name, () => {
  let reasons: DatabaseFailure[];
  const note = (reason: DatabaseFailure): void => {
    reasons.push(reason);
  };

  beforeEach(() => {
    reasons = [];
  });

  it.each([
    ['plain', coded('53100')],
    ["in Prisma's wrapping", wrapped('53100')],
  ])('tells of a full disk, %s, and says when to come back', async (_, error) => {
    const failure = await translateFailure(failing(error), note).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(SomaError);
    expect(failure).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 5 });
    expect(reasons).toEqual(['full']);
  });

  it('says so when the database is away for another reason', async () => {
    const lost = new Error('Raw query failed. Message: `Server has closed the connection.`');
    for (const error of [coded('57P01'), coded('ECONNRESET'), wrapped('08006'), lost]) {
      await expect(translateFailure(failing(error), note)).rejects.toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
        retryAfterSeconds: 1,
      });
    }
    expect(reasons).toEqual(['away', 'away', 'away', 'away']);
  });

  it('passes on what is no fault of the database', async () => {
    const error = coded('23505');
    await expect(translateFailure(failing(error), note)).rejects.toBe(error);
    expect(reasons).toEqual([]);
  });
});
