import { beforeAll, expect, test } from 'vitest';
import { runScript } from './runner.ts';
import { parseScript, type StepResult } from './script.ts';

/** Each step starts a new terminal; what is typed waits for the text before it. */
const steps = {
  start: { cmd: 'kubectl run web --image=nginx:1.27 --port=80 --expose && kubectl wait --for=condition=Ready pod/web' },
  exec: {
    cmd: 'kubectl exec -it web -- bash',
    tty: true,
    input: [
      ['root@web:/# ', 'ls /etc/ngi\t\r'],
      ['root@web:/# ', 'echo one\r'],
      ['root@web:/# ', '\x1b[A\x7ff\r'],
      ['root@web:/# ', 'sleep 1000\r'],
      [1, '\x03'],
      ['root@web:/# ', 'exit 3\r'],
    ],
  },
  run: {
    cmd: 'kubectl run box --rm -it --image=busybox:1.36 --restart=Never',
    tty: true,
    input: [
      ['/ # ', 'hostna\x7fame\r'],
      ['/ # ', 'exit 4\r'],
    ],
  },
  runPiped: { cmd: 'kubectl run piped --rm -i --image=busybox:1.36 --restart=Never -- sh', stdin: 'hostname\n' },
  keep: {
    cmd: 'kubectl run keep -it --image=busybox:1.36',
    tty: true,
    input: [['/ # ', 'exit\r']],
  },
  reattach: {
    cmd: 'sleep 20; kubectl attach keep -it',
    tty: true,
    input: [
      ['prompt, try pressing enter', '\r'],
      ['/ # ', 'echo again\r'],
      ['/ # ', 'exit\r'],
    ],
  },
  node: {
    cmd: "kubectl debug node/kind-worker2 --image=busybox:1.36 --profile=sysadmin --attach -- sh -c 'sleep 3; hostname; ls /host/etc/kubernetes'",
  },
  copy: {
    cmd: 'kubectl cp web:/etc/nginx ./nginx && ls nginx; kubectl cp nginx web:/tmp/copy && kubectl exec web -- ls /tmp/copy',
  },
  missing: { cmd: 'kubectl cp web:/nope here; echo $?; kubectl cp :a b; kubectl cp web:/etc/nginx/nginx.conf nginx' },
  forward: { cmd: 'kubectl port-forward web :80', tty: true, interrupt_after_s: 3 },
  reached: {
    cmd: 'kubectl port-forward svc/web 8080:80 > /dev/null & sleep 1; curl -s localhost:8080/ | grep title; kill %1; kubectl proxy > /dev/null & sleep 1; curl -s localhost:8001/api/v1/namespaces/default/services/web/proxy/ | grep title; curl -s localhost:8001/api/v1/namespaces/default/pods/web/exec; kill %2',
  },
  nobody: { cmd: 'kubectl port-forward web 8081:81 & sleep 1; curl -sS localhost:8081/; sleep 1; wait %1; echo $?' },
  privileged: { cmd: 'kubectl port-forward svc/web 80' },
  taken: { cmd: 'kubectl proxy & sleep 1; kubectl proxy; kubectl port-forward web 8001:80; kill %1' },
  debug: {
    cmd: 'kubectl debug web -it --image=busybox:1.36 --target=web --profile=general',
    tty: true,
    input: [
      ['/ # ', 'ps | grep -c nginx; cat /proc/1/root/etc/hostname\r'],
      ['/ # ', '\x04'],
    ],
  },
} as const;

const results = new Map<string, StepResult>();

beforeAll(async () => {
  const script = parseScript(
    JSON.stringify({ preset: 'kind-4', files: {}, steps: Object.values(steps) }),
    'interactive',
  );
  const { steps: done } = await runScript(script, { seed: 1 });
  Object.keys(steps).forEach((name, i) => results.set(name, done[i]!));
}, 60_000);

const result = (name: keyof typeof steps) => results.get(name)!;

