import { describe, expect, it } from 'vitest';
import { bash, testMachine } from '../../../testing/shell.ts';
import { textTools } from '../index.ts';
import { loadPrograms } from './registry.ts';
import { parseBytes, parseTime } from './hogs.ts';

const machine = () => testMachine(new Map([...textTools, ...loadPrograms]));

describe('stress', () => {
  it('keeps CPUs busy for the time it is told', async () => {
    const test = machine();
    const result = await bash(test, 'stress --cpu 2 --timeout 10s');
    expect(result).toMatchObject({ exit: 0, stderr: '' });
    expect(result.stdout).toMatch(
      /^stress: info: \[\d+\] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: info: \[\d+\] successful run completed in 10s\n$/,
    );
    expect(test.machine.usage.cpu.usedMs).toBeGreaterThanOrEqual(20_000);
    expect(test.machine.usage.cpu.usedMs).toBeLessThan(20_200);
    expect(test.world.queue.steps).toBeLessThan(200);
  });

  it('holds memory, and gives it back', async () => {
    const test = machine();
    const result = await bash(
      test,
      'stress --vm 2 --vm-bytes 100M --vm-hang 0 -t 5 -q & sleep 3; ps -eo rss,args | grep "[s]tress$"; wait',
    );
    const sizes = result.stdout.split('\n').filter((line) => /\d{5,}/.test(line));
    expect(sizes).toHaveLength(2);
    for (const line of sizes) expect(Number.parseInt(line)).toBeGreaterThan(102_400);
    expect(test.machine.usage.memory.peak).toBeGreaterThan(200 << 20);
    expect(test.machine.usage.memory.bytes).toBeLessThan(1 << 20);
  });

  it('fails when a worker is killed, and for wrong options', async () => {
    const test = machine();
    test.machine.usage.limits = { memory: 64 << 20 };
    const result = await bash(test, 'stress --vm 1 --vm-bytes 128M');
    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/stress: FAIL: \[\d+\] \(416\) <-- worker \d+ got signal 9\n/);
    expect((await bash(machine(), 'stress --cpus 1')).stderr).toMatch(/unrecognized option: --cpus/);
    expect((await bash(machine(), 'stress -c 0')).stderr).toMatch(/invalid number of cpu hogs: 0/);
  });
});

describe('stress-ng', () => {
  it('loads a CPU partly, and says what it did', async () => {
    const test = machine();
    const result = await bash(test, 'stress-ng --cpu 1 --cpu-load 40 --timeout 20s');
    expect(result.exit).toBe(0);
    expect(result.stdout).toContain('setting to a 20 secs run per stressor\n');
    expect(result.stdout).toContain('dispatching hogs: 1 cpu\n');
    expect(result.stdout).toContain('successful run completed in 20.00 secs\n');
    expect(test.machine.usage.cpu.usedMs / 20_000).toBeCloseTo(0.4, 1);
  });

  it('starts a memory stressor again that was killed', async () => {
    const test = machine();
    test.machine.usage.limits = { memory: 64 << 20 };
    expect((await bash(test, 'stress-ng --vm 1 --vm-bytes 128M --vm-hang 0 -t 3s')).exit).toBe(0);
  });

  it('says what it cannot do', async () => {
    expect(await bash(machine(), 'stress-ng --fork 4')).toMatchObject({
      exit: 1,
      stderr: 'slipway: stress-ng --fork is not simulated\n',
    });
  });
});

describe('amounts', () => {
  it('have units', () => {
    expect(['10', '4K', '250M', '1g', 'x'].map(parseBytes)).toEqual([10, 4096, 250 << 20, 2 ** 30, undefined]);
    expect(['60', '10s', '5m', 'x'].map(parseTime)).toEqual([60_000, 10_000, 300_000, undefined]);
  });
});
