# step: not-ready
kubectl apply -f shop.yaml
sleep 15
kubectl get pods
kubectl describe pods -l app=shop | tail -n 5

# step: one-ready
kubectl exec deployment/shop -- sh -c 'echo ok > /usr/share/nginx/html/ready'
sleep 10
kubectl get pods
sed -i 's|path: /ready|path: /|' shop.yaml
kubectl apply -f shop.yaml
kubectl rollout status deployment shop

# step: guarded
sed -i 's|  port: 80$|  port: 8080|' shop.yaml
kubectl apply -f shop.yaml
kubectl rollout status deployment shop --timeout=20s
kubectl get pods

# step: back
sed -i 's|  port: 8080$|  port: 80|' shop.yaml
kubectl apply -f shop.yaml
kubectl rollout status deployment shop

# step: stuck
kubectl apply -f stuck.yaml
sleep 60
kubectl get pod stuck
kubectl describe pod stuck | tail -n 8

# step: too-early
kubectl apply -f slow.yaml
sleep 60
kubectl get pod slow
kubectl logs slow
kubectl describe pod slow | tail -n 8

# step: startup
sed -i 's/    livenessProbe:/    startupProbe:\n      exec:\n        command: [cat, \/tmp\/up]\n      periodSeconds: 5\n      failureThreshold: 20\n    livenessProbe:/' slow.yaml
kubectl replace --force -f slow.yaml
kubectl get pod slow

# step: what-to-check

# step: classes
kubectl apply -f classes.yaml
kubectl get pods careless careful exact -o custom-columns=NAME:.metadata.name,CLASS:.status.qosClass
kubectl get pod exact -o jsonpath='{.spec.containers[0].resources}'; echo
kubectl describe nodes | grep -A 8 Allocated

# step: limits
kubectl set resources deployment shop --requests=cpu=100m,memory=64Mi --limits=memory=32Mi
kubectl set resources deployment shop --requests=cpu=100m,memory=64Mi --limits=memory=128Mi
kubectl rollout status deployment shop

# step: resize
kubectl patch pod careful --subresource=resize -p '{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"200m"}}}]}}'
kubectl get pod careful -o jsonpath='{.status.containerStatuses[0].resources}'; echo
kubectl get pod careful
