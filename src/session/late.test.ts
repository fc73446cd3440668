import { describe, expect, it } from 'vitest';
import { code } from './late-code.ts';
import { needsLateCode } from './late.ts';
import { programs } from './programs.ts';

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
    for (const [name, program] of code.programs) expect(programs.get(name)?.startup, name).toBe(program.startup);
  });
});
