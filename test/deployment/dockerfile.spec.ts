import { existsSync, readFileSync } from 'node:fs';

const lines = readFileSync('Dockerfile', 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const stages = lines
  .join('\n')
  .split(/^FROM /m)
  .slice(1);
const last = (stages.at(-1) ?? '').split('\n');
const valueOf = (instruction: string): string | undefined =>
  last.find((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);

describe('Dockerfile', () => {
  it('builds every stage on the slim image of Node 24, or on another stage', () => {
    const names = stages.map((stage) => / AS (\S+)/.exec(stage.split('\n')[0] ?? '')?.[1]);
    const bases = stages.map((stage) => stage.split(/[ \n]/)[0] ?? '');
    const foreign = bases.filter((base) => !/^node:24(-\w+)?-slim$/.test(base));
    expect(foreign.filter((base) => !names.includes(base))).toEqual([]);
    expect(bases.length).toBeGreaterThan(2);
  });

  it('runs as nobody that may change the program, by number', () => {
    expect(valueOf('USER')).toBe('1000:1000');
    const after = last.slice(last.findIndex((line) => line.startsWith('USER ')) + 1);
    expect(after.filter((line) => /^(COPY|ADD|RUN|USER) /.test(line))).toEqual([]);
    expect(last.filter((line) => /^(COPY|ADD) .*--chown/.test(line))).toEqual([]);
  });

  it('has signals, health and the volume of the embedded database', () => {
    expect(valueOf('ENTRYPOINT')).toBe('["/usr/bin/tini", "--", "node"]');
    expect(valueOf('HEALTHCHECK')).toContain('["node", "healthcheck.js"]');
    expect(valueOf('VOLUME')).toBe('/data');
    expect(lines.join(' ')).toContain('SOMA_DATA_DIR=/data');
  });

  it('takes into the image what the steps assembled, and nothing from beside it', () => {
    const copies = last.filter((line) => /^(COPY|ADD) /.test(line));
    expect(copies).toEqual(['COPY --from=app /app ./']);
  });

  it('starts a program that there is, and holds no secret', () => {
    const [program = ''] = JSON.parse(valueOf('CMD') ?? '[]') as string[];
    expect(existsSync(program.replace('dist/', '').replace(/\.js$/, '.ts'))).toBe(true);
    expect(lines.filter((line) => /TOKEN|PASSWORD|SECRET|API_KEY/.test(line))).toEqual([]);
  });
});
