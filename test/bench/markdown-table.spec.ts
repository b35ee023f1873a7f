import { markdownTable } from './markdown-table.ts';
import { progressBar } from './progress.ts';

describe('markdownTable', () => {
  it('lines its columns up, numbers to the right', () => {
    expect(markdownTable(['set', 'recall@10'], [['locomo', '0.618']])).toBe(
      ['| set    | recall@10 |', '|--------|----------:|', '| locomo |     0.618 |'].join('\n'),
    );
  });
});

describe('progressBar', () => {
  it('shows the share done and the count', () => {
    expect(progressBar('asking', 1500, 3000)).toBe(
      `asking     [${'#'.repeat(15)}${'.'.repeat(15)}] 1,500/3,000`,
    );
  });
});
