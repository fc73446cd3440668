import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const template = (name: string) =>
  `metadata: {labels: {app: ${name}}}\n    spec:\n      containers:\n      - {name: a, image: "img:1", env: [{name: OLD, value: "1"}, {name: REF, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}\n      - {name: b, image: "other:1"}\n      initContainers: [{name: i, image: "init:1"}]\n`;
const files = {
  'd.yaml': ['web', 'api']
    .map(
      (name) =>
        `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    ${template(name)}`,
    )
    .join('---\n'),
  'more.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {key-one: x, KEY_TWO: two}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: sec}\nstringData: {pass: z}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: crb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec: {schedule: "0 0 1 1 *", suspend: true, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "img:1"}]}}}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: {containers: [{name: a, image: "img:1"}]}\n`,
};
const setUp = ['kubectl apply -f d.yaml -f more.yaml'];
const outputs = [
  '',
  '-o yaml',
  '-o name',
  '--dry-run=client',
  '--dry-run=client -o yaml',
  '--dry-run=server',
  '--local',
];

const commands: Record<string, string[]> = {
  image: lines(`
    deploy/web a=img:2
    deploy web a=img:3 b=other:2
    deploy web '*=all:1'
    deploy web nope=img:2
    deploy web a=img:2 nope=x
    deploy web i=init:2
    deploy web a=
    deploy web =x
    deploy web a
    deploy web
    deploy --all a=img:4
    deploy web api a=img:5
    deploy,pod -l app=web a=img:6
    pod pod a=img:2
    cj cj a=img:2
    svc svc a=img:2
    cm conf a=img:2
    nope web a=img:2
    deploy nope a=img:2
    deploy/web deploy/nope a=img:7
    -f d.yaml a=img:8
    -f nope.yaml a=img:8
    deploy web a=b=c
    a=img:1
  `),
  env: lines(`
    deploy/web A=1
    deploy web A=1 B=two
    deploy web A-
    deploy web OLD- A=2
    deploy web --list
    deploy web --list --resolve
    deploy --all --list
    deploy web A
    deploy web A=
    deploy web =1
    deploy web 1A=x
    deploy web 'a b=c'
    deploy web A=1 A=2
    deploy web REF=plain
    deploy web OLD=9 --overwrite=false
    deploy web NEW=9 --overwrite=false
    deploy web --from=cm/conf
    deploy web --from=secret/sec
    deploy web --from=cm/conf --prefix=P_
    deploy web --from=cm/conf --keys=key-one
    deploy web --from=cm/conf --keys=nope
    deploy web --from=cm/nope
    deploy web --from=svc/svc
    deploy web --from=nope
    deploy web -c a X=1
    deploy web -c nope X=1
    deploy web -c '*' X=2
    deploy web -c 'a*' X=3
    deploy web -c=i X=4
    deploy web
    deploy
    --all X=1
    cj/cj X=1
    pod pod X=1
    svc svc X=1
    deploy nope X=1
    deploy web -e A=5
    deploy web -e A=5 A=6
    deploy web --env=A
    -f d.yaml A=1
    deploy -l app=none A=1
    deploy web --resolve A=1
    deploy web A=1 --keys=x
    deploy web A=1 --prefix=x
  `),
  resources: lines(`
    deploy web --limits=cpu=1
    deploy web --requests=cpu=100m,memory=1Gi
    deploy web --limits=cpu=0 --requests=cpu=0
    deploy web --limits=cpu=1 --requests=cpu=2
    deploy web -c a --limits=memory=1Gi
    deploy web -c nope --limits=memory=1Gi
    deploy web -c '*' --limits=memory=2Gi
    deploy web --limits=cpu
    deploy web --limits=cpu=x
    deploy web --limits=
    deploy web --limits=cpu=1,cpu=2
    deploy web --limits==1
    deploy web --limits=nope=1
    deploy web
    deploy --all --limits=cpu=3
    deploy --limits=cpu=3
    svc svc --limits=cpu=1
    -f d.yaml --limits=cpu=4
    deploy nope --limits=cpu=1
  `),
  selector: lines(`
    svc svc a=b
    svc/svc a=b,c=d
    svc svc 'a in (b)'
    svc svc a!=b
    svc svc ''
    svc svc
    svc svc a
    svc svc a=b c=d
    deploy web a=b
    cm conf a=b
    svc nope a=b
    svc --all a=b
    svc svc a=b --resource-version=1
    -f more.yaml a=b
    svc svc 'a b'
  `),
  serviceaccount: lines(`
    deploy web robot
    deploy/web robot
    deploy web
    deploy
    robot
    deploy web api robot
    svc svc robot
    pod pod robot
    deploy nope robot
    deploy --all robot2
    -f d.yaml robot3
    cj cj robot
    deploy web ''
    deploy web Bad_Name
  `),
  subject: lines(`
    rolebinding rb --user=v
    rolebinding rb --user=u
    rolebinding rb --group=g --group=h
    rolebinding rb --serviceaccount=a:b
    rolebinding rb --serviceaccount=a
    rolebinding rb --serviceaccount=a:b:c
    rolebinding rb
    clusterrolebinding crb --user=x --user=y
    clusterrolebinding/crb --group=x
    role x --user=x
    deploy web --user=x
    rolebinding nope --user=x
    rolebinding --all --user=z
    --user=x
    -f more.yaml --user=q
  `),
};

export function setSequences(): Sequence[] {
  return Object.entries(commands).flatMap(([name, lines]) => [
    sequence(`set/${name}`, `kubectl set ${name}`, [...setUp, ...lines.map((line) => `kubectl set ${name} ${line}`)], {
      files,
    }),
    sequence(
      `set/${name}-outputs`,
      `kubectl set ${name} with outputs`,
      [
        ...setUp,
        ...cross`kubectl set ${name} ${[lines[0]!, lines[1]!, lines[5]!, lines.find((l) => l.startsWith('-f ')) ?? lines[2]!]} ${outputs}`,
      ],
      { files },
    ),
  ]);
}
