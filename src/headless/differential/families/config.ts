import { cross, lines, sequence, type Sequence } from '../sequence.ts';

const config = (context: string, cluster: string, user: string) => `apiVersion: v1
kind: Config
current-context: ${context}
clusters: [{name: ${cluster}, cluster: {server: "https://${cluster}:1", insecure-skip-tls-verify: true}}]
contexts: [{name: ${context}, context: {cluster: ${cluster}, user: ${user}, namespace: ns-${context}}}]
users: [{name: ${user}, user: {token: t-${user}, password: p}}]
`;
const files = {
  one: config('one', 'c1', 'u1'),
  two: config('two', 'c2', 'u2'),
  both: config('one', 'c9', 'u9'),
  empty: '',
  broken: 'a: b: c',
  wrong: 'apiVersion: v1\nkind: Pod\n',
  list: '- a\n',
  badfield: 'apiVersion: v1\nkind: Config\nclusters: x\n',
  nocluster:
    'apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: nope, user: nobody}}]\n',
  nocontext: 'apiVersion: v1\nkind: Config\ncurrent-context: nope\n',
  noserver:
    'apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n',
  badca:
    'apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority: nope.crt}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {client-certificate: nope.crt, client-key: nope.key}}]\n',
  twoauth:
    'apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: a, username: b, password: c}}]\n',
  exec: 'apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {exec: {command: nosuch, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, env: [{name: A, value: b}], args: [x]}}}]\n',
  dup: 'apiVersion: v1\nkind: Config\ncurrent-context: one\ncontexts: [{name: one, context: {cluster: a, user: b}}, {name: one, context: {cluster: c, user: d}}]\n',
  extra: `${config('one', 'c1', 'u1')}preferences: {colors: true}\nextensions: [{name: e, extension: {a: b}}]\nunknown: field\n`,
  'ca.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'key.pem': 'k',
};
const kubeconfigs = Object.keys(files).filter((f) => !f.includes('.'));

