import { memoryExample } from './memory.examples.js';
import { assertVersion, entityTag } from './version-precondition.js';

const memory = { ...memoryExample, version: 3 };

describe(assertVersion.name, () => {
  it.each([undefined, '*', '"3"', '"1", "3"'])('passes %j', (ifMatch) => {
    expect(() => assertVersion(ifMatch, memory)).not.toThrow();
  });

  it('passes the tag of the memory itself', () => {
    expect(() => assertVersion(entityTag(memory), memory)).not.toThrow();
  });

  it('refuses another version, saying which is there', () => {
    expect(() => assertVersion('"2"', memory)).toThrow(/at version 3, not 2/);
  });

  it.each(['3', 'W/"3"', '""', '"a"'])('refuses %j, which is no tag of ours', (ifMatch) => {
    expect(() => assertVersion(ifMatch, memory)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});
