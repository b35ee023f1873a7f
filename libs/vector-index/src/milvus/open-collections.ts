import { collectionName, dimensionOf, modelPrefix } from './collection-schema.js';
import type { CollectionSetup } from './ensure-collection.js';

/** Which collections are ready, each prepared once and remembered until something goes wrong. */
export class OpenCollections {
  private readonly ready = new Map<string, Promise<string>>();

  constructor(
    private readonly setup: CollectionSetup,
    private readonly prefix: string,
  ) {}

  /** The collection of a model's vectors, made if need be. */
  ensure(model: string, dimension: number): Promise<string> {
    const name = collectionName(this.prefix, model, dimension);
    return this.once(name, async () => {
      if (!(await this.setup.exists(name))) await this.setup.create(name, dimension);
      await this.setup.prepare(name, dimension);
    });
  }

  /** The same, or undefined if nobody has made it yet. */
  async find(model: string, dimension: number): Promise<string | undefined> {
    const name = collectionName(this.prefix, model, dimension);
    if (!this.ready.has(name) && !(await this.setup.exists(name))) return undefined;
    return this.once(name, () => this.setup.prepare(name, dimension));
  }

  /** Those of a model: one, as a model has one dimension, or none. */
  ofModel(model: string): Promise<string[]> {
    return this.beginningWith(modelPrefix(this.prefix, model));
  }

  all(): Promise<string[]> {
    return this.beginningWith(`${this.prefix}_`);
  }

  /** Drops those of a model, whoever made them. */
  async drop(model: string): Promise<void> {
    const start = modelPrefix(this.prefix, model);
    for (const name of await this.setup.list()) {
      if (!name.startsWith(start) || dimensionOf(this.prefix, name) === undefined) continue;
      this.forget(name);
      await this.setup.drop(name);
    }
    for (const name of this.ready.keys()) if (name.startsWith(start)) this.forget(name);
  }

  /** Whether it is there still: another process may have dropped it. */
  exists(name: string): Promise<boolean> {
    return this.setup.exists(name);
  }

  /** Has the collection checked anew before its next use. */
  forget(name: string): void {
    this.ready.delete(name);
  }

  private async beginningWith(start: string): Promise<string[]> {
    const known = [...this.ready.keys()].filter((name) => name.startsWith(start));
    const names =
      known.length > 0 ? known : (await this.setup.list()).filter((name) => name.startsWith(start));
    const ours = names.flatMap((name) => {
      const dimension = dimensionOf(this.prefix, name);
      return dimension === undefined ? [] : [{ name, dimension }];
    });
    return Promise.all(
      ours.map(({ name, dimension }) => this.once(name, () => this.setup.prepare(name, dimension))),
    );
  }

  private once(name: string, prepare: () => Promise<void>): Promise<string> {
    const known = this.ready.get(name);
    if (known) return known;
    const preparing = prepare().then(() => name);
    this.ready.set(name, preparing);
    preparing.catch(() => {
      if (this.ready.get(name) === preparing) this.ready.delete(name);
    });
    return preparing;
  }
}
