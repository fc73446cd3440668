import { expect, it } from 'vitest';
import { bash, learner, runCommand, testMachine } from '../../testing/shell.ts';
import { textTools } from '../programs/index.ts';
import { createShells } from './bash.ts';
import { createHostFiles } from './host.ts';
import { TestTerminal } from '../../testing/terminal.ts';

function host() {
  const test = testMachine(textTools);
  createHostFiles(test.fs, {
    hostname: 'host',
    programs: [...createShells().keys(), ...textTools.keys()],
    users: [learner],
  });
  return test;
}

it('looks like a small Ubuntu', async () => {
  const test = host();
  expect(
    (
      await bash(
        test,
        'cat /etc/hostname; . /etc/os-release; echo $ID; whoami; id -u; nproc; ls -ld ~ /tmp | cut -c1-10',
      )
    ).stdout,
  ).toBe('host\nubuntu\nlearner\n1000\n4\ndrwxr-x---\ndrwxrwxrwt\n');
});

it('keeps a learner out of what is root’s', async () => {
  const test = host();
  expect(await bash(test, 'echo x > /etc/hosts; ls /root; rm /etc/passwd; mkdir /x; cat /root/.bashrc')).toMatchObject({
    stderr:
      "bash: line 1: /etc/hosts: Permission denied\nls: cannot open directory '/root': Permission denied\nrm: cannot remove '/etc/passwd': Permission denied\nmkdir: cannot create directory ‘/x’: Permission denied\ncat: /root/.bashrc: Permission denied\n",
    exit: 1,
  });
});

it('installs every program', () => {
  const test = host();
  for (const name of textTools.keys()) expect(test.fs.lookup(`/bin/${name}`)).toMatchObject({ program: name });
});

it('lists processes', async () => {
  const result = await runCommand(host(), ['bash', '-c', 'sleep 5 & ps -o args= -p $!; kill $!']);
  expect(result.stdout).toBe('sleep 5\n');
});

it('greets a login with a coloured prompt, aliases and history that stays', async () => {
  const test = host();
  const term = new TestTerminal(test, ['bash', '-l', '-i']);
  expect(await term.type('', 200)).toBe('learner@host:~/work$ ');
  expect(term.raw).toContain('\x1b[01;32mlearner@host\x1b[00m:\x1b[01;34m~/work');
  expect(await term.type('nosuch\r')).toContain('-bash: nosuch: command not found');
  expect(await term.type('alias k\r')).toContain("alias k='kubectl'");
  await term.type('exit\r');
  expect(test.fs.readText('/home/learner/.bash_history')).toBe('nosuch\nalias k\nexit\n');
  const again = new TestTerminal(test, ['bash', '-l', '-i']);
  await again.type('', 200);
  expect(await again.type('\x1b[A\x1b[A')).toContain('alias k');
});
