import { describe, expect, it } from 'vitest';
import { readTar, TarError, writeTar, type TarEntry } from './tar.ts';

const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: 1_000_000 };

describe('tar', () => {
  it('reads what it writes, long names and extended attributes too', () => {
    const entries: TarEntry[] = [
      { name: 'dir/', type: 'directory', ...attributes, mode: 0o755 },
      { name: `dir/${'x'.repeat(120)}`, type: 'file', ...attributes, data: new TextEncoder().encode('hello') },
      { name: 'link', type: 'symlink', ...attributes, target: '/etc/passwd' },
      { name: 'bin', type: 'file', ...attributes, data: new Uint8Array(513), pax: { 'SLIPWAY.program': 'ls' } },
    ];
    const read = readTar(writeTar(entries));
    expect(read.map((e) => [e.name, e.type, e.data?.length, e.target])).toEqual([
      ['dir/', 'directory', undefined, undefined],
      [`dir/${'x'.repeat(120)}`, 'file', 5, undefined],
      ['link', 'symlink', undefined, '/etc/passwd'],
      ['bin', 'file', 513, undefined],
    ]);
    expect(read[3]!.pax?.['SLIPWAY.program']).toBe('ls');
  });

  it('pads files to blocks and ends with two empty ones', () => {
    expect(writeTar([{ name: 'f', type: 'file', ...attributes, data: new Uint8Array(10) }]).length).toBe(2048);
  });

  it('refuses what is no archive', () => {
    expect(() => readTar(new Uint8Array(512).fill(65))).toThrow(TarError);
  });
});
