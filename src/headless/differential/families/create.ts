import { lines, sequence, type Sequence } from '../sequence.ts';

const simple = lines(`
  clusterrole r --verb=get --resource=pods
  clusterrole r2 --verb=get,list --verb=watch --resource=deploy,svc --resource=pods/log
  clusterrole r3 --verb=get --resource=rs.apps --resource-name=a --resource-name=b
  clusterrole r4 --verb=get --non-resource-url=/logs/* --non-resource-url=/x
  clusterrole r5 --aggregation-rule=a=b,c=d
  clusterrole r6 --verb=* --resource=*
  clusterrole r7 --verb=get --resource=*.apps
  clusterrolebinding b --clusterrole=r --user=u --user=v --group=g --serviceaccount=ns:sa
  clusterrolebinding b2 --clusterrole=r
  configmap c --from-literal=a=b --from-literal=c=d=e
  configmap c2 --from-file=a.txt --from-file=key=b.txt
  configmap c3 --from-file=dir
  configmap c4 --from-env-file=e.env
  configmap c5 --from-file=bin.dat --append-hash
  configmap c6 --from-literal=z=1 --append-hash
  cm c7
  cronjob j --image=i --schedule="*/1 * * * *"
  cronjob j2 --image=i --schedule=@hourly --restart=Never -- date +%s
  cj j3 --image=i --schedule=x
  deployment d --image=nginx
  deploy d2 --image=nginx --image=busybox:1 --replicas=3 --port=80
  dep d3 --image=a/b/c:d@sha256:0123456789012345678901234567890123456789012345678901234567890123 -- cmd arg
  deployment d4 --image=i --replicas=0
  ingress i --rule=h/p=s:80
  ing i2 --rule="h/p*=s:http" --class=c --annotation=a=b --default-backend=d:1
  ing i3 --rule="h/=s:80,tls" --rule="g/=s:80,tls=sec"
  ing i4 --default-backend=s:80
  job k --image=i
  job k2 --image=i -- a b c
  job k3 --from=cronjob/j
  namespace n
  ns n2
  poddisruptionbudget p --selector=a=b --min-available=1
  pdb p2 --selector=a=b --max-unavailable=50%
  priorityclass pc --value=10 --description="d e" --global-default=false --preemption-policy=Never
  pc pc2 --value=0
  quota q --hard=cpu=1,pods=2
  quota q2 --hard=cpu=1,memory=1Gi --scopes=BestEffort,NotTerminating
  resourcequota q3
  role ro --verb=get --resource=pods
  role ro2 --verb=get,list --resource=pods,deploy.apps,nope
  role ro3 --verb=get --resource=pods --resource-name=x
  role ro4 --verb=list --verb=list --resource=cm
  rolebinding rb --role=ro --user=u
  rolebinding rb2 --clusterrole=r --group=g --serviceaccount=a:b
  secret generic s --from-literal=a=b
  secret generic s2 --from-file=a.txt --type=x/y
  secret generic s3 --from-env-file=e.env --append-hash
  secret docker-registry dr --docker-username=u --docker-password=p --docker-email=e
  secret docker-registry dr2 --docker-username=u --docker-password=p --docker-server=https://r
  secret docker-registry dr3 --from-file=.dockerconfigjson=conf.json
  secret tls t --cert=nope --key=nope
  secret tls t2 --cert=a.txt --key=b.txt
  service clusterip sc --tcp=80
  svc clusterip sc2 --tcp=80:8080 --tcp=443:https
  service clusterip sc3 --clusterip=None
  service clusterip sc4 --tcp=1 --clusterip=10.96.7.7
  service nodeport sn --tcp=80
  service nodeport sn2 --tcp=80:81 --node-port=30123
  service loadbalancer sl --tcp=80
  service externalname se --external-name=example.com
  service externalname se2 --external-name=x --tcp=5
  serviceaccount sa
  sa sa2
  token default --duration=10m -o name
`);

