import { expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

/** What programs in a container can notice: whose tools these are, and what they may do. */

async function inBusybox(script: string, flags = '') {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  await runner.step({ cmd: 'docker pull -q busybox' });
  return runner.step({ cmd: `docker run --rm ${flags} busybox sh -c '${script}'` });
}

it("speaks as busybox's applets do", async () => {
  const { stderr } = await inBusybox(
    'cat /n; touch /a/b; rm /q; mkdir /etc; cp /q /r; mv /q /r; ls /q; chown foo /etc',
  );
  expect(stderr.split('\n')).toEqual([
    "cat: can't open '/n': No such file or directory",
    'touch: /a/b: No such file or directory',
    "rm: can't remove '/q': No such file or directory",
    "mkdir: can't create directory '/etc': File exists",
    "cp: can't stat '/q': No such file or directory",
    "mv: can't rename '/q': No such file or directory",
    'ls: /q: No such file or directory',
    'chown: unknown user foo',
    '',
  ]);
});

it('lists files in the columns of busybox', async () => {
  const { stdout } = await inBusybox('echo hi > /tmp/f; ls -l /tmp');
  expect(stdout).toMatch(/^total 4\n-rw-r--r-- {4}1 root {5}root {13}3 \w{3} [ \d]\d \d\d:\d\d f\n$/);
});

it('lets root do what its capabilities allow', async () => {
  expect((await inBusybox('touch /x; chown nobody /x')).exit).toBe(0);
  const dropped = await inBusybox('touch /x; chown nobody /x', '--cap-drop CHOWN');
  expect(dropped.stderr).toBe('chown: /x: Operation not permitted\n');
  expect((await inBusybox('ip link set lo down')).stderr).toContain('Operation not permitted');
  expect((await inBusybox('ip link set lo down', '--cap-add NET_ADMIN')).exit).toBe(0);
  const unknown = await inBusybox('true', '--cap-add nosuch');
  expect(unknown.stderr).toContain('invalid CapAdd: unknown capability: "CAP_NOSUCH"');
});

it('gives groups and limits to its processes', async () => {
  const { stdout } = await inBusybox('id; ulimit -n; ulimit -Hn', '-u nobody --group-add 7 --ulimit nofile=100:200');
  expect(stdout).toBe('uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup),7\n100\n200\n');
  const crowded = await inBusybox('sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait', '--pids-limit 3');
  expect(crowded.stderr).toContain('Resource temporarily unavailable');
});

it('prints structs in templates as Go does', async () => {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  await runner.step({ cmd: 'docker pull -q busybox; docker run --name done -p 80:80 busybox sh -c "exit 3"' });
  const { stdout } = await runner.step({ cmd: "docker inspect -f '{{.State}} {{.HostConfig.PortBindings}}' done" });
  expect(stdout).toMatch(
    /^\{exited false false false false false 0 3 {2}\S+Z \S+Z <nil>\} map\[80\/tcp:\[\{ 80\}\]\]\n$/,
  );
});

it('is offline when its link is down', async () => {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  const { stderr } = await runner.step({ cmd: 'ip link set eth0 down; docker pull -q busybox' });
  expect(stderr).toContain('dial tcp: lookup registry-1.docker.io: no such host');
});
