import { cross, lines, sequence, type Sequence } from '../sequence.ts';
import { applyRich, rich } from './rich/index.ts';

const files = {
  ...rich,
  'rbac.yaml': `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: rec}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rec}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: rec}\nsubjects: [{kind: User, name: a, apiGroup: rbac.authorization.k8s.io}]\n`,
  'rbac2.yaml': `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: rec}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}, {apiGroups: [apps], resources: [deployments], verbs: [get]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rec}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: other}\nsubjects: [{kind: User, name: b, apiGroup: rbac.authorization.k8s.io}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: recc}\nrules: []\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: recc}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: recc}\n`,
  'old.yaml': 'apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\nmetadata: {name: x}\n',
  'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
};

export function authSequences(): Sequence[] {
  const preset = 'kind-4';
  return [
    sequence(
      'auth/can-i',
      'kubectl auth can-i',
      [
        'kubectl create ns team',
        'kubectl create role r --verb=get,list --resource=pods,deployments.apps -n team',
        'kubectl create rolebinding r --role=r --user=ann --serviceaccount=team:robot -n team',
        'kubectl create clusterrole c --verb=get --non-resource-url=/logs',
        'kubectl create clusterrole n --verb=* --resource=nodes --resource-name=kind-worker',
        'kubectl create clusterrolebinding c --clusterrole=c --user=ann',
        'kubectl create clusterrolebinding n --clusterrole=n --user=ann',
        ...cross`kubectl auth can-i ${['get pods', 'list deploy', 'delete pods', 'get pods/log', 'get pods --subresource=log', 'get nodes', 'get node/kind-worker', 'get nodes kind-worker', 'get /logs', 'get /nope', "'*' '*'", 'nope pods', 'get nope', 'get po,svc', 'get nope.io', 'create ns', 'use podsecuritypolicies', 'get deploy.v1.apps', 'get', 'get pods x y', '--list', '--list extra', '']} ${['', '--as=ann', '--as=ann -n team', '--as=ann -q', '-A', '--as=system:serviceaccount:team:robot -n team', '--list --no-headers --as=ann -n team']}`,
        ...lines(`
          kubectl auth whoami
          kubectl auth whoami -o yaml
          kubectl auth whoami -o json
          kubectl auth whoami -o jsonpath={.status.userInfo.username}
          kubectl auth whoami -o nope
          kubectl auth whoami extra
          kubectl auth whoami --as=ann
          kubectl auth whoami --as=ann --as-group=a --as-group=b --as-uid=7 --as-user-extra=k=v --as-user-extra=k=w
          kubectl auth whoami --token=nope
          kubectl auth can-i get pods --as=ann --as-group=system:masters
          kubectl get pods --as=ann
          kubectl get pods --as=ann -n team
          kubectl get nodes --as=ann
          kubectl get pods -A --as=ann
          kubectl create cm x --as=ann -n team
          kubectl delete pod x --as=ann -n team
          kubectl delete pods --all --as=ann
          kubectl apply -f cm.yaml --as=ann
          kubectl apply -f cm.yaml --server-side --as=ann
          kubectl edit cm x --as=ann
          kubectl describe pod x --as=ann
          kubectl describe pod x --as=ann -n team
          kubectl scale deploy x --replicas=1 --as=ann -n team
          kubectl label cm x a=b --as=ann
          kubectl patch cm x -p '{}' --as=ann
          kubectl exec x --as=ann -- ls
          kubectl logs x --as=ann
          kubectl get pods --as=system:anonymous
          kubectl get --raw /logs --as=ann
          kubectl get --raw /metrics --as=ann
          kubectl get pods --as-group=x
          kubectl api-resources --as=nobody -o name
          kubectl version --as=nobody
          kubectl get nope --as=ann
          kubectl get all --as=ann
          kubectl get pods,svc,nodes --as=ann -n team
          kubectl explain pods --as=ann --recursive | head -3
          kubectl cluster-info --as=ann
          kubectl cluster-info dump --as=ann
          kubectl top nodes --as=ann
          kubectl drain kind-worker --as=ann
          kubectl cordon kind-worker --as=ann
          kubectl rollout status deploy/x --as=ann -n team
          kubectl wait --for=delete pod/x --as=ann
          kubectl wait --for=delete pod/x --as=ann -n team
          kubectl diff -f cm.yaml --as=ann
          kubectl replace -f cm.yaml --as=ann
          kubectl create -f cm.yaml --as=ann
          kubectl delete -f cm.yaml --as=ann
          kubectl events --as=ann
          kubectl events --as=ann -n team
        `),
      ],
      { files, preset },
    ),
    sequence(
      'auth/more',
      'reconcile, certificates',
      [
        ...applyRich,
        ...cross`kubectl auth reconcile ${['-f rbac.yaml', '-f rbac2.yaml', '-f rbac2.yaml --remove-extra-permissions', '-f rbac2.yaml --remove-extra-subjects', '-f rbac.yaml -f rbac2.yaml', '-f old.yaml', '-f cm.yaml', '-f nope.yaml', '', 'x', '-R -f .']} ${['--dry-run=client', '--dry-run=server', '', '-o yaml', '-o name']}`,
        ...cross`kubectl certificate ${['approve', 'deny']} ${['ann', 'nope', 'ann --force', 'csr/ann', '', 'ann -o name', 'ann -o yaml', '-f nope.yaml', 'ann nope', 'csr ann']}`,
        ...lines(`
          kubectl get csr
          kubectl describe csr ann
          kubectl auth reconcile -f rbac.yaml --field-manager=x
          kubectl create token robot -o jsonpath={.kind}
          kubectl create token robot -o yaml | grep -v -e token: -e Timestamp
          kubectl create token robot --audience=a --audience=b -o jsonpath={.spec.audiences}
          kubectl create token robot --bound-object-kind=Secret --bound-object-name=creds -o jsonpath={.spec.boundObjectRef}
          kubectl create token nope
        `),
      ],
      { files },
    ),
  ];
}