test('a shell in a container has history, completion, Ctrl-C and an exit status', () => {
  const { stdout, exit } = result('exec');
  expect(stdout).toContain('conf.d  mime.types  nginx.conf');
  expect(stdout).toContain('onf\r\n');
  expect(stdout).toContain('^C');
  expect(stdout).toContain('command terminated with exit code 3');
  expect(exit).toBe(3);
});

test('run --rm -it deletes its Pod and ends as the shell did', () => {
  const { stdout, exit } = result('run');
  expect(stdout).toContain("If you don't see a command prompt, try pressing enter.");
  expect(stdout).toContain('\nbox\r\n');
  expect(stdout).toContain('pod "box" deleted from default namespace\r\npod default/box terminated (Error)');
  expect(exit).toBe(4);
  expect(result('runPiped')).toMatchObject({
    exit: 0,
    stdout: 'piped\npod "piped" deleted from default namespace\n',
  });
});

test('a container that stays is attached to again', () => {
  expect(result('keep').stdout).toContain(
    "Session ended, resume using 'kubectl attach keep -c keep -i -t' command when the pod is running",
  );
  expect(result('reattach').stdout).toContain('\nagain\r\n');
});

test('debug shares processes and files of its target, or the namespaces of a node', () => {
  const { stdout } = result('debug');
  expect(stdout).toMatch(/\n[1-9]\r\nweb\r\n/);
  expect(stdout).toMatch(
    /Session ended, the ephemeral container will not be restarted but may be reattached using 'kubectl attach web -c debugger-\w{5} -i -t' if it is still running/,
  );
  expect(result('node').stdout).toMatch(
    /^Creating debugging pod node-debugger-kind-worker2-\w{5} with container debugger on node kind-worker2\.\nkind-worker2\n/,
  );
});

test('cp goes both ways, and says what tar says', () => {
  expect(result('copy')).toEqual({
    exit: 0,
    stdout:
      "tar: Removing leading `/' from member names\nconf.d\nmime.types\nnginx.conf\nconf.d\nmime.types\nnginx.conf\n",
    stderr: '',
  });
  const { stdout, stderr } = result('missing');
  expect(stdout).toBe(
    'tar: /nope: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n2\n'.replace(
      'tar: /nope',
      "tar: Removing leading `/' from member names\ntar: /nope",
    ) + "tar: Removing leading `/' from member names\n",
  );
  expect(stderr).toBe(
    'command terminated with exit code 2\n' +
      'error: filespec must match the canonical format: [[namespace/]pod:]file/path\n' +
      'error: open nginx: is a directory\n',
  );
});

test('ports that are opened, and those that are not', () => {
  expect(result('forward')).toMatchObject({ exit: 0 });
  expect(result('forward').stdout).toMatch(
    /^Forwarding from 127\.0\.0\.1:(\d+) -> 80\r\nForwarding from \[::1\]:\1 -> 80\r\n\^C/,
  );
  expect(result('privileged')).toEqual({
    exit: 1,
    stdout: '',
    stderr:
      'Unable to listen on port 80: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:80: bind: permission denied unable to create listener: Error listen tcp6 [::1]:80: bind: permission denied]\n' +
      'error: unable to listen on any of the requested ports: [{80 80}]\n',
  });
  expect(result('taken').stderr).toContain('error: listen tcp 127.0.0.1:8001: bind: address already in use\n');
  expect(result('taken').stderr).toContain('Error listen tcp4 127.0.0.1:8001: bind: address already in use');
});

test('curl on the same host reaches what is forwarded', () => {
  const title = '<title>Welcome to nginx!</title>\n';
  expect(result('reached').stdout).toBe(`${title}${title}Forbidden\n`);
  const { stdout, stderr } = result('nobody');
  expect(stdout).toMatch(/Handling connection for 8081\n1\n$/);
  expect(stderr).toMatch(/an error occurred forwarding 8081 -> 81: .*connection refused/);
  expect(stderr).toContain('curl: (52) Empty reply from server\n');
  expect(stderr).toContain('error: lost connection to pod\n');
});
