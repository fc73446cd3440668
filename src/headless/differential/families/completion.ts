import { cross, lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich as setUp, rich as files } from './rich/index.ts';

const verbs = [
  'get',
  'describe',
  'delete',
  'edit',
  'label',
  'annotate',
  'patch',
  'scale',
  'expose',
  'autoscale',
  'logs',
  'exec',
  'attach',
  'port-forward',
  'cp',
  'top',
  'top pod',
  'top node',
  'cordon',
  'drain',
  'uncordon',
  'taint',
  'rollout',
  'rollout status',
  'rollout history',
  'rollout undo',
  'set',
  'set image',
  'set env',
  'wait',
  'explain',
  'create',
  'create deployment',
  'create secret',
  'create job',
  'create token',
  'create rolebinding',
  'config',
  'config use-context',
  'config delete-context',
  'config rename-context',
  'config delete-cluster',
  'config get-contexts',
  'config delete-user',
  'auth',
  'auth can-i',
  'certificate',
  'certificate approve',
  'apply',
  'apply view-last-applied',
  'diff',
  'replace',
  'run',
  'debug',
  'events',
  'api-resources',
  'completion',
  'plugin',
  'kustomize',
  'cluster-info',
  'version',
  'proxy',
  'alpha',
  'kuberc',
];
const words = [
  "''",
  'po',
  'pods',
  "pods ''",
  'pods/ ',
  'pods/f',
  "deploy ''",
  "deploy web ''",
  'deploy w',
  'deploy/w',
  "svc,deploy ''",
  'po,s',
  '-',
  '--',
  "-n ''",
  "--namespace ''",
  '--namespace=k',
  "-o ''",
  "--output=''",
  '--dry-run=',
  "--dry-run ''",
  "--context ''",
  "--cluster ''",
  "--user ''",
  "-f ''",
  "-l ''",
  "-c ''",
  "nope ''",
  '--na',
  '--nope=',
  "-nt ''",
  "-nteam ''",
  "-- ''",
  "web ''",
  "full ''",
  "full -c ''",
  "--for ''",
];

/** Shells and entries of the kubeconfig. */
const ofMaps = /__complete completion|--user|config delete-/;

export function completionSequences(): Sequence[] {
  return [
    sequence(
      'completion/words',
      'What kubectl offers at the cursor',
      [
        ...setUp,
        ...cross`kubectl __complete ${verbs} ${words}`.map((cmd) =>
          ofMaps.test(cmd) ? { cmd, reduce: 'completion-set' as const } : cmd,
        ),
      ],
      { files, reduce: 'completion' },
    ),
    sequence(
      'completion/more',
      'More places for the cursor',
      [
        ...setUp,
        ...lines(`
        kubectl __complete ''
        kubectl __complete g
        kubectl __complete nope ''
        kubectl __complete -
        kubectl __complete --
        kubectl __complete -n ''
        kubectl __complete --context ''
        kubectl __complete -n team get ''
        kubectl __complete get pods -n team ''
        kubectl __complete get cm -n default s
        kubectl __complete get cm settings ''
        kubectl __complete get cm/settings ''
        kubectl __complete get cm/settings cm/
        kubectl __complete get cm/settings w
        kubectl __complete get nodes ''
        kubectl __complete get widgets ''
        kubectl __complete get crd ''
        kubectl __complete get deploy.apps ''
        kubectl __complete get pods --field-selector ''
        kubectl __complete get pods --sort-by ''
        kubectl __complete get pods -A ''
        kubectl __complete get pods --show-labels=''
        kubectl __complete get --raw ''
        kubectl __complete help ''
        kubectl __complete help cre
        kubectl __complete help create ''
        kubectl __complete logs full ''
        kubectl __complete logs deploy/
        kubectl __complete logs full -c ''
        kubectl __complete logs full -c s
        kubectl __complete exec full -c ''
        kubectl __complete exec full -- ''
        kubectl __complete exec deploy/web -c ''
        kubectl __complete rollout restart ''
        kubectl __complete rollout restart deploy/
        kubectl __complete rollout undo deploy ''
        kubectl __complete set image deploy/web ''
        kubectl __complete set env deploy ''
        kubectl __complete cordon 1
        kubectl __complete drain --pod-selector ''
        kubectl __complete drain 127.0.0.1 ''
        kubectl __complete taint nodes ''
        kubectl __complete taint ''
        kubectl __complete config use-context k
        kubectl __complete config set-context ''
        kubectl __complete config set-context --cluster ''
        kubectl __complete config set-context --user ''
        kubectl __complete config set-context --namespace ''
        kubectl __complete config view -o ''
        kubectl __complete create deployment --image ''
        kubectl __complete create -f ''
        kubectl __complete create --dry-run ''
        kubectl __complete apply --dry-run=
        kubectl __complete apply -k ''
        kubectl __complete delete --cascade ''
        kubectl __complete delete --cascade=
        kubectl __complete version -o ''
        kubectl __complete api-resources --sort-by ''
        kubectl __complete api-resources -o ''
        kubectl __complete top pod --sort-by ''
        kubectl __complete completion z
        kubectl __complete completion bash ''
        kubectl __complete debug node/
        kubectl __complete debug full --target ''
        kubectl __complete debug full --profile ''
        kubectl __complete cp full
        kubectl __complete cp full:/x ''
        kubectl __complete cp ''
        kubectl __complete port-forward svc/
        kubectl __complete port-forward full ''
        kubectl __complete wait pods/
        kubectl __complete wait pods ''
        kubectl __complete explain pods.
        kubectl __complete explain pods.spec.
        kubectl __complete explain po
        kubectl __complete expose deploy ''
        kubectl __complete run x --image ''
        kubectl __complete run x --restart ''
        kubectl __complete events --for ''
        kubectl __complete events --types ''
        kubectl __complete auth can-i get ''
        kubectl __complete auth can-i ''
        kubectl __complete certificate approve ''
        kubectl __complete scale deploy web --replicas ''
        kubectl __complete scale --replicas=1 ''
        kubectl __complete get --kubeconfig ''
        kubectl __complete get po --server-print ''
        kubectl __complete get -o
        kubectl __complete get -oy
        kubectl __complete get --output y
        kubectl __complete get po -w -
        kubectl __complete get po --watch --w
        kubectl __complete get po -L ''
        kubectl __complete get po -o jsonpath=
        kubectl __complete describe pods plain full ''
        kubectl __complete
        kubectl __completeNoDesc get d
        kubectl __completeNoDesc ''
        kubectl completion bash | head -1 | cut -c1-20
      `),
      ],
      { files, reduce: 'completion' },
    ),
  ];
}
