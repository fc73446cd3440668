# step: every-node
kubectl apply -f agent.yaml
kubectl rollout status daemonset agent
kubectl get pods -l app=agent -o wide

# step: really-every-node
kubectl patch daemonset agent -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists","effect":"NoSchedule"}]}}}}'
kubectl rollout status daemonset agent
kubectl get daemonset agent

# step: names
kubectl apply -f db.yaml
kubectl get pods -l app=db
kubectl rollout status statefulset db
kubectl get pods -l app=db

# step: memory
kubectl exec db-1 -- sh -c 'echo "I am db-1" > /data/name'
kubectl delete pod db-1
kubectl wait --for=condition=Ready pod/db-1 --timeout=60s
kubectl exec db-1 -- cat /data/name
kubectl get pvc

# step: scale-down
kubectl scale statefulset db --replicas=2
kubectl wait --for=delete pod/db-2 --timeout=60s
kubectl get pods -l app=db
kubectl get pvc

# step: stuck
kubectl set image statefulset db web=nginx:1.72
kubectl rollout status statefulset db --timeout=20s
kubectl get pods -l app=db

# step: repair
kubectl set image statefulset db web=nginx:1.28
kubectl delete pod db-1
kubectl rollout status statefulset db

# step: work-that-ends
kubectl apply -f batch.yaml
kubectl wait --for=condition=Complete job/resize --timeout=2m
kubectl get pods -l job-name=resize
kubectl logs -l job-name=resize

# step: work-that-fails
kubectl apply -f report.yaml
kubectl wait --for=condition=Failed job/report --timeout=5m
kubectl get pods -l job-name=report
kubectl logs job/report

# step: mend-the-job
sed -i "s/\[cat.*/[echo, '42']/" report.yaml
kubectl apply -f report.yaml
kubectl delete job report
kubectl apply -f report.yaml
kubectl wait --for=condition=Complete job/report --timeout=2m

# step: by-the-clock
kubectl create cronjob tidy --image=busybox:1.36 --schedule='*/1 * * * *' -- date
sleep 150
kubectl get jobs
kubectl patch cronjob tidy -p '{"spec":{"suspend":true}}'
kubectl get cronjob tidy

# step: which-one
kubectl get daemonsets,statefulsets,jobs,cronjobs
