const MAX_STATEMENTS = 200;
const MAX_SEEN = 2_000;

/**
 * Names statements that come again, so that each connection parses and plans them once. Filters
 * make endless different statements, most of them once: those stay unnamed.
 */
export class PreparedStatements {
  private readonly names = new Map<string, string>();
  private readonly seen = new Set<string>();

  /** undefined for a statement that is not worth preparing. */
  nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MAX_STATEMENTS) return known;
    if (!this.seen.has(text)) {
      if (this.seen.size >= MAX_SEEN) this.seen.clear();
      this.seen.add(text);
      return undefined;
    }
    const name = `soma_${this.names.size}`;
    this.names.set(text, name);
    return name;
  }
}
