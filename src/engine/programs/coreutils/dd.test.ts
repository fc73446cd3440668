import { describe, expect, it } from 'vitest';
import { bash, testMachine } from '../../../testing/shell.ts';
import { textTools } from '../index.ts';

const machine = () => {
  const test = testMachine(textTools);
  test.fs.makeDevice('/dev/zero', 'zero');
  test.fs.makeDevice('/dev/null', 'null');
  return test;
};

describe('dd', () => {
  it('copies blocks', async () => {
    const script = `printf 'abcdefghij' > in; dd if=in of=out bs=4 count=2 skip=1 2>err; cat out; echo; head -2 err`;
    expect((await bash(machine(), script)).stdout).toBe('efghij\n1+1 records in\n1+1 records out\n');
  });

  it('makes files of zeros', async () => {
    const test = machine();
    const result = await bash(test, 'dd if=/dev/zero of=big bs=1M count=100; wc -c < big');
    expect(result.stdout.trim()).toBe('104857600');
    expect(result.stderr).toMatch(
      /^100\+0 records in\n100\+0 records out\n104857600 bytes \(105 MB, 100 MiB\) copied, 0\.0\d+ s, \d\.\d GB\/s\n$/,
    );
    expect((await bash(test, 'dd if=/dev/zero of=small bs=10 count=1 status=none; wc -c < small')).stdout.trim()).toBe(
      '10',
    );
  });

  it('names what it cannot do', async () => {
    expect(await bash(machine(), 'dd if=missing of=x')).toMatchObject({
      exit: 1,
      stderr: "dd: failed to open 'missing': No such file or directory\n",
    });
    expect((await bash(machine(), 'dd bs=x')).stderr).toBe('dd: invalid number: ‘x’\n');
    expect((await bash(machine(), 'dd foo')).stderr).toContain('dd: unrecognized operand ‘foo’\n');
  });

  it('without an end is work until it is interrupted', async () => {
    const test = machine();
    expect((await bash(test, 'dd if=/dev/zero of=/dev/null', { interruptAfter: 5000 })).exit).toBe(130);
    expect(test.machine.usage.cpu.usedMs).toBeGreaterThan(4500);
  });
});
