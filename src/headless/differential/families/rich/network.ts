/** Services, Ingresses, NetworkPolicies and addresses. */
export const network = `apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}, annotations: {a: b}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP, targetPort: named, appProtocol: x}]}
---
apiVersion: v1
kind: Service
metadata: {name: node}
spec: {type: NodePort, clusterIP: 10.96.77.1, selector: {app: web}, sessionAffinity: ClientIP, externalTrafficPolicy: Local, internalTrafficPolicy: Local, externalIPs: [192.0.2.1], ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb}
spec: {type: LoadBalancer, clusterIP: 10.96.77.2, selector: {app: none}, loadBalancerSourceRanges: [10.0.0.0/8], loadBalancerClass: example.com/lb, ports: [{port: 443, nodePort: 30443}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, publishNotReadyAddresses: true, trafficDistribution: PreferClose, ports: [{port: 1}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: v1
kind: Endpoints
metadata: {name: manual}
subsets:
- addresses: [{ip: 10.1.1.1}, {ip: 10.1.1.2, nodeName: n, targetRef: {kind: Pod, name: p}}]
  notReadyAddresses: [{ip: 10.1.1.3}]
  ports: [{port: 80}, {name: x, port: 9, protocol: UDP}]
- addresses: [{ip: 10.1.1.4}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: slice, labels: {kubernetes.io/service-name: headless}}
addressType: IPv4
ports: [{name: a, port: 80, protocol: TCP}, {port: 81}]
endpoints:
- {addresses: [10.2.2.1], conditions: {ready: true}, nodeName: n, zone: z, hostname: h, targetRef: {kind: Pod, name: p, namespace: default}}
- {addresses: [10.2.2.2], conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.2.2.3]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
  tls: [{hosts: [a.example.com, b.example.com], secretName: tls}, {hosts: [c.example.com]}]
  rules:
  - host: a.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}, {path: /x, pathType: Exact, backend: {service: {name: nope, port: {number: 1}}}}]}
  - http: {paths: [{path: /r, pathType: ImplementationSpecific, backend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: b}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: bare}
spec: {defaultBackend: {service: {name: nope, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: k8s.io/ingress-nginx, parameters: {apiGroup: k8s.example.com, kind: P, name: p, scope: Namespace, namespace: n}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: other}
spec: {controller: example.com/c}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: rich, annotations: {k: v}}
spec:
  podSelector: {matchLabels: {app: web}, matchExpressions: [{key: t, operator: In, values: [a, b]}]}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - {podSelector: {matchLabels: {a: b}}}
    - {namespaceSelector: {matchLabels: {c: d}}, podSelector: {matchLabels: {e: f}}}
    - {namespaceSelector: {}}
    - {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}
    ports: [{port: 80}, {port: http, protocol: TCP}, {port: 32000, endPort: 32768, protocol: UDP}, {protocol: SCTP}]
  - {}
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec: {cidrs: [10.97.0.0/16]}
`;