export function configSequences(): Sequence[] {
  const own = 'kubectl --kubeconfig=mine config';
  return [
    sequence(
      'config/merging',
      'Kubeconfig files',
      [
        ...cross`kubectl config --kubeconfig=${[...kubeconfigs, 'nope', 'dir/nope']} ${['view', 'view --minify', 'current-context', 'get-contexts', 'get-clusters', 'get-users', 'view -o json --raw']}`,
        ...cross`KUBECONFIG=${['one:two', 'two:one', 'one:both', 'nope:two', 'one:broken', ':', 'one::two', 'nope', 'one:one', 'empty:two']} kubectl config ${['view', 'view --minify', 'view --flatten', 'view --merge=false', 'current-context', 'get-contexts', 'get-contexts -o name', 'get-contexts two', 'use-context two', 'get-clusters', 'view --context=two --minify', 'view --raw -o jsonpath={.users[*].user}']}`,
        ...cross`kubectl get cm --kubeconfig=${kubeconfigs.filter((k) => !['one', 'two', 'both', 'extra'].includes(k))} ${['', '--context=x', '--context=nope', '--user=nope', '--cluster=nope', '--server=http://127.0.0.1:1']}`,
        ...lines(`
        HOME=/nonexistent kubectl config view
        HOME=/nonexistent kubectl get cm
        KUBECONFIG= kubectl config current-context
        kubectl config view
        kubectl config view --raw=false --minify
        kubectl config view -o nope
        kubectl config view --flatten --minify -o jsonpath={.clusters[*].name}
        kubectl config get-contexts
        kubectl config get-contexts kind-kind
        kubectl config get-contexts nope
        kubectl config get-contexts kind-kind nope -o name
        kubectl config get-contexts --no-headers
        kubectl config get-contexts -o yaml
        kubectl config view --kubeconfig=badca --flatten
        kubectl config view --kubeconfig=badca
      `),
      ],
      { files },
    ),
    sequence(
      'config/changes',
      'kubectl config that writes',
      [
        ...lines(`
        set-cluster c --server=https://a:1
        set-cluster c --certificate-authority=ca.crt
        set-cluster c --certificate-authority=ca.crt --embed-certs
        set-cluster c --certificate-authority=nope --embed-certs
        set-cluster c --insecure-skip-tls-verify
        set-cluster c --insecure-skip-tls-verify --certificate-authority=ca.crt
        set-cluster c --tls-server-name=n --proxy-url=http://p:1
        set-cluster c --embed-certs
        set-cluster
        set-cluster c d
        set-cluster d --server=
        set-cluster c --nope
        set-credentials u --token=t
        set-credentials u --username=a --password=b
        set-credentials u --token=t --username=a
        set-credentials u --token=t --password=a
        set-credentials u --client-certificate=ca.crt --client-key=key.pem
        set-credentials u --client-certificate=ca.crt --client-key=key.pem --embed-certs
        set-credentials u --client-certificate=nope --embed-certs
        set-credentials u --exec-command=x --exec-api-version=client.authentication.k8s.io/v1 --exec-arg=a --exec-arg=b --exec-env=A=b --exec-interactive-mode=Never
        set-credentials u --exec-command=x
        set-credentials u --exec-env=A
        set-credentials u --exec-arg=q
        set-credentials u --exec-env=A-
        set-credentials u --exec-interactive-mode=nope
        set-credentials u --auth-provider=oidc --auth-provider-arg=client-id=a --auth-provider-arg=x=y
        set-credentials u --auth-provider-arg=client-id-
        set-credentials u --auth-provider-arg=bad
        set-credentials
        set-credentials a b
        set-context x --cluster=c --user=u
        set-context x --namespace=n
        set-context --current --namespace=m
        set-context x --current
        set-context
        set-context y z
        set-context y
        use-context x
        use-context nope
        use-context
        use-context x y
        use x
        set-context --current --namespace=m
        set-context --current --cluster=q --user=r
        current-context
        current-context x
        get-contexts
        get-clusters
        get-clusters x
        get-users
        get-users x
        rename-context x z
        rename-context x z
        rename-context nope a
        rename-context z y
        rename-context z
        set clusters.c.server https://b:2
        set users.u.token t2
        set contexts.z.namespace n2
        set current-context y
        set clusters.new.server http://n
        set clusters.c.certificate-authority-data aGk=
        set clusters.c.certificate-authority-data aGk= --set-raw-bytes
        set clusters.c.certificate-authority-data raw --set-raw-bytes=true
        set clusters.c.insecure-skip-tls-verify true
        set clusters.c.insecure-skip-tls-verify maybe
        set users.u.nope x
        set nope.a.b c
        set nope x
        set clusters x
        set clusters.c
        set clusters.c x
        set a b c
        set preferences.colors true
        set users.u.client-certificate-data x
        set users.u.exec.command zz
        set contexts.q.nope.deep x
        unset clusters.c.server
        unset users.u.token
        unset users.u
        unset users.nope
        unset users.nope.token
        unset current-context
        unset contexts
        unset nope
        unset contexts.z.nope
        unset
        unset a b
        delete-context y
        delete-context y
        delete-context
        delete-context a b
        delete-cluster new
        delete-cluster nope
        delete-cluster
        delete-user u
        delete-user nope
        delete-user
        view
        view --raw
        current-context
        get-contexts
      `).flatMap((line) => [`${own} ${line}`, 'cat mine']),
      ],
      { files, reduce: 'help' },
    ),
    sequence(
      'config/overrides',
      'Flags that override the kubeconfig',
      [
        ...cross`kubectl ${['get cm -o name', 'version', 'api-resources -o name', 'apply -f one', 'config view --minify -o jsonpath={.current-context}{.clusters[*].name}{.users[*].name}', 'create cm x --dry-run=client -o name', 'cluster-info', 'delete cm nope', 'describe cm nope', 'wait --for=delete cm/nope --timeout=1s']} ${['--context=nope', '--cluster=nope', '--user=nope', '--server=https://127.0.0.1:1', '--server=x', '--token=bad', '--as=nobody', '--as-uid=1', '--as-group=g', '-n other', '--username=a --password=b', '--request-timeout=1s', '--request-timeout=x', '--kubeconfig=nope', '--kubeconfig=nocontext', '--kubeconfig=broken', '--client-certificate=nope', '--certificate-authority=nope', '--insecure-skip-tls-verify', '--tls-server-name=localhost', '--match-server-version']}`,
      ],
      { files },
    ),
    sequence(
      'config/verbosity',
      'Log lines',
      cross`kubectl ${['get cm -o name', 'get cm nope', 'create cm v --from-literal=a=b', 'delete cm v', 'get --raw /healthz']} ${['-v=1', '-v=5', '-v=6', '--v=7']} 2>&1 | sed -E 's/^I[0-9]{4} [0-9:.]+ +[0-9]+ [a-z_]+\\.go:[0-9]+/LOG/; s/milliseconds=[0-9]+/milliseconds=N/; s#127.0.0.1:[0-9]+#SERVER#' | grep -v -e envvar -e cert_rotation -e 'Config loaded' -e loader.go`,
      { files },
    ),
  ];
}
