import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { LogLevelName, LogLevelState, SetLogLevel } from './log-level.schema.js';

/** What has a level that counts for everything logged after it was set. */
export interface LeveledLogger {
  level: string;
}

/** How much this process logs: as configured, unless it was told otherwise for a while. */
@Injectable()
export class LogLevel implements OnApplicationShutdown {
  private level: LogLevelName;
  private until: Date | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** @param logger asked for when it is needed: it may come to be after this. */
  constructor(
    private readonly configured: LogLevelName,
    private readonly logger: () => LeveledLogger,
  ) {
    this.level = configured;
  }

  read(): LogLevelState {
    const { level, configured, until } = this;
    return { level, configured, until: until?.toISOString() ?? null };
  }

  /** At once, for every request that begins after it. An earlier setting and its end are forgotten. */
  set({ level, for_seconds: seconds }: SetLogLevel): LogLevelState {
    this.change(level);
    if (seconds !== undefined) {
      const ms = seconds * 1_000;
      this.until = new Date(Date.now() + ms);
      this.timer = setTimeout(() => this.change(this.configured), ms).unref();
    }
    return this.read();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private change(level: LogLevelName): void {
    clearTimeout(this.timer);
    this.until = null;
    this.level = level;
    this.logger().level = level;
  }
}
