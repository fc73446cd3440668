import type { WebFile } from './internet.ts';

/** Files of the Kubernetes documentation's walkthrough of the HorizontalPodAutoscaler. */

const at = (path: string) => [`https://k8s.io/examples/${path}`, `https://kubernetes.io/examples/${path}`];

export const hpaExamples: readonly WebFile[] = [
  {
    urls: at('application/php-apache.yaml'),
    content: () => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: php-apache
spec:
  selector:
    matchLabels:
      run: php-apache
  template:
    metadata:
      labels:
        run: php-apache
    spec:
      containers:
      - name: php-apache
        image: registry.k8s.io/hpa-example
        ports:
        - containerPort: 80
        resources:
          limits:
            cpu: 500m
          requests:
            cpu: 200m
---
apiVersion: v1
kind: Service
metadata:
  name: php-apache
  labels:
    run: php-apache
spec:
  ports:
  - port: 80
  selector:
    run: php-apache
`,
  },
  {
    urls: at('application/hpa/php-apache.yaml'),
    content: () => `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: php-apache
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: php-apache
  minReplicas: 1
  maxReplicas: 10
  targetCPUUtilizationPercentage: 50
`,
  },
];
