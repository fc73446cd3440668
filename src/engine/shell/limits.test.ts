import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bash, runCommand, testMachine } from '../../testing/shell.ts';
import { textTools } from '../programs/index.ts';

const machine = () => testMachine(textTools);

describe('runaway scripts', () => {
  it('endless loops pass time and end by Ctrl-C', async () => {
    const test = machine();
    const result = await bash(test, 'while true; do :; done', { interruptAfter: 5000 });
    expect(result.exit).toBe(130);
    expect(test.world.queue.now).toBeGreaterThanOrEqual(5000);
  });

  it('endless recursion is an error', async () => {
    const result = await bash(machine(), 'f() { f; }; f; echo never');
    expect(result.stderr).toContain('f: maximum function nesting level exceeded (1000)');
    expect(result.stdout).toBe('');
  });

  it('eval that evaluates itself is an error', async () => {
    const result = await bash(machine(), `x='eval "$x"'; eval "$x"`);
    expect(result.stderr).toContain('maximum function nesting level exceeded');
  });

  it('a fork bomb burns out', async () => {
    const test = machine();
    const result = await bash(test, ':(){ :|:& };:; sleep 30; echo alive');
    expect(result.stderr).toContain('fork: retry: Resource temporarily unavailable');
    // The bomb's group was killed, the script with it; the machine goes on.
    expect(await bash(test, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    expect(test.machine.processes.list()).toHaveLength(0);
  });

  it('yes stops when nobody reads', async () => {
    expect(await bash(machine(), 'yes | head -2; echo "${PIPESTATUS[@]}"')).toEqual({
      stdout: 'y\ny\n141 0\n',
      stderr: '',
      exit: 0,
    });
  });

  it('output into a file has a limit', async () => {
    const result = await bash(machine(), 'yes 0123456789012345678901234567890 > big');
    expect(result).toMatchObject({ stderr: 'yes: write error: No space left on device\n', exit: 1 });
  });

  it('a variable that doubles for ever is an error', async () => {
    const result = await bash(machine(), 'x=ab; while :; do x=$x$x; done');
    expect(result.stderr).toMatch(/xrealloc: cannot allocate \d+ bytes/);
  });

  it('brace expansion has a limit', async () => {
    expect((await bash(machine(), 'echo {1..1000000000}')).stderr).toContain('brace expansion: more than 100000 words');
  });

  it('programs in jq and awk that never end are stopped', async () => {
    expect((await bash(machine(), `jq -n '[range(1e12)]|length'`)).stderr).toContain('takes more than');
    expect((await bash(machine(), `jq -n 'def f: f+1; f'`)).stderr).toContain('nested more than');
    expect((await bash(machine(), `awk 'BEGIN { while (1) x++ }'`, { interruptAfter: 2000 })).exit).toBe(130);
    expect((await bash(machine(), `awk 'function f(n) { return f(n+1) } BEGIN { f(1) }'`)).stderr).toContain(
      'nested more than',
    );
  });

  it('very long input is refused', async () => {
    expect((await bash(machine(), `echo ${'x'.repeat(5 << 20)}`)).stderr).toContain('too long for the shell');
  });
});

describe('signals and jobs', () => {
  it('runs the EXIT trap when Ctrl-C ends the shell', async () => {
    const result = await bash(machine(), 'trap "echo bye" EXIT; sleep 100', { interruptAfter: 1000 });
    expect(result).toMatchObject({ stdout: 'bye\n', exit: 130 });
  });

  it('runs an INT trap after the foreground command', async () => {
    const result = await bash(machine(), 'trap "echo caught" INT; sleep 100; echo after', { interruptAfter: 1000 });
    expect(result).toMatchObject({ stdout: 'caught\nafter\n', exit: 0 });
  });

  it('runs pipelines concurrently', async () => {
    const test = machine();
    await bash(test, 'sleep 5 | sleep 5 | sleep 5');
    expect(test.world.queue.now).toBeLessThan(6000);
  });

  it('closes pipes only when the last holder is gone', async () => {
    expect(await bash(machine(), '(sleep 1; echo late) & echo early; wait')).toMatchObject({ stdout: 'early\nlate\n' });
    expect(await bash(machine(), '{ (sleep 1; echo late) & echo early; } | cat')).toMatchObject({
      stdout: 'early\nlate\n',
    });
  });

  it('is deterministic', async () => {
    const run = async () => {
      const test = machine();
      const result = await bash(test, 'for i in 1 2 3; do (sleep 0.$i; echo $RANDOM) & done; wait; ls / | sort -R');
      return { result, hash: test.world.stateHash() };
    };
    expect(await run()).toEqual(await run());
  });
});

describe('other shells', () => {
  it('word their errors their own way', async () => {
    const test = machine();
    expect((await runCommand(test, ['sh', '-c', 'nosuch'])).stderr).toBe('sh: 1: nosuch: not found\n');
    expect((await runCommand(test, ['ash', '-c', 'nosuch'])).stderr).toBe('ash: nosuch: not found\n');
    expect((await runCommand(test, ['bash', '-c', 'echo $0 $1', 'a', 'b'])).stdout).toBe('a b\n');
    expect((await runCommand(test, ['bash'], { stdin: 'echo in\n' })).stdout).toBe('in\n');
  });
});

describe('whatever is typed', () => {
  const pieces = ['echo', 'a', '$x', '"', "'", '|', '&', ';', '\n', '(', ')', '{', '}', '${', '$(', '`', '<', '>', '<<E', 'E', '&&', '||', 'if', 'then', 'fi', 'for', 'in', 'do', 'done', 'while', 'case', 'esac', '[[', ']]', '((', '))', '$((', '1', '+', '*', '?', '[', ']', '!', '\\', '~', '#', 'x=', 'f()', 'local', 'return', 'break', 'set -e', 'cat', 'sed s/a/b/', 'awk', 'grep', 'sort', 'jq .', '/dev/null', '2>&1', '%', '@', ':', '-', '{1..3}', 'true', 'false', 'read y', 'exit', 'eval', 'trap', 'shift', 'wait', '$@', '$#', '${x:-', '${x//', ' ', ' ', ' ', '  ']; // prettier-ignore
  it('never is an internal error', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), async (parts) => {
        const result = await bash(machine(), parts.join(' '), { interruptAfter: 20_000 });
        expect(result.stderr).not.toContain('internal error');
        expect(result.exit).not.toBe(124);
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});
