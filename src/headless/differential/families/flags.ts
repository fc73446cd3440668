import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const broken = [
  '--nope',
  '--nope=1',
  '-Z',
  '-o',
  '--output',
  '--=x',
  '---x',
  '--o',
  '-n',
  '--namespace',
  '-Aq',
  '--v=x',
  '-vx',
  '--request-timeout',
  '--request-timeout=x',
  '--request-timeout=-1s',
  '--as-group=g',
  '--as-uid=u',
  '--as-user-extra=a=b',
  '--as-user-extra=a --as=x',
  '--token= get',
  '--insecure-skip-tls-verify=maybe',
  '--warnings-as-errors=2',
  '--kubeconfig=nope',
  '--context=nope',
  '--cluster=nope',
  '--user=nope',
  '--server=http://127.0.0.1:1',
  '-s localhost:1',
  '--match-server-version',
  '--log-flush-frequency=x',
  '--profile=nope',
  '--disable-compression',
];

export function flagSequences(): Sequence[] {
  return [
    sequence('flags/errors', 'Flags that are wrong', [
      ...cross`kubectl get pods ${broken}`,
      ...cross`kubectl ${broken} get cm`,
      ...cross`kubectl ${['delete', 'describe', 'label', 'annotate', 'create', 'apply', 'patch', 'scale', 'replace', 'expose', 'autoscale', 'wait', 'events', 'explain', 'diff', 'edit', 'taint', 'cordon', 'drain', 'set image', 'rollout status', 'config view', 'auth can-i', 'api-resources', 'version']} ${['--nope', '-Z', '--dry-run=x', '-f', '--filename=', '-o=nope', '']}`,
    ]),
    sequence(
      'flags/places',
      'Flags in unusual places and forms',
      lines(`
      kubectl -n kube-system get cm -o name
      kubectl get -n kube-system cm -o name
      kubectl get cm -nkube-system -oname
      kubectl get cm -n=kube-system -o=name
      kubectl get cm --namespace kube-system --output name
      kubectl --namespace=kube-system get cm --output=name
      kubectl get -Ao name cm
      kubectl get -A=false -o name cm
      kubectl get --all-namespaces=true -o name cm
      kubectl get --all_namespaces -o name cm
      kubectl get cm -o name -o json -o name
      kubectl get cm -- -o name
      kubectl get -- cm -o name
      kubectl -- get cm
      kubectl get cm - -o name
      kubectl get '' -o name
      kubectl '' get cm
      kubectl get cm ''
      kubectl gett cm
      kubectl geet
      kubectl ge cm
      kubectl dele
      kubectl lgs
      kubectl aply -f x
      kubectl crate
      kubectl rollot
      kubectl ls
      kubectl rm pod
      kubectl show
      kubectl update
      kubectl GET cm
      kubectl -n get cm
      kubectl --nope
      kubectl --nope get
      kubectl -x
      kubectl --version
      kubectl -v
      kubectl --v
      kubectl get cm -v=0 -o name
      kubectl get cm --v=0 -o name
      kubectl get cm -v0 -o name
      kubectl get --help=false cm -o name
      kubectl get -n '' cm -o name
      kubectl get -n 'a b' cm
      kubectl get -n UPPER cm
      kubectl get -n a/b cm
      kubectl get cm -o name --as=nobody
      kubectl get cm -o name --as=system:serviceaccount:default:default --as-group=a --as-group=b
      kubectl get cm -o name --token=abc
      kubectl get cm -o name --token=admin-token
      kubectl get cm --username=a --password=b
      kubectl get cm --username=a
      kubectl get cm --password=b
      kubectl get cm --token=x --username=a --password=b
      kubectl get cm --client-certificate=nope
      kubectl get cm --client-key=nope
      kubectl get cm --certificate-authority=nope
      kubectl get cm --tls-server-name=nope
      kubectl get cm --insecure-skip-tls-verify
      kubectl get cm --insecure-skip-tls-verify --certificate-authority=x
      kubectl get cm --server=https://127.0.0.1:1
      kubectl get cm --server=http://127.0.0.1:1/path
      kubectl get cm --server=ftp://127.0.0.1:1
      kubectl get cm --server=:1
      kubectl get cm --server=127.0.0.1:1
      kubectl get cm --server='http://[::1'
      kubectl get cm --request-timeout=1ns
      kubectl get cm --request-timeout=5 -o name
      kubectl get cm --request-timeout=0 -o name
      kubectl get cm --request-timeout=0s -o name
      kubectl get cm --chunk-size=-1 -o name
      kubectl get cm --chunk-size=x
      kubectl get cm --chunk-size=99999999999999999999
      kubectl get cm --chunk-size=0x10 -o name
      kubectl get cm --chunk-size=1_0 -o name
      kubectl get cm --chunk-size= -o name
      kubectl get cm --watch=x
      kubectl get cm --show-labels=1
      kubectl get cm --show-labels=2
      kubectl get cm -L
      kubectl get cm -L=
      kubectl get cm -l
      kubectl get cm --selector
      kubectl get cm -wq
      kubectl get cm -no -o name
      kubectl scale deploy x --replicas
      kubectl scale deploy x --replicas=
      kubectl scale deploy x --replicas=-
      kubectl scale deploy x --replicas=1.5
      kubectl scale deploy x --replicas=2147483648
      kubectl scale deploy x --replicas=9223372036854775808
      kubectl scale deploy x --timeout=1
      kubectl scale deploy x --timeout=1x
      kubectl scale deploy x --timeout=
      kubectl scale deploy x --timeout=1h1
      kubectl create quota q --hard=a
      kubectl create quota q --hard='"'
      kubectl create quota q --hard='a"b'
      kubectl create quota q --hard='"a","b'
      kubectl create cm x --from-literal
      kubectl create service clusterip x --tcp='"a'
      kubectl run x --labels
      kubectl version --client -o yaml extra
      kubectl version --client --short
      kubectl version -o x
      kubectl version --client -o json extra
      kubectl version --output
      kubectl api-versions extra
      kubectl api-resources extra
      kubectl options extra
      kubectl cluster-info extra
      kubectl config view extra
      kubectl config current-context extra
      kubectl completion
      kubectl completion tcsh
      kubectl completion bash zsh
      kubectl plugin list extra
      kubectl plugin list
      kubectl plugin list --name-only
    `),
    ),
  ];
}
