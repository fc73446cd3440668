# step: first-pod
kubectl run hello --image=nginx:1.27
kubectl get pod hello -o wide

# step: spec-and-status
kubectl describe pod hello
kubectl get pod hello -o yaml

# step: go-inside
kubectl exec hello -- hostname
kubectl exec hello -- sh -c 'echo Hello from inside > /usr/share/nginx/html/index.html'
kubectl exec hello -- cat /usr/share/nginx/html/index.html

# step: logs
kubectl logs hello
kubectl logs hello --tail=3

# step: container-dies
kubectl exec hello -- sh -c 'kill 1'
sleep 5
kubectl get pod hello -o wide
kubectl exec hello -- head -n 4 /usr/share/nginx/html/index.html

# step: delete
kubectl delete pod hello
kubectl get pods

# step: two-containers
kubectl apply -f pod.yaml
kubectl get pod duo

# step: what-they-share
kubectl exec duo -c web -- cat /usr/share/nginx/html/index.html
kubectl exec duo -c writer -- hostname -i
kubectl logs duo -c writer --tail=3

# step: not-changeable
sed -i 's/sleep 5/sleep 1/' pod.yaml
kubectl apply -f pod.yaml

# step: replace
kubectl replace --force -f pod.yaml
kubectl get pod duo

# step: crash
kubectl run db --image=mysql:8.4
sleep 60
kubectl get pod db
kubectl logs db

# step: repair
kubectl delete pod db
kubectl run db --image=mysql:8.4 --env=MYSQL_ROOT_PASSWORD=learn
kubectl get pods
