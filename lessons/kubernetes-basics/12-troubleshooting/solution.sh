# step: menu
kubectl apply -f 1-menu.yaml
sleep 20
kubectl get pods -l app=menu
kubectl describe pods -l app=menu
kubectl set image deployment menu menu=nginx:1.27-alpine
kubectl rollout status deployment menu

# step: orders
kubectl apply -f 2-orders.yaml
sleep 20
kubectl get pods -l app=orders
kubectl logs deploy/orders
kubectl set env deployment orders KITCHEN=stove
kubectl rollout status deployment orders

# step: bar
kubectl apply -f 3-bar.yaml
kubectl rollout status deployment bar
kubectl get endpointslices -l kubernetes.io/service-name=bar
kubectl patch service bar -p '{"spec":{"selector":{"app":"bar"}}}'
sleep 2

# step: oven
kubectl apply -f 4-oven.yaml
kubectl rollout status deployment oven
kubectl exec deploy/bar -- curl -sS -m 3 oven
kubectl patch service oven --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":80}]'
kubectl exec deploy/bar -- curl -sS -m 3 oven

# step: dishwasher
kubectl apply -f 5-dishwasher.yaml
sleep 5
kubectl describe pods -l app=dishwasher
kubectl set resources deployment dishwasher --requests=cpu=500m
kubectl rollout status deployment dishwasher

# step: cellar
kubectl apply -f 6-cellar.yaml
sleep 5
kubectl describe pvc wine
kubectl delete -f 6-cellar.yaml
sed -i 's/premium/standard/' 6-cellar.yaml
kubectl apply -f 6-cellar.yaml
kubectl rollout status deployment cellar

# step: door
kubectl apply -f 7-door.yaml
sleep 15
kubectl get pods -l app=door
kubectl events --for deployment/door
kubectl describe pods -l app=door
sed -i 's#/healthz#/#' 7-door.yaml
kubectl apply -f 7-door.yaml
kubectl rollout status deployment door

# step: phone
kubectl apply -f 8-phone.yaml
kubectl rollout status deployment phone
kubectl exec deploy/phone -- wget -qO- -T 3 bar
kubectl patch networkpolicy phone --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]}}]'
kubectl exec deploy/phone -- wget -qO- -T 3 bar
