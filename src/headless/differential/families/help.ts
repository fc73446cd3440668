import { commandName, type Command } from '../../../engine/commands/kubectl/framework/command.ts';
import { root } from '../../../engine/commands/kubectl/verbs/index.ts';
import { lines, sequence, type Sequence } from '../sequence.ts';

function paths(command: Command, parent: string): string[] {
  const path = `${parent}${commandName(command)}`;
  const listed = (command.commands ?? []).filter((c) => !c.hidden);
  return [path, ...listed.flatMap((c) => paths(c, `${path} `))];
}

export function helpSequences(): Sequence[] {
  const all = paths(root, '');
  return [
    sequence('help/commands', 'Help of every command', [...all.map((path) => `${path} --help`), 'kubectl options'], {
      reduce: 'help',
    }),
    sequence(
      'help/ways',
      'Other ways to ask for help',
      lines(`
        kubectl
        kubectl help
        kubectl help get
        kubectl help create deployment
        kubectl create deployment help
        kubectl help create nope
        kubectl help nope
        kubectl help nope get
        kubectl create -h
        kubectl -h
        kubectl -h get
        kubectl get -h pods
        kubectl get pods -h -o nope
        kubectl -n x create -h
        kubectl create
        kubectl set
        kubectl rollout
        kubectl config
        kubectl auth
        kubectl certificate
        kubectl plugin
        kubectl create secret
        kubectl create service
        kubectl apply view-last-applied -h
        kubectl create nope
        kubectl set nope
        kubectl set imgae deploy/x a=b
        kubectl rollout nope
        kubectl config nope
        kubectl auth nope
        kubectl certificate nope
        kubectl create secret nope
        kubectl create service nope x
        kubectl plugin nope
        kubectl cluster-info nope
        kubectl top nope
        kubectl top
        kubectl alpha
        kubectl alpha nope
        kubectl options -h
        kubectl kuberc
        kubectl kuberc -h
        kubectl kuberc set -h
        kubectl kuberc view -h
      `),
      { reduce: 'help' },
    ),
  ];
}
