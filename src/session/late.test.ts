import { describe, expect, it, onTestFinished } from 'vitest';
import { pump } from '../engine/world/index.ts';
import { nodeHop } from '../headless/hop.ts';
import { code } from './late-code.ts';
import { needsLateCode, withholdLateCode } from './late.ts';
import { programs } from './programs.ts';
import { Session } from './session.ts';

describe('late code', () => {
  it('is waited for by keys that can start or complete a program, and by no other keys', () => {
    const keys = (data: string) => needsLateCode({ kind: 'keys', terminal: 't1', data });
    for (const data of ['k', 'kubectl get pods', '部署', '😀']) expect(keys(data)).toBe(false);
    for (const data of ['\r', 'ls\n', '\t', '\x03', '\x1b[A', '\x7f']) expect(keys(data)).toBe(true);
  });

  it('is not waited for by a terminal that opens', () => {
    expect(needsLateCode({ kind: 'terminal', terminal: 't1', host: 'laptop', rows: 24, columns: 80 })).toBe(false);
    expect(needsLateCode({ kind: 'api', method: 'DELETE', path: '/api/v1/namespaces/a' })).toBe(true);
  });

  it('starts in the same virtual time as its stand-ins', () => {
    for (const group of Object.values(code.programs))
      for (const [name, program] of group) expect(programs.get(name)?.startup, name).toBe(program.startup);
  });
});

describe('a world without its late code', () => {
  it('comes to its prompt, and its cluster is there when the code is', async () => {
    const giveBack = withholdLateCode();
    onTestFinished(giveBack);
    let shown = '';
    const spec = { preset: 'kind-4', seed: 3, epoch: Date.UTC(2026, 0, 5), files: {} };
    const session = new Session(spec, nodeHop, { output: (_, data) => (shown += new TextDecoder().decode(data)) });
    session.apply({ kind: 'terminal', terminal: 't1', host: 'laptop', rows: 24, columns: 80 });
    await pump(session.queue, nodeHop, { until: session.room.needsLateCodeAt! - 1 });
    expect(shown).toContain('$ ');
    session.apply({ kind: 'keys', terminal: 't1', data: 'kubectl get pods' });
    await session.settle();
    expect(shown).toContain('kubectl get pods');
    expect(session.room.cluster).toBeUndefined();
    giveBack();
    await pump(session.queue, nodeHop, { until: 900_000 });
    expect(shown).not.toContain('slipway:');
    const pods = session.room.objects('/pods') as {
      status: { phase: string; containerStatuses: { restartCount: number }[] };
    }[];
    expect(pods.length).toBeGreaterThan(5);
    for (const { status } of pods) {
      expect(status.phase).toBe('Running');
      expect(status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual(
        status.containerStatuses.map(() => 0),
      );
    }
  });
});
