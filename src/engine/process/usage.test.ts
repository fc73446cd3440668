import { describe, expect, it } from 'vitest';
import { Network } from '../network/index.ts';
import { FileSystem, pump, World } from '../world/index.ts';
import { CpuPool } from './cpu.ts';
import { createMachine } from './machine.ts';
import { MemoryGroup } from './memory.ts';
import type { Program } from './process.ts';
import { Usage, type HostResources } from './usage.ts';

const MiB = 1 << 20;
const hop = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(cpus = 8) {
  const world = new World({ seed: 1, epoch: 0 });
  const network = new Network(world);
  const host: HostResources = { cpu: new CpuPool(cpus), memory: new MemoryGroup(world.queue) };
  let n = 0;
  const machine = (limits = {}) => {
    const name = `m${n++}`;
    return createMachine({
      world,
      network,
      hostname: name,
      fs: new FileSystem({ now: () => 0 }),
      net: network.addNamespace(name, []),
      programs: new Map(),
      usage: new Usage(world.queue, host, limits),
    });
  };
  const run = async (until: number) => {
    await pump(world.queue, hop, { until });
    world.queue.advanceTo(until);
  };
  const start = (on: ReturnType<typeof machine>, program: Program) =>
    on.processes.run(program, ['p'], undefined, { env: new Map() });
  return { world, host, machine, run, start };
}

const work =
  (ms: number, cores = 1): Program =>
  async (p) => {
    await p.cpu(ms, cores);
    return 0;
  };

describe('CPU time', () => {
  it('passes as fast as work needs it while there is enough', async () => {
    const { machine, start, run, world } = setUp();
    const m = machine();
    start(m, work(300));
    start(m, work(500));
    await run(300);
    expect(m.usage.cpu.usedMs).toBe(600);
    await run(1000);
    expect(m.usage.cpu.usedMs).toBe(800);
    expect(world.queue.now).toBe(1000);
    expect(m.usage.read().throttling).toEqual({ ms: 0, periods: 0, throttledPeriods: 0 });
  });

  it('is stretched by a quota, for all alike, and the periods are counted', async () => {
    const { machine, start, run } = setUp();
    const m = machine({ cpus: 0.5 });
    const first = start(m, work(500));
    await run(500);
    start(m, work(Infinity));
    await run(1290);
    expect(first.status).toBeUndefined();
    // A period's worth at full speed, 200 ms at half of it, and what is left at a quarter.
    await run(1310);
    expect(first.status).toBe(0);
    expect(m.usage.cpu.usedMs).toBeCloseTo(705);
    expect(m.usage.read().throttling).toMatchObject({ periods: 13, throttledPeriods: 12 });
  });

  it('in short bursts is not stretched: the quota is a budget that fills up again', async () => {
    const { machine, start, run } = setUp();
    const m = machine({ cpus: 0.5 });
    const bursts = start(m, async (p) => {
      for (let i = 0; i < 5; i++) {
        await p.cpu(60);
        await p.sleep(140);
      }
      return 0;
    });
    await run(990);
    expect(m.usage.cpu.usedMs).toBeCloseTo(300);
    expect(m.usage.read().throttling).toMatchObject({ ms: 0, throttledPeriods: 0 });
    await run(1001);
    expect(bursts.status).toBe(0);
  });

  it('goes by weight when a machine is busy; who wants little gets it', async () => {
    const { machine, start, run } = setUp(2);
    const heavy = machine({ cpuShares: 1024 });
    const light = machine({ cpuShares: 512 });
    const modest = machine({ cpuShares: 1024 });
    start(modest, work(Infinity, 0.2));
    for (const m of [heavy, light]) for (let i = 0; i < 2; i++) start(m, work(Infinity));
    await run(1000);
    expect(modest.usage.cpu.usedMs).toBeCloseTo(200);
    expect(heavy.usage.cpu.usedMs).toBeCloseTo(1200);
    expect(light.usage.cpu.usedMs).toBeCloseTo(600);
  });

  it('of a background is worked out when it is asked for; ends with the process', async () => {
    const { machine, start, run, world, host } = setUp();
    const m = machine();
    const process = start(m, async (p) => {
      p.background(0.02);
      await p.sleep(Infinity);
      return 0;
    });
    await run(3_600_000);
    expect(m.usage.cpu.usedMs).toBeCloseTo(72_000);
    expect(m.usage.cpu.usedAt(3_585_000)).toBeCloseTo(71_700);
    expect(host.cpu.usedAt(3_585_000)).toBeCloseTo(71_700);
    expect(world.queue.steps).toBeLessThan(10);
    process.kill('SIGKILL');
    await run(3_700_000);
    expect(m.usage.cpu.usedMs).toBeCloseTo(72_000);
    expect(m.usage.cpu.wanted).toBe(0);
  });

  it('of a running process shows while it runs', async () => {
    const { machine, start, run } = setUp();
    const m = machine({ cpus: 0.5 });
    start(m, work(Infinity));
    await run(1000);
    expect(m.processes.list()[0]!.cpuMs).toBe(550);
  });
});

describe('memory', () => {
  it('is what processes have, and goes with them', async () => {
    const { machine, start, run, host } = setUp();
    const m = machine();
    start(m, async (p) => {
      p.memory.set(10 * MiB);
      await p.sleep(1000);
      p.memory.set(30 * MiB);
      await p.sleep(1000);
      return 0;
    });
    await run(500);
    expect(m.usage.memory.bytes).toBe(10 * MiB);
    await run(1500);
    expect(host.memory.bytes).toBe(30 * MiB);
    await run(2500);
    expect(m.usage.memory.bytes).toBe(0);
    expect(m.usage.memory.peak).toBe(30 * MiB);
  });

  it('that grows reaches its limit at a moment that is known before', async () => {
    const { machine, start, run, world } = setUp();
    const m = machine({ memory: 100 * MiB });
    let at = 0;
    m.usage.onMemoryExceeded = () => {
      at = world.queue.now;
      m.processes.killOwn();
    };
    start(m, async (p) => {
      p.memory.set(0);
      p.memory.grow(MiB / 10);
      await p.sleep(Infinity);
      return 0;
    });
    await run(900);
    expect(m.usage.memory.bytes).toBe(90 * MiB);
    await run(2000);
    expect(at).toBeCloseTo(1000, 3);
    expect(m.usage.memory.bytes).toBe(0);
    expect(world.queue.steps).toBeLessThan(10);
  });

  it('levels are told of each time they are exceeded', async () => {
    const { host, run } = setUp();
    const told: string[] = [];
    host.memory.watch(100, () => told.push('high'));
    host.memory.watch(50, () => told.push('low'));
    host.memory.change(60);
    await run(1);
    host.memory.change(60);
    await run(2);
    host.memory.change(-30);
    host.memory.change(30);
    await run(3);
    host.memory.change(-120);
    host.memory.change(200);
    await run(4);
    expect(told).toEqual(['low', 'high', 'high', 'low', 'high']);
  });
});