const broken = lines(`
  clusterrole
  clusterrole r
  clusterrole r --verb=get
  clusterrole r --verb=nope --resource=pods
  clusterrole r --verb=get --resource=nope
  clusterrole r --resource=pods
  clusterrole r --verb=get --resource=pods/
  clusterrole r --verb=get --resource=pods --non-resource-url=/x
  clusterrole r --verb=list --non-resource-url=/x
  clusterrole r --verb=get --non-resource-url=x
  clusterrole r --verb=get --resource=a,b --resource-name=c
  clusterrole r --aggregation-rule=a=b --verb=get
  clusterrole r --aggregation-rule=a
  clusterrole BAD_NAME --verb=get --resource=pods
  clusterrole r s --verb=get --resource=pods
  clusterrolebinding
  clusterrolebinding b
  clusterrolebinding b --clusterrole=
  clusterrolebinding b --clusterrole=x --serviceaccount=y
  clusterrolebinding b --clusterrole=x --serviceaccount=a:b:c
  clusterrolebinding b --user=x
  configmap
  configmap a b
  configmap c --from-literal=a
  configmap c --from-literal==b
  configmap c --from-literal=a=
  configmap c --from-literal=a=1 --from-literal=a=2
  configmap c --from-literal='a b=c'
  configmap c --from-literal=..=c
  configmap c --from-file=nope
  configmap c --from-file==x
  configmap c --from-file=a=
  configmap c --from-file=a=b=c
  configmap c --from-file=k=dir
  configmap c --from-file=a.txt --from-file=a.txt
  configmap c --from-env-file=nope
  configmap c --from-env-file=bad.env
  configmap c --from-env-file=e.env --from-literal=a=b
  configmap c --from-env-file=dir
  configmap Bad
  cronjob
  cronjob j
  cronjob j --image=i
  cronjob j --schedule=x
  cronjob j --image=i --schedule=x
  cronjob j --image=i --schedule="* * * * *" --restart=Always
  cronjob j --image=i --schedule="* * * * *" --restart=x
  cronjob j a --image=i --schedule="* * * * *"
  deployment
  deployment d
  deployment d e --image=i
  deployment d --image=
  deployment d --image=i --port=0
  deployment d --image=i --port=70000
  deployment d --image=i --port=x
  deployment d --image=i --replicas=-1
  deployment d --image=i --replicas=-2
  deployment d --image=a --image=b -- x
  deployment Bad --image=i
  deployment d --image=i --image=i
  deployment d --image='a b'
  deployment d --image=i x y
  ingress
  ingress i
  ingress i --rule=x
  ingress i --rule=h/p=s
  ingress i --rule=h/p=s:
  ingress i --rule=h=s:80
  ingress i --rule=h/p=s:80,x
  ingress i --rule=h/p=s:80 --annotation=x
  ingress i --default-backend=s
  ingress i --default-backend=s:80:90
  ingress i --rule=HOST/p=s:80
  job
  job k
  job k --image=i --from=cronjob/j
  job k --from=j
  job k --from=nope/j
  job k --from=cronjob/nope
  job k --from=deploy/d
  job k --from=cronjob/j -- x
  job k x --image=i
  namespace
  namespace a b
  namespace Bad
  namespace default
  poddisruptionbudget
  pdb p
  pdb p --selector=a=b
  pdb p --min-available=1
  pdb p --selector=a=b --min-available=1 --max-unavailable=1
  pdb p --selector=a=b --min-available=x
  pdb p --selector=a=b --min-available=150%
  pdb p --selector=a=b --min-available=-1
  pdb p --selector='a b' --min-available=1
  priorityclass
  priorityclass p
  priorityclass p --value=x
  priorityclass p --value=2000000000
  priorityclass p --value=1 --preemption-policy=x
  priorityclass system-x --value=1
  quota
  quota q --hard=
  quota q --hard=cpu
  quota q --hard=cpu=x
  quota q --hard=cpu=1,cpu=2
  quota q --scopes=x
  quota q --scopes=
  role
  role r
  role r --verb=get
  role r --resource=pods
  role r --verb=get --resource=nodes
  role r --verb=get --resource=pods --non-resource-url=/x
  rolebinding
  rolebinding r
  rolebinding r --role=a --clusterrole=b
  rolebinding r --role=a --serviceaccount=b
  secret
  secret nope
  secret generic
  secret generic a b
  secret generic s --from-literal=a
  secret generic s --type=kubernetes.io/tls
  secret generic s --type=kubernetes.io/dockerconfigjson --from-literal=a=b
  secret docker-registry
  secret docker-registry d
  secret docker-registry d --docker-username=u
  secret docker-registry d --docker-username=u --docker-password=p --from-file=x
  secret docker-registry d --from-file=conf.json
  secret tls
  secret tls t
  secret tls t --cert=a.txt
  service
  service nope
  service clusterip
  service clusterip s
  service clusterip s --tcp=
  service clusterip s --tcp=x
  service clusterip s --tcp=1:2:3
  service clusterip s --tcp=0
  service clusterip s --tcp=70000
  service clusterip s --tcp=80:0
  service clusterip s --tcp=80:BAD_NAME
  service clusterip s --tcp=80 --clusterip=x
  service clusterip s --tcp=80 --clusterip=None --tcp=81
  service clusterip s --tcp=80 --tcp=80
  service nodeport s
  service nodeport s --tcp=80 --node-port=1
  service nodeport s --tcp=80 --node-port=x
  service nodeport s --tcp=80 --tcp=81 --node-port=30100
  service loadbalancer s
  service externalname s
  service externalname s --external-name=
  service externalname s --external-name=a..b
  service clusterip 1bad --tcp=80
  serviceaccount
  serviceaccount a b
  serviceaccount Bad
  token
  token nope
  token default --duration=1s
  token default --duration=-1s
  token default --duration=x
  token default --bound-object-kind=Pod
  token default --bound-object-name=x
  token default --bound-object-kind=Nope --bound-object-name=x
  token default --bound-object-kind=Pod --bound-object-name=nope
  token default --bound-object-uid=x
  token a b
`);

