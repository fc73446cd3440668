import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Command } from '../engine/commands/kubectl/framework/command.ts';
import { FlagValues, type FlagSpec } from '../engine/commands/kubectl/framework/flags.ts';
import { ownFlags, pathText, type CommandPath } from '../engine/commands/kubectl/framework/help.ts';
import { root } from '../engine/commands/kubectl/verbs/index.ts';
import { serverCertificate, serverKey } from '../session/certificates.ts';
import { ScriptRunner } from './runner.ts';

/** Nothing is accepted and ignored: each flag that a command declares is looked at while it runs. */

/** Arguments with which a command gets far enough to look at all of its flags. */
const usual: Readonly<Record<string, string | readonly string[]>> = {
  annotate: 'cm one a=b',
  'api-resources': '',
  apply: ['-f one.yaml', '-f one.yaml --prune -l app=x', '-f moved.yaml --force'],
  'apply edit-last-applied': 'cm one',
  'apply set-last-applied': ['-f one.yaml', '-f root.yaml'],
  'apply view-last-applied': 'cm one',
  attach: ['pod -c c --request-timeout=1s', 'pod'],
  'auth can-i': ['get pods', '--list'],
  'auth reconcile': ['-f role.yaml', '-f role.yaml'],
  autoscale: 'deploy web --max=3',
  'certificate approve': 'ann',
  'certificate deny': 'bob',
  cordon: 'kind-worker',
  uncordon: 'kind-worker',
  drain: [
    'kind-worker3 --ignore-daemonsets --force --delete-emptydir-data --dry-run=server',
    'kind-worker3 --ignore-daemonsets --force --disable-eviction --dry-run=server',
  ],
  cp: ['pod:/etc/hosts hosts', 'one.yaml pod:/tmp/x -c c'],
  create: '-f new.yaml',
  'create clusterrole': 'x --verb=get --resource=pods',
  'create clusterrolebinding': 'x --clusterrole=y',
  'create configmap': 'x',
  'create cronjob': 'x --image=i --schedule=@hourly',
  'create deployment': 'x --image=i',
  'create ingress': 'x --rule=h/p=s:80',
  'create job': 'x --image=i',
  'create poddisruptionbudget': 'x --selector=a=b --min-available=1',
  'create priorityclass': 'x --value=1',
  'create role': 'x --verb=get --resource=pods',
  'create rolebinding': 'x --role=y',
  'create secret docker-registry': 'x --docker-username=u --docker-password=p',
  'create secret tls': 'x --cert=cert.pem --key=key.pem',
  'create service clusterip': 'x --tcp=80',
  'create service externalname': 'x --external-name=a.b',
  'create service loadbalancer': 'x --tcp=80',
  'create service nodeport': 'x --tcp=80',
  'create token': 'default',
  debug: [
    'pod --image=busybox --target=c',
    'node/kind-worker --image=busybox',
    'pod --image=busybox --copy-to=copy --share-processes',
    'pod --image=busybox --copy-to=copy2 --set-image=c=nginx -- true',
  ],
  delete: 'cm one',
  describe: 'pod pod',
  diff: '-f one.yaml',
  edit: 'cm one',
  exec: ['pod -c c -- true', 'pod -i -t -q -- true'],
  explain: 'pods',
  expose: ['deploy web --port=80', 'deploy web --port=80 --name=w2 --overrides={}'],
  get: 'cm one',
  kustomize: 'dir',
  label: 'cm one a=b',
  logs: [
    'deploy/web --all-pods --prefix --ignore-errors',
    'pod -c c',
    '-l app=web --max-log-requests=9 --pod-running-timeout=1s',
    'pod -c c --previous --ignore-errors',
  ],
  patch: 'cm one -p {}',
  'port-forward': 'pod 80',
  replace: ['-f one.yaml', '--force -f one.yaml'],
  'rollout history': 'deploy web',
  'rollout pause': 'deploy other',
  'rollout restart': 'deploy web',
  'rollout resume': 'deploy paused',
  'rollout status': 'deploy web',
  'rollout undo': 'deploy web',
  run: [
    'x1 --image=nginx',
    'x2 --image=nginx --attach --rm --request-timeout=1s --pod-running-timeout=9s -- true',
    'x3 --image=nginx --expose --port=80 --command -- true',
  ],
  scale: 'deploy web --replicas=1',
  'set env': ['deploy web A=1', 'deploy web --list --resolve'],
  'set image': 'deploy web c=i:2',
  'set resources': 'deploy web --limits=cpu=1',
  'set selector': 'svc web a=b',
  'set serviceaccount': 'deploy web robot',
  'set subject': 'rolebinding x --user=u',
  taint: 'nodes kind-worker a=b:NoSchedule',
  wait: 'cm/one --for=jsonpath={.kind}=ConfigMap',
  'top node': '',
  'top pod': ['-A --sum', 'pod --containers'],
  events: '',
  version: ['', '--client'],
  'plugin list': '',
  'config view': ['', '--minify --raw', '--flatten'],
  'config set': 'clusters.kind-kind.tls-server-name x',
  proxy: '--port=0 --request-timeout=1s',
};

/** Commands that ask an API this cluster has not. */
const withoutApi = ['top node', 'top pod'];

