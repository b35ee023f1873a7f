import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { scanJson, SomaError, type TenantScope } from '@soma/core';
import type { Extension, HookName, Hooks } from './extension.js';
import { frozenCopy, frozenScope } from './frozen.js';

export interface ExtensionRules {
  /** Longest that one hook is waited for. */
  readonly timeoutMs: number;
  /** Told of every hook that threw, was late or answered rubbish. */
  onFailure(extension: string, hook: HookName): void;
}

/** After-hooks under way at once; those above are not called, and count as failed. */
const MOST_UNDER_WAY = 1_000;

/** Makes an answer, as plain JSON, into the next input. @throws for what the hook may not say. */
type Apply<Input> = (input: Input, answer: unknown, extension: string) => Input;

interface Question<Input> {
  readonly input: Input;
  readonly apply: Apply<Input>;
}

/** Calls hooks: one extension after the other, as listed, each within its time. */
@Injectable()
export class Extensions implements OnApplicationShutdown {
  private readonly logger = new Logger(Extensions.name);
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly extensions: readonly Extension[],
    private readonly rules: ExtensionRules,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  has(...hooks: readonly HookName[]): boolean {
    return hooks.some((hook) => this.with(hook).length > 0);
  }

  /**
   * What the input becomes. @throws SomaError EXTENSION_FAILED when a hook throws, is late or
   * answers rubbish, and EXTENSION_REFUSED as `apply` does.
   */
  before<Input>(
    hook: HookName,
    scope: TenantScope,
    input: Input,
    apply: Apply<Input>,
  ): Promise<Input> {
    return this.oneAfterTheOther(hook, scope, { input, apply }, (extension, error) => {
      if (error instanceof Refused) throw error.toSomaError(extension.name);
      this.failed(extension, hook, error);
      throw new SomaError(
        'EXTENSION_FAILED',
        `The extension "${extension.name}" could not judge this (${hook}), so nothing was done. ` +
          'Ask again later; why it could not is in the log of the service.',
      );
    });
  }

  /** The same of a hook without a say: where one fails, the input stays as it was. */
  review<Input>(
    hook: HookName,
    scope: TenantScope,
    input: Input,
    apply: Apply<Input>,
  ): Promise<Input> {
    return this.oneAfterTheOther(hook, scope, { input, apply }, (extension, error) => {
      this.failed(extension, hook, error);
    });
  }

  /** Tells of what is committed, in the background: no answer waits for it. */
  after(hook: HookName, scope: TenantScope, input: unknown): void {
    const told = this.with(hook);
    if (told.length === 0) return;
    if (this.underWay.size >= MOST_UNDER_WAY) {
      const error = new Error(`More than ${MOST_UNDER_WAY} hooks are under way.`);
      for (const extension of told) this.failed(extension, hook, error);
      return;
    }
    const running = this.tell(told, hook, scope, frozenCopy(input)).finally(() => {
      this.underWay.delete(running);
    });
    this.underWay.add(running);
  }

  private async tell(
    told: readonly Extension[],
    hook: HookName,
    scope: TenantScope,
    input: unknown,
  ): Promise<void> {
    for (const extension of told) {
      try {
        await this.call(extension, hook, scope, input);
      } catch (error) {
        this.failed(extension, hook, error);
      }
    }
  }

  private with(hook: HookName): readonly Extension[] {
    return this.extensions.filter(({ hooks }) => hooks[hook] !== undefined);
  }

  private async oneAfterTheOther<Input>(
    hook: HookName,
    scope: TenantScope,
    { input, apply }: Question<Input>,
    onFailure: (extension: Extension, error: unknown) => void,
  ): Promise<Input> {
    let current = input;
    for (const extension of this.with(hook)) {
      try {
        current = await this.applied(extension, hook, scope, { input: current, apply });
      } catch (error) {
        onFailure(extension, error);
      }
    }
    return current;
  }

  private async applied<Input>(
    extension: Extension,
    hook: HookName,
    scope: TenantScope,
    { input, apply }: Question<Input>,
  ): Promise<Input> {
    const answer = await this.call(extension, hook, scope, frozenCopy(input));
    if (answer === undefined || answer === null) return input;
    return apply(input, plainJson(answer), extension.name);
  }

  private async call(
    { name, hooks }: Extension,
    hook: HookName,
    scope: TenantScope,
    input: unknown,
  ): Promise<unknown> {
    const { timeoutMs } = this.rules;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new LateHook(`${hook} of "${name}" took longer than ${timeoutMs} ms.`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([asked({ hooks, hook }, frozenScope(scope), input), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private failed({ name }: Extension, hook: HookName, error: unknown): void {
    this.rules.onFailure(name, hook);
    // Not the message, which might quote what a client stored.
    const kind = error instanceof Error ? error.name : typeof error;
    this.logger.error({ extension: name, hook, kind, at: framesOf(error) }, 'An extension failed');
  }
}

class LateHook extends Error {
  override readonly name = 'LateHook';
}

/** Thrown while an answer is applied: a refusal by the extension's own will. */
export class Refused extends Error {
  toSomaError(extension: string): SomaError {
    return new SomaError('EXTENSION_REFUSED', `${this.message} (extension "${extension}")`);
  }
}

async function asked(
  { hooks, hook }: { readonly hooks: Hooks; readonly hook: HookName },
  scope: TenantScope,
  input: unknown,
): Promise<unknown> {
  const call = hooks[hook];
  return call && (await Reflect.apply(call, hooks, [scope, input]));
}

/** Without getters, classes and whatever else JSON has not; as a client's body is read. */
function plainJson(answer: unknown): unknown {
  const text = JSON.stringify(answer);
  scanJson(text);
  return JSON.parse(text);
}

const FRAMES = 3;

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, FRAMES)
    .map((line) => line.trim());
}
