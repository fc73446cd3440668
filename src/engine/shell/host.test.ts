import { expect, it } from 'vitest';
import { bash, learner, runCommand, testMachine } from '../../testing/shell.ts';
import { textTools } from '../programs/index.ts';
import { createShells } from './bash.ts';
import { createHostFiles } from './host.ts';

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
