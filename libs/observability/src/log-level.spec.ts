import { LogLevel } from './log-level.js';
import { setLogLevelSchema } from './log-level.schema.js';

describe(LogLevel, () => {
  const logger = { level: 'info' };
  let sut: LogLevel;

  beforeEach(() => {
    import.meta.jest.useFakeTimers({ now: Date.parse('2026-01-31T12:00:00Z') });
    logger.level = 'info';
    sut = new LogLevel('info', () => logger);
  });
  afterEach(() => {
    sut.onApplicationShutdown();
    import.meta.jest.useRealTimers();
  });

  it('changes the level until it is changed again', () => {
    expect(sut.set({ level: 'trace' })).toEqual({
      level: 'trace',
      configured: 'info',
      until: null,
    });
    import.meta.jest.advanceTimersByTime(86_400_000);
    expect([logger.level, sut.read().level]).toEqual(['trace', 'trace']);
  });

  it('falls back to the configured level when its time is over, and not before', () => {
    const { until } = sut.set({ level: 'debug', for_seconds: 600 });
    expect(until).toBe('2026-01-31T12:10:00.000Z');
    import.meta.jest.advanceTimersByTime(599_999);
    expect(logger.level).toBe('debug');
    import.meta.jest.advanceTimersByTime(1);
    expect(logger.level).toBe('info');
    expect(sut.read()).toEqual({ level: 'info', configured: 'info', until: null });
  });

  it('forgets the end of an earlier setting', () => {
    sut.set({ level: 'debug', for_seconds: 60 });
    sut.set({ level: 'warn' });
    import.meta.jest.advanceTimersByTime(120_000);
    expect(logger.level).toBe('warn');
  });

  it.each([{ level: 'loud' }, {}, { level: 'debug', for_seconds: 0 }, { level: 'debug', for: 1 }])(
    'is not told %j',
    (body) => {
      expect(setLogLevelSchema.safeParse(body).success).toBe(false);
    },
  );
});
