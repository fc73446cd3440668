import type { WebFile } from './internet.ts';

/** Pods of the Kubernetes documentation that use memory and CPU within and beyond their limits. */

const at = (name: string) => {
  const path = `examples/pods/resource/${name}.yaml`;
  return [`https://k8s.io/${path}`, `https://kubernetes.io/${path}`];
};

function memoryPod(name: string, file: string, request: string, limit: string, bytes: string): WebFile {
  return {
    urls: at(file),
    content: () => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: mem-example
spec:
  containers:
  - name: ${name}-ctr
    image: polinux/stress
    resources:
      requests:
        memory: "${request}"
      limits:
        memory: "${limit}"
    command: ["stress"]
    args: ["--vm", "1", "--vm-bytes", "${bytes}", "--vm-hang", "1"]
`,
  };
}

function cpuPod(name: string, file: string, request: string, limit: string): WebFile {
  return {
    urls: at(file),
    content: () => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: cpu-example
spec:
  containers:
  - name: ${name}-ctr
    image: vish/stress
    resources:
      limits:
        cpu: "${limit}"
      requests:
        cpu: "${request}"
    args:
    - -cpus
    - "2"
`,
  };
}

export const resourceExamples: readonly WebFile[] = [
  memoryPod('memory-demo', 'memory-request-limit', '100Mi', '200Mi', '150M'),
  memoryPod('memory-demo-2', 'memory-request-limit-2', '50Mi', '100Mi', '250M'),
  memoryPod('memory-demo-3', 'memory-request-limit-3', '1000Gi', '1000Gi', '150M'),
  cpuPod('cpu-demo', 'cpu-request-limit', '0.5', '1'),
  cpuPod('cpu-demo-2', 'cpu-request-limit-2', '100', '100'),
];