const files = {
  'a.txt': 'alpha\n',
  'b.txt': 'beta',
  'dir/one': '1',
  'dir/two.txt': '2\n',
  'dir/sub/three': '3',
  'dir/bad name': '4',
  'bin.dat': '\u0000\u0001',
  'e.env': '# note\nA=1\n  B=two words \nC=\nTERM\nUNSET_X\n\nD="q"\n',
  'bad.env': '1A=x\na b=c\n',
  'conf.json': '{"auths":{}}',
  'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n',
  'cm.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fromjson"},"data":{"a":"b"}}',
  'edited.sh': '#!/bin/sh\necho',
};

export function createSequences(): Sequence[] {
  const dry = (flags: string) =>
    simple.map((command) => {
      const [before, after] = command.split(' -- ');
      return `kubectl create ${before} ${flags}${after === undefined ? '' : ` -- ${after}`}`;
    });
  return [
    sequence(
      'create/simple',
      'Every generator',
      simple.map((c) => `kubectl create ${c}`),
      { files },
    ),
    sequence(
      'create/dry-client',
      'Every generator without sending',
      [
        ...dry('--dry-run=client -o yaml'),
        ...dry('--dry-run=client'),
        ...dry('--dry-run=client -o json --save-config'),
      ],
      { files },
    ),
    sequence(
      'create/dry-server',
      'Every generator, sent but not stored',
      [...dry('--dry-run=server'), ...dry('--dry-run=server -o name'), ...dry('--dry-run -n other -o yaml')],
      { files },
    ),
    sequence(
      'create/outputs',
      'Outputs of what is created',
      [
        ...dry('-o yaml'),
        ...dry('-o jsonpath={.kind}'),
        ...dry('-o go-template={{.metadata.name}} --field-manager=me'),
      ],
      { files },
    ),
    sequence(
      'create/broken',
      'Generators used wrongly',
      broken.map((c) => `kubectl create ${c}`),
      { files },
    ),
    sequence(
      'create/files',
      'From files',
      lines(`
        kubectl create -f pod.yaml
        kubectl create -f pod.yaml
        kubectl create -f cm.json -o name
        kubectl create -f cm.json -f pod.yaml
        kubectl create -f nope
        kubectl create -f dir
        kubectl create -f .
        kubectl create -f ''
        kubectl create -f pod.yaml extra
        kubectl create pod.yaml
        kubectl create -f pod.yaml --raw /api/v1/namespaces/default/pods
        kubectl create --raw /x
        kubectl create -f cm.json --raw /api/v1/namespaces/default/configmaps
        kubectl create -f cm.json -f pod.yaml --raw /x
        kubectl create -f pod.yaml --dry-run=client -o yaml
        kubectl create -f pod.yaml --dry-run=server
        kubectl create -f pod.yaml --save-config --dry-run=client -o json
        kubectl create -f pod.yaml --validate=nope
        kubectl create -f pod.yaml -n other
        kubectl create -f pod.yaml -n other --dry-run=client
        kubectl create -f pod.yaml -l a=b
        kubectl create -f pod.yaml --edit --windows-line-endings
        kubectl create -k dir
        kubectl create -k dir -f pod.yaml
        kubectl create -R -f .
        kubectl create --edit
        cat cm.json | sed s/fromjson/piped/ | kubectl create -f -
        cat cm.json | sed s/fromjson/piped/ | kubectl create -f - -o wide
        echo | kubectl create -f -
        echo x | kubectl create -f -
        echo '{}' | kubectl create -f -
        echo '[]' | kubectl create -f -
        echo '{"kind":"Pod"}' | kubectl create -f -
        echo '{"apiVersion":"v1"}' | kubectl create -f -
        kubectl create -f - < /dev/null
        kubectl create cm env --from-env-file=<(echo A=1) -o jsonpath={.data}
        kubectl create -f <(sed s/fromjson/sub/ cm.json)
        kubectl create -f /dev/stdin < pod.yaml
      `),
      { files },
    ),
  ];
}
