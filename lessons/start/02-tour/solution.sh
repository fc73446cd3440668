# step: panes
kubectl get nodes

# step: container
docker run -d --name web -p 8080:80 nginx:1.27
docker ps
curl -s localhost:8080

# step: pod
kubectl run hello --image=nginx:1.27
kubectl wait --for=condition=Ready pod/hello --timeout=60s
kubectl get pods -o wide

# step: broken
kubectl run shop --image=ngnix:1.27
sleep 15
kubectl get pods

# step: repaired
kubectl set image pod/shop shop=nginx:1.27
kubectl wait --for=condition=Ready pod/shop --timeout=6m

# step: time
kubectl run tea --image=busybox:1.36 --restart=Never -- sleep 180
kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/tea --timeout=5m

# step: undo
kubectl delete pod hello shop tea --now
docker rm -f web
