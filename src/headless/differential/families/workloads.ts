import { cross, lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich, rich } from './rich/index.ts';

const template = (name: string, image: string) =>
  `template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: "${image}", ports: [{containerPort: 80}]}]}}`;
const files = {
  'd.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\nspec: {replicas: 0, selector: {matchLabels: {app: web}}, ${template('web', 'img:1')}}\n`,
  's.yaml': `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {replicas: 0, serviceName: db, selector: {matchLabels: {app: db}}, ${template('db', 'img:1')}}\n`,
  'ds.yaml': `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {a: none}, containers: [{name: c, image: i}]}}}\n`,
  'od.yaml': `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: od}\nspec: {replicas: 0, serviceName: db, updateStrategy: {type: OnDelete}, selector: {matchLabels: {app: od}}, ${template('od', 'img:1')}}\n`,
  'rs.yaml': `apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: rs}\nspec: {replicas: 0, selector: {matchLabels: {app: rs}}, ${template('rs', 'img:1')}}\n`,
  'pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: p}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 81, protocol: UDP}]}]}\n',
  'bare.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {containers: [{name: c, image: i}]}\n',
  'svc.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {selector: {app: web}, ports: [{port: 80, name: a}, {port: 81, name: b}]}\n',
  'job.yaml':
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: job}\nspec: {suspend: true, parallelism: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}\n',
  'onnode.yaml': ['free', 'local']
    .map(
      (n, i) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: ${n}}\nspec: {nodeName: 127.0.0.1, terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]${i ? ', volumes: [{name: v, emptyDir: {}}]' : ''}}\n`,
    )
    .join('---\n'),
};
const setUp = [
  'kubectl apply -f d.yaml -f s.yaml -f ds.yaml -f od.yaml -f rs.yaml -f pod.yaml -f bare.yaml -f svc.yaml -f job.yaml',
];
const everything = [
  'deploy/web',
  'deploy web',
  'sts/db',
  'sts/od',
  'ds/agent',
  'rs/rs',
  'po/p',
  'svc/svc',
  'job/job',
  'nope/x',
  'deploy/nope',
  'deploy',
  '-f d.yaml',
  '-f nope.yaml',
  '',
  'deploy/web sts/db',
  'deploy -l app=web',
  'deploy -l app=none',
];

export function workloadSequences(): Sequence[] {
  return [
    sequence(
      'workloads/scale',
      'kubectl scale',
      [
        ...setUp,
        ...cross`kubectl scale ${everything} ${['--replicas=0', '', '--replicas=0 --current-replicas=0', '--replicas=0 --current-replicas=5', '--replicas=0 --resource-version=1', '--replicas=-1', '--replicas=0 --dry-run=client', '--replicas=0 --dry-run=server', '--replicas=0 -o name', '--replicas=0 -o jsonpath={.spec.replicas}', '--replicas=0 --timeout=1s']}`,
        ...lines(`
        kubectl scale deploy --all --replicas=0
        kubectl scale deploy,sts --all --replicas=0
        kubectl scale deploy web --all --replicas=0
        kubectl scale --replicas=0 -f d.yaml -f s.yaml
        kubectl scale --replicas=0 deploy/web --subresource=scale
      `),
      ],
      { files },
    ),
    sequence(
      'workloads/rollout',
      'kubectl rollout',
      [
        ...setUp,
        'kubectl set image deploy/web c=img:2',
        'kubectl annotate deploy/web kubernetes.io/change-cause=second',
        'kubectl set image sts/db c=img:2',
        ...cross`kubectl rollout ${['history', 'pause', 'resume', 'restart', 'status --timeout=2s', 'undo --dry-run=server', 'undo --dry-run=client']} ${everything}`,
        ...lines(`
        kubectl rollout history deploy/web --revision=1
        kubectl rollout history deploy/web --revision=2
        kubectl rollout history deploy/web --revision=9
        kubectl rollout history deploy/web --revision=-1
        kubectl rollout history deploy/web --revision=x
        kubectl rollout history sts/db --revision=1
        kubectl rollout history sts/db --revision=9
        kubectl rollout history ds/agent --revision=1
        kubectl rollout history deploy/web -o yaml
        kubectl rollout history deploy/web -o jsonpath={.metadata.name}
        kubectl rollout history deploy/web --revision=1 -o jsonpath={.spec.template.spec.containers[0].image}
        kubectl rollout history deploy/web -o name
        kubectl rollout history deploy,sts
        kubectl rollout undo deploy/web
        kubectl rollout undo deploy/web --to-revision=2
        kubectl rollout undo deploy/web --to-revision=9
        kubectl rollout undo deploy/web --to-revision=0
        kubectl rollout undo deploy/web --to-revision=-1
        kubectl rollout undo deploy/web -o yaml --dry-run=server
        kubectl rollout undo sts/db
        kubectl rollout undo sts/db --to-revision=1
        kubectl rollout undo sts/db --to-revision=9
        kubectl rollout undo ds/agent
        kubectl rollout pause deploy/web
        kubectl rollout pause deploy/web
        kubectl rollout undo deploy/web
        kubectl rollout restart deploy/web
        kubectl rollout status deploy/web --timeout=1s
        kubectl rollout resume deploy/web
        kubectl rollout resume deploy/web
        kubectl rollout status deploy/web --watch=false
        kubectl rollout status deploy/web --revision=1
        kubectl rollout status deploy/web --revision=99
        kubectl rollout status deploy/web --timeout=x
        kubectl rollout status sts/od
        kubectl rollout status deploy web extra
        kubectl rollout restart deploy/web -o name
        kubectl rollout restart deploy/web -o jsonpath={.kind}
        kubectl rollout restart deploy
        kubectl rollout restart deploy --all
        kubectl rollout restart deploy/web --field-manager=x
      `),
      ],
      { files },
    ),
    sequence(
      'workloads/expose',
      'kubectl expose and autoscale',
      [
        ...setUp,
        ...cross`kubectl expose ${everything} ${['--dry-run=client -o yaml', '--port=80 --dry-run=client', '--port=80 --name=n --dry-run=server -o yaml']}`,
        ...cross`kubectl expose deploy web --dry-run=client -o yaml ${['--port=80', '--port=0', '--port=x', '--port=80,81', '--port=70000', '--port=80 --target-port=8080', '--port=80 --target-port=http', '--port=80 --target-port=x,y', '--type=NodePort', '--type=LoadBalancer --load-balancer-ip=1.2.3.4', '--type=ExternalName --external-name=a.b', '--type=Nope', '--protocol=UDP', '--protocol=x', '--name=Bad_', '--selector=a=b', '--selector=a', '-l a=b,c=d', '--labels=x=y', '--labels=x', '--external-ip=1.1.1.1', '--external-ip=x', '--cluster-ip=None', '--cluster-ip=x', '--session-affinity=ClientIP', '--session-affinity=x', '--overrides={"metadata":{"labels":{"z":"1"}}}', "--overrides='{'", '--overrides={} --override-type=json', "--overrides='[]' --override-type=json", '--overrides=\'[{"op":"add","path":"/metadata/labels/q","value":"r"}]\' --override-type=json', '--overrides=\'{"spec":{"ports":[{"port":80,"name":"o"}]}}\' --override-type=strategic', '--overrides=\'{"spec":{"ports":[{"port":81}]}}\' --override-type=merge', '--override-type=nope --overrides={}', '--generator=x', '--save-config', '--name=$(printf %070d 0)']}`,
        ...lines(`
        kubectl expose deploy web
        kubectl expose deploy web
        kubectl expose deploy web --name=again --port=1
        kubectl expose po p --name=pp
        kubectl expose svc svc --name=svc2
        kubectl expose po bare
        kubectl expose po bare --port=1
        kubectl expose po bare --port=1 --selector=a=b
        kubectl expose rs rs --port=9
        kubectl expose sts db --port=9 --name=dbs -o name
        kubectl expose -f pod.yaml --name=fromfile
        kubectl get svc -o custom-columns=N:.metadata.name,S:.spec.selector,P:.spec.ports
      `),
        ...cross`kubectl autoscale ${everything} ${['--max=3 --dry-run=client', '--max=3 --min=1 --cpu=50% --dry-run=server -o yaml', '']}`,
        ...cross`kubectl autoscale deploy web --dry-run=client -o yaml ${['--max=3', '--min=2', '--max=1 --min=2', '--max=0', '--max=-1', '--max=3 --min=-1', '--max=3 --min=0', '--max=3 --cpu-percent=50', '--max=3 --cpu=50', '--max=3 --cpu=50%', '--max=3 --cpu=500m', '--max=3 --cpu=x', '--max=3 --cpu=0%', '--max=3 --memory=50%', '--max=3 --memory=1Gi', '--max=3 --memory=x', '--max=3 --cpu=50% --memory=1Gi', '--max=3 --cpu-percent=50 --cpu=20%', '--max=3 --cpu-percent=-5', '--max=3 --cpu-percent=0', '--max=3 --name=n', '--max=3 --name=Bad_', '--max=x', '--max=3 --save-config', '--max=3 --cpu=1e3', '--max=3 --cpu=-1', '--max=3 --memory=0']}`,
        ...lines(`
        kubectl autoscale deploy web --max=3
        kubectl autoscale deploy web --max=3
        kubectl autoscale sts db --max=3 --cpu=50% -o name
        kubectl get hpa -o yaml
      `),
      ],
      { files },
    ),
    sequence(
      'workloads/nodes',
      'taint, cordon, drain, uncordon',
      [
        ...cross`kubectl taint ${['nodes 127.0.0.1', 'node/127.0.0.1', 'nodes --all', 'node nope', 'pods x', 'nodes -l a=b', 'nodes']} ${['a=b:NoSchedule', 'a=c:NoSchedule', 'a=c:NoSchedule --overwrite', 'a-', 'a:NoSchedule-', 'nope-', 'k:NoExecute', 'k:Nope', 'k=v', 'k', 'k=v:', ':NoSchedule', 'k=v:NoSchedule k=v:NoSchedule', 'k=v:PreferNoSchedule k-', 'k-', "'a b=c:NoSchedule'", 'a=b=c:NoSchedule', '--dry-run=client z=y:NoSchedule', '--dry-run=server z=y:NoSchedule -o yaml', '']}`,
        ...lines(`
        kubectl taint nodes 127.0.0.1 q=1:NoSchedule r=2:NoExecute
        kubectl taint nodes 127.0.0.1 q- r-
        kubectl taint nodes 127.0.0.1 q=1:NoSchedule -o name
        kubectl taint nodes 127.0.0.1 q=1:NoSchedule --validate=false
        kubectl taint nodes 127.0.0.1 q:NoSchedule-
        kubectl taint
        kubectl cordon
        kubectl cordon nope
        kubectl cordon 127.0.0.1
        kubectl cordon 127.0.0.1
        kubectl cordon 127.0.0.1 nope
        kubectl cordon -l a=b
        kubectl cordon node/127.0.0.1
        kubectl cordon nodes 127.0.0.1
        kubectl cordon 127.0.0.1 -l a=b
        kubectl uncordon 127.0.0.1 --dry-run=client
        kubectl uncordon 127.0.0.1 --dry-run=server
        kubectl uncordon 127.0.0.1
        kubectl uncordon 127.0.0.1
        kubectl uncordon
        kubectl cordon 127.0.0.1 --dry-run=client
        kubectl drain
        kubectl drain nope
        kubectl drain 127.0.0.1 --dry-run=client
        kubectl apply -f onnode.yaml
        kubectl drain 127.0.0.1 --dry-run=client
        kubectl drain 127.0.0.1 --dry-run=server
        kubectl drain 127.0.0.1
        kubectl drain 127.0.0.1 --force
        kubectl drain 127.0.0.1 --force --delete-emptydir-data --dry-run=client
        kubectl drain 127.0.0.1 --force --delete-emptydir-data --dry-run=server
        kubectl drain 127.0.0.1 --force --ignore-daemonsets --pod-selector=a=b
        kubectl drain 127.0.0.1 --pod-selector='a b'
        kubectl drain 127.0.0.1 --chunk-size=-1 --pod-selector=a=b
        kubectl drain 127.0.0.1 --disable-eviction --force --delete-emptydir-data --grace-period=0 --timeout=30s
        kubectl drain 127.0.0.1 --selector=a=b
        kubectl drain --selector=a=b
        kubectl drain --selector=kubernetes.io/os=linux
        kubectl drain node/127.0.0.1
        kubectl drain 127.0.0.1 --grace-period=x
        kubectl drain 127.0.0.1 --skip-wait-for-delete-timeout=1
        kubectl uncordon 127.0.0.1 nope
        kubectl top node
        kubectl top pod
        kubectl top pod x y
        kubectl top pod --sort-by=nope
        kubectl top node --sort-by=nope
        kubectl top pod -l a=b x
        kubectl top pod -A
        kubectl top node nope
      `),
      ],
      { files },
    ),
    sequence(
      'workloads/wait',
      'kubectl wait',
      [
        ...setUp,
        ...cross`kubectl wait ${['deploy/web', 'deploy web', 'po/p', 'po/nope', 'nope/x', 'deploy', 'deploy --all', 'deploy -l app=web', 'deploy -l app=none', '-f d.yaml', '-f nope.yaml', '', 'cm --all -n nope', 'deploy/web sts/db', 'deploy/web deploy/nope']} --timeout=1s ${['--for=condition=Available', '--for=condition=nope', '--for=delete', '--for=create', "--for=jsonpath='{.kind}'=Deployment", "--for=jsonpath='{.spec.replicas}'=0", "--for=jsonpath='{.nope}'", '', '--for=nope']}`,
        ...cross`kubectl wait deploy/web ${['--for=condition', '--for=condition=', '--for=condition=Available=True', '--for=condition=Available=false', '--for=condition=available=FALSE', '--for=condition=Progressing=Unknown', '--for=jsonpath', '--for=jsonpath=', '--for=jsonpath={.kind}', "--for=jsonpath='{.kind}'=", "--for=jsonpath='{.kind}'=x=y", "--for=jsonpath='{'=x", '--for=jsonpath=.kind=Deployment', "--for=jsonpath='{.metadata.labels.app}'=web", "--for=jsonpath='{.spec.template.spec.containers[*].name}'=c", "--for=jsonpath='{.spec}'=x", "--for=jsonpath='{.spec.template.spec.containers}'=x", '--for=Delete', '--for=DELETE', '--for=Create', '--for=Condition=Available', '--for=condition=Available -o name', '--for=condition=Available -o yaml', '--for=condition=Available --timeout=x', '--for=delete --timeout=0', '--for=condition=Available --timeout=0', '--for=condition=nope --timeout=0', '--for=condition=Available --for=delete --timeout=0']} ${['', '--timeout=500ms']}`.filter(
          (c) => c.includes('timeout'),
        ),
      ],
      { files },
    ),
    sequence(
      'workloads/rich',
      'Changes to rich objects',
      [
        ...applyRich,
        ...cross`kubectl ${['label', 'annotate']} ${['hpa/web', 'svc/web', 'ingress/web', 'netpol/rich', 'cj/nightly', 'pdb/web', 'pv/disk', 'sc/gold', 'crd/widgets.shop.example.com', 'widget/one', 'plain/p', 'csr/ann', 'role/reader', 'po/full']} new=label ${['', '-o yaml']}`,
      ],
      { files: rich },
    ),
  ];
}
