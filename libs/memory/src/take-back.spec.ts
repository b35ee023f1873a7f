import fc from 'fast-check';
import { takeBack, type VersionOrigin } from './take-back.js';

const SINCE = new Date('2026-11-21T12:00:00Z');
const OF = { token: 'them', since: SINCE };

/** Versions 1, 2, …, a minute apart: the first `early` of them before the moment. */
const historyOf = (
  versions: readonly Partial<VersionOrigin>[],
  early = 0,
): readonly VersionOrigin[] =>
  versions.map((given, at) => ({
    version: at + 1,
    writtenBy: 'us',
    createdAt: new Date(SINCE.getTime() + (at - early) * 60_000),
    partial: false,
    restoredFrom: null,
    ...given,
  }));

const us = { writtenBy: 'us' };
const them = { writtenBy: 'them' };

describe(takeBack, () => {
  it('deletes what only the writer wrote', () => {
    expect(takeBack(historyOf([them, { ...them, partial: true }]), OF)).toEqual({ kind: 'delete' });
  });

  it('restores the last version without the writer, whoever wrote it, and whenever', () => {
    expect(takeBack(historyOf([us, us, them, them]), OF)).toEqual({ kind: 'restore', version: 2 });
    expect(takeBack(historyOf([them, them, them], 2), OF)).toEqual({ kind: 'restore', version: 2 });
    const unknown = { writtenBy: null };
    expect(takeBack(historyOf([unknown, them]), OF)).toEqual({ kind: 'restore', version: 1 });
  });

  it('keeps what others rewrote since, and says whether something of the writer is left', () => {
    expect(takeBack(historyOf([them, us]), OF)).toEqual({ kind: 'keep', mixed: false });
    const patched = historyOf([them, { ...us, partial: true }]);
    expect(takeBack(patched, OF)).toEqual({ kind: 'keep', mixed: true });
  });

  it('does not restore a version that others built on the writer’s', () => {
    const history = historyOf([us, them, { ...us, partial: true }, them]);
    expect(takeBack(history, OF)).toEqual({ kind: 'restore', version: 1 });
  });

  it('takes a repetition for what it repeats', () => {
    const restored = historyOf([us, them, { writtenBy: 'admin', restoredFrom: 1 }]);
    expect(takeBack(restored, OF)).toEqual({ kind: 'none' });
    const poison = historyOf([us, them, us, { writtenBy: 'admin', restoredFrom: 2 }]);
    expect(takeBack(poison, OF)).toEqual({ kind: 'restore', version: 1 });
    const again = historyOf([us, them, { writtenBy: 'admin', restoredFrom: 1 }, them]);
    expect(takeBack(again, OF)).toEqual({ kind: 'restore', version: 1 });
  });

  it('does not go back to what was taken back from another writer', () => {
    const restored = { writtenBy: 'admin', restoredFrom: 1 };
    const history = historyOf([them, { writtenBy: 'eve' }, restored]);
    expect(takeBack(history, OF)).toEqual({ kind: 'delete' });
    const elder = historyOf([us, them, { writtenBy: 'eve' }, { ...restored, restoredFrom: 2 }]);
    expect(takeBack(elder, OF)).toEqual({ kind: 'restore', version: 1 });
  });

  it('has nothing to do without versions', () => {
    expect(takeBack([], OF)).toEqual({ kind: 'none' });
  });

  const someHistory = fc
    .array(fc.record({ writtenBy: fc.constantFrom('us', 'them', null), partial: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    })
    .chain((versions) =>
      fc.nat(versions.length).map((early) =>
        historyOf(
          versions.map((version, at) => (at === 0 ? { ...version, partial: false } : version)),
          early,
        ),
      ),
    );

  it('has nothing more to do once it was done', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const action = takeBack(history, OF);
        if (action.kind !== 'restore') return;
        const repeated: VersionOrigin = {
          version: history.length + 1,
          writtenBy: 'admin',
          createdAt: new Date(SINCE.getTime() + 3_600_000),
          partial: false,
          restoredFrom: action.version,
        };
        expect(takeBack([...history, repeated], OF)).toEqual({ kind: 'none' });
      }),
    );
  });

  it('never restores, nor calls clear, what the writer had a part in', () => {
    const hasPart = (history: readonly VersionOrigin[], version: number): boolean => {
      const found = history.find((one) => one.version === version);
      if (!found) return false;
      const own = found.writtenBy === OF.token && found.createdAt >= SINCE;
      return own || (found.partial && hasPart(history, version - 1));
    };
    fc.assert(
      fc.property(someHistory, (history) => {
        const action = takeBack(history, OF);
        const current = hasPart(history, history.length);
        if (action.kind === 'restore') expect(hasPart(history, action.version)).toBe(false);
        if (action.kind === 'keep') expect(action.mixed).toBe(current);
        if (action.kind === 'none') throw new Error('Nothing was repeated here.');
      }),
    );
  });
});