/** Flags that only mean something together with another one. */
const companions: Readonly<Record<string, string>> = {
  'edit allow-missing-template-keys': '-o json',
  'apply edit-last-applied allow-missing-template-keys': '-o json',
  'apply prune-allowlist': '--prune -l app=x',
  'apply applyset': '--prune',
  'apply force-conflicts': '--server-side',
  'create windows-line-endings': '--edit',
  'diff prune-allowlist': '--prune',
  'get output-watch-events': '--watch --request-timeout=1s',
  'set env keys': '--from=cm/one',
  'run leave-stdin-open': '--stdin',
};

const deployment = (name: string, more = '') =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {${more}selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: "nginx:1.27", env: [{name: E, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}}}\n`;
const request = (name: string) =>
  `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: ${name}}\nspec: {signerName: example.com/s, usages: [client auth], request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIZE1JR0ZBZ0VBTUNNeEVEQU9CZ05WQkFvTUIyUmxkbVZzYjNCek1ROHdEUVlEVlFRRERBWmhibTVwTUZrdwpFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRXhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFhYeFg9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=}\n`;

const files = {
  'one.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {app: x}}\n',
  'new.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: new-}\n',
  'role.yaml':
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: []\n',
  'root.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\n',
  'moved.yaml': deployment('web').replaceAll('app: web', 'app: moved'),
  'bin/kubectl-hello': '#!/bin/sh\necho hello\n',
  'cert.pem': serverCertificate,
  'key.pem': serverKey,
  'dir/kustomization.yaml': 'resources: []\n',
  'setup.yaml': [
    deployment('web'),
    deployment('paused', 'paused: true, '),
    deployment('other'),
    'apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: {containers: [{name: c, image: "nginx:1.27"}]}\n',
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: x}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n',
    request('ann'),
    request('bob'),
  ].join('---\n'),
};

function paths(command: Command, parents: readonly Command[] = []): CommandPath[] {
  const own = [...parents, command] as unknown as CommandPath;
  return [own, ...(command.commands ?? []).flatMap((c) => paths(c, own))];
}

/** A text that the flag takes and that is not what it means anyway. */
function valueOf({ name, type, values, default: usualValue }: FlagSpec): string {
  if (values) return values.find((value) => value !== usualValue) ?? values[0]!;
  switch (type) {
    case 'bool':
      return usualValue === true ? 'false' : 'true';
    case 'duration':
      return '1s';
    case 'string':
    case 'stringSlice':
    case 'stringArray':
      return name === 'filename' ? 'one.yaml' : 'x=y';
    case 'stringToString':
      return 'x=y';
    default:
      return '1';
  }
}

let runner: ScriptRunner;
const kubectl = (args: readonly string[]) =>
  runner.step({
    cmd: ['kubectl', ...args].map((arg) => `'${arg}'`).join(' '),
    env: {
      KUBE_EDITOR: 'sed -i s/app/app1/',
      KUBECTL_APPLYSET: 'true',
      PATH: '/home/learner/work/bin:/usr/local/bin:/usr/bin:/bin',
    },
    interrupt_after_s: 20,
  });

beforeAll(async () => {
  runner = new ScriptRunner({ preset: 'kind-4', files });
  await runner.step({ cmd: 'chmod +x bin/kubectl-hello' });
  for (const file of ['one.yaml', 'setup.yaml']) await kubectl(['apply', '-f', file]);
  await kubectl(['wait', 'pod/pod', 'deploy/web', '--for=condition=Ready', '--timeout=60s']);
  await kubectl(['set', 'image', 'deploy/web', 'c=nginx:1.28']);
});
/** Commands take things away from each other. */
beforeEach(async () => {
  await kubectl(['apply', '-f', 'setup.yaml']);
  await kubectl(['wait', 'pod/pod', '--for=condition=Ready', '--timeout=60s']);
});
afterEach(() => (FlagValues.onRead = undefined));

const commands = paths(root).filter(
  (path) =>
    path.length > 1 && path.at(-1)!.run && !path.at(-1)!.rawArguments && !withoutApi.includes(pathText(path.slice(1))),
);

test.each(commands.map((path) => [pathText(path.slice(1)), path] as const))(
  'kubectl %s looks at each of its flags',
  async (name, path) => {
    const read = new Set<string>();
    FlagValues.onRead = (flag) => read.add(flag);
    const lines = [usual[name] ?? 'x'].flat();
    for (const line of lines) await kubectl([...name.split(' '), ...line.split(' ').filter(Boolean)]);
    const unread: string[] = [];
    for (const flag of ownFlags(path)) {
      // kubectl proxy looks at it when a request comes.
      if (flag.notSimulated === true || read.has(flag.name) || flag.name === 'append-server-path') continue;
      // Looked at only where it says something: then the flag is given.
      const base = lines[0]!
        .split(' ')
        .filter((word, i, all) => !given(flag, word) && !(i > 0 && given(flag, all[i - 1]!)));
      const dash = base.indexOf('--');
      const extra = [`--${flag.name}=${valueOf(flag)}`, ...(companions[`${name} ${flag.name}`]?.split(' ') ?? [])];
      const args = dash < 0 ? [...base, ...extra] : [...base.slice(0, dash), ...extra, ...base.slice(dash)];
      await kubectl([...name.split(' '), ...args.filter(Boolean)]);
      if (!read.has(flag.name)) unread.push(flag.name);
    }
    expect(unread).toEqual([]);
  },
  30_000,
);

function given(flag: FlagSpec, word: string): boolean {
  return word === `-${flag.shorthand}` || word === `--${flag.name}` || word.startsWith(`--${flag.name}=`);
}
