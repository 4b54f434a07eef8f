// SPDX-License-Identifier: Apache-2.0
// The verbs that only look, and what they show.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, outputs)
{
    play(R"story(
$ k create deployment web --image=web:1 --replicas=2
deployment.apps/web created
$~ k get all
NAME                       READY   STATUS    RESTARTS   AGE
pod/web-*                  0/1     Pending   0          *s
pod/web-*                  0/1     Pending   0          *s
NAME                  READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/web   0/2     2            0           *s
NAME                  DESIRED   CURRENT   READY   AGE
replicaset.apps/web-* 2         2         0       *s
$ k get deploy -o wide
NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES   SELECTOR
web    0/2     2            0           *s    web          web:1    app=web
$ k get pods -o wide --no-headers
web-* 0/1 Pending 0 *s <none> <none> <none> <none>
web-* 0/1 Pending 0 *s <none> <none> <none> <none>
$ k get deploy,rs -o name
deployment.apps/web
replicaset.apps/web-*
$ k get deploy web -o jsonpath='{.spec.template.spec.containers[*].image} {.status.unavailableReplicas}'
web:1 2
$ k get deploy web -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image
NAME   IMAGE
web    web:1
$ k get deploy web -o go-template='{{.kind}} {{.metadata.name}}'
Deployment web
$ k get deploy -o json | head -4
{
"apiVersion": "v1",
"items": [
{
$ k get deploy web -o yaml | head -2
apiVersion: apps/v1
kind: Deployment
$ k get deployments.v1.apps/web svc/nope
NAME READY UP-TO-DATE AVAILABLE AGE
*web 0/2 2 0 *s
! Error from server (NotFound): services "nope" not found
[1]
$ k get po nope --ignore-not-found
$ k get widgets
! error: the server doesn't have a resource type "widgets"
[1]
$ kubectl get pods -A --field-selector=metadata.namespace=$NS
NAMESPACE NAME READY STATUS RESTARTS AGE
outputs-* web-* 0/1 Pending 0 *s
outputs-* web-* 0/1 Pending 0 *s
$ kubectl get no,po,svc,deploy,rs,cm,ep,ns,sa,events,secret -n nowhere --ignore-not-found -o name | grep -v namespace/
[1]
)story");
}

TEST_P(KubectlStory, selectorsAndOrder)
{
    play(R"story(
$ k create cm b --from-literal=x=2; k create cm a --from-literal=x=1; k label cm a tier=front; k label cm b tier=back >/dev/null
configmap/b created
configmap/a created
configmap/a labeled
$ k get cm -l 'tier in (front,side),!other' -o name
configmap/a
$ k get cm -l tier!=front -o name
configmap/b
configmap/kube-root-ca.crt
$ k get cm -l tier --sort-by=.data.x -o name
configmap/a
configmap/b
$ k get cm --field-selector=metadata.name!=a -o name
configmap/b
configmap/kube-root-ca.crt
$ k get cm --chunk-size=1 -o name
configmap/a
configmap/b
configmap/kube-root-ca.crt
$ k run one --image=x >/dev/null; k get pods --field-selector=status.phase=Pending,spec.nodeName= -o name
pod/one
$ k get pods --field-selector=status.phase!=Pending
! No resources found in selectorsandorder-* namespace.
$ k get pods --field-selector=spec.foo=1
! Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo
[1]
$ k get cm -l 'tier in ('
! Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "tier in (", field selector "": unable to parse requirement: found ''*
[1]
)story");
}

TEST_P(KubectlStory, watchesAndWaits)
{
    play(R"story(
$ "$KUBECTL" -n "$NS" get cm --watch -l seen=yes --output-watch-events=true > watch.txt 2>&1 < /dev/null & echo $! > pid
$ k create cm one; k label cm one seen=yes; k label cm one more=yes; k label cm one --overwrite seen=no
configmap/one created
configmap/one labeled
configmap/one labeled
configmap/one labeled
$~ cat watch.txt
EVENT    NAME   DATA   AGE
ADDED    one    0      *s
MODIFIED one    0      *s
DELETED  one    0      *s
$ kill $(cat pid)
$ k create deployment web --image=web:1
deployment.apps/web created
$ k wait --for=condition=Available deploy/web --timeout=1s
! error: timed out waiting for the condition on deployments/web
[1]
$~ ready app=web; k get deploy web -o jsonpath='{.status.readyReplicas}'
1
$ k wait --for=condition=Available deploy/web --timeout=20s
deployment.apps/web condition met
$ k wait --for=condition=Ready pod --all --timeout=20s
pod/web-* condition met
$32 k wait --for=jsonpath='{.spec.replicas}'=1 deploy/web --timeout=20s
deployment.apps/web condition met
$ k delete deploy web
deployment.apps "web" deleted
$~ k get pods -o name
)story");
}

TEST_P(KubectlStory, describes)
{
    play(R"story(
$ k create deployment web --image=web:1 --port=80; k expose deployment web --port=80 --target-port=8080
deployment.apps/web created
service/web exposed
$~ ready app=web; k describe svc web | grep -E 'Type|Port:|Endpoints|Affinity'
Type: ClusterIP
Port: <unset> 80/TCP
TargetPort: 8080/TCP
Endpoints: 10.244.9.1:8080
Session Affinity: None
$~ k describe deploy web | grep -E '^(Name:|Replicas|  (Available|Progressing|Normal)|NewReplicaSet)'
Name: web
Replicas: 1 desired | 1 updated | 1 total | 1 available | 0 unavailable
Available True MinimumReplicasAvailable
Progressing True NewReplicaSetAvailable
NewReplicaSet: web-* (1/1 replicas created)
Normal ScalingReplicaSet *s deployment-controller Scaled up replica set web-* from 0 to 1
$~ k describe rs | grep -E 'Controlled By|Replicas:|Pods Status|Normal'
Controlled By: Deployment/web
Replicas: 1 current / 1 desired
Pods Status: 1 Running / 0 Waiting / 0 Succeeded / 0 Failed
Normal SuccessfulCreate *s replicaset-controller Created pod: web-*
$ k describe pod -l app=web | grep -E '^(Status|IP|Controlled By|QoS Class|  Warning)' | sed 's/ (x[0-9]* over [0-9]*s)//'
Status: Running
IP: 10.244.9.1
IPs:
Controlled By: ReplicaSet/web-*
QoS Class: BestEffort
Warning FailedScheduling *s default-scheduler no nodes available to schedule pods
$ k create secret generic keys --from-literal=user=x >/dev/null; k describe secret keys | tail -1
user: 1 bytes
$ k describe cm kube-root-ca.crt | grep -c 'BEGIN CERTIFICATE'
1
$ kubectl describe ns $NS | grep -E 'Status|Labels'
Labels: kubernetes.io/metadata.name=describes-*
Status: Active
$ k describe ep web | grep -A1 Addresses | head -1
Addresses: 10.244.9.1
$32 k describe endpointslice | grep -E 'AddressType|Ready|TargetRef'
AddressType: IPv4
Ready: true
TargetRef: Pod/web-*
$ kubectl describe clusterrole view | grep -cE '^ *(pods|deployments.apps) '
2
$ k describe sa default | grep -E '^(Name:|Tokens)'
Name: default
Tokens: <none>
$~ k get events --field-selector=involvedObject.kind=Deployment,reason=ScalingReplicaSet
LAST SEEN TYPE REASON OBJECT MESSAGE
*s Normal ScalingReplicaSet deployment/web Scaled up replica set web-* from 0 to 1
$32 k events --for deployment/web
LAST SEEN TYPE REASON OBJECT MESSAGE
*s Normal ScalingReplicaSet Deployment/web Scaled up replica set web-* from 0 to 1
)story");
}

TEST_P(KubectlStory, tellsOfThePartsOfTheControlPlane)
{
    play(R"story(
$ kubectl get cs
NAME                 STATUS    MESSAGE   ERROR
controller-manager   Healthy   ok*
etcd-0               Healthy   ok*
scheduler            Healthy   ok*
! Warning: v1 ComponentStatus is deprecated in v1.19+
$ kubectl get componentstatus etcd-0 -o jsonpath='{.conditions[0].type}' 2>&1 | grep -v Warning
Healthy
)story");
}

TEST_P(KubectlStory, explainsAndDiscovers)
{
    play(R"story(
$ kubectl explain deployment.spec.replicas
...
*replicas *<integer>
...
$ kubectl explain pod.spec.nope
...
! error: field "nope" does not exist
[1]
$ kubectl api-resources --api-group=apps
NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND
controllerrevisions                apps/v1      true         ControllerRevision
daemonsets            ds           apps/v1      true         DaemonSet
deployments           deploy       apps/v1      true         Deployment
replicasets           rs           apps/v1      true         ReplicaSet
statefulsets          sts          apps/v1      true         StatefulSet
$ kubectl api-resources --api-group= | sort
NAME SHORTNAMES APIVERSION NAMESPACED KIND
bindings v1 true Binding
componentstatuses cs v1 false ComponentStatus
configmaps cm v1 true ConfigMap
endpoints ep v1 true Endpoints
events ev v1 true Event
limitranges limits v1 true LimitRange
namespaces ns v1 false Namespace
nodes no v1 false Node
persistentvolumeclaims pvc v1 true PersistentVolumeClaim
persistentvolumes pv v1 false PersistentVolume
pods po v1 true Pod
podtemplates v1 true PodTemplate
replicationcontrollers rc v1 true ReplicationController
resourcequotas quota v1 true ResourceQuota
secrets v1 true Secret
serviceaccounts sa v1 true ServiceAccount
services svc v1 true Service
$ kubectl api-versions | grep -c /v1
19
$ kubectl cluster-info | head -1 | sed 's/\x1b\[[0-9;]*m//g'
*is running at *https://127.0.0.1:*
$ kubectl version -o json | grep -A3 serverVersion
"serverVersion": {
"major": "1",
"minor": "32",
"gitVersion": "v1.32.*",
$ kubectl get --raw /readyz; kubectl get --raw /livez
okok
$ kubectl get --raw /nope
! Error from server (NotFound): the server could not find the requested resource
[1]
$ kubectl config current-context
keelson-admin@keelson
$ kubectl config view -o jsonpath='{.clusters[0].name} {.users[0].name}'
keelson keelson-admin
$ "$KUBECTL" proxy --port=0 > proxy.txt 2>&1 < /dev/null & echo $! > pid
$~ curl -sf http://$(sed 's/.* //' proxy.txt)/api/v1/namespaces/$NS | grep -o '"phase":"Active"'
"phase":"Active"
$ kill $(cat pid)
$ kubectl top pods
! error: Metrics API not available
[1]
$ kubectl certificate approve x
! Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "x" not found
[1]
)story");
}

TEST_P(KubectlStory, authorization)
{
    play(R"story(
$ kubectl auth can-i create deployments -A
yes
$ k auth can-i create deployments --as=joe
no
[1]
$ k get pods --as=joe
! Error from server (Forbidden): pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "authorization-*"
[1]
$ k create role reader --verb=get,list --resource=pods; k create rolebinding readers --role=reader --user=joe
role.rbac.authorization.k8s.io/reader created
rolebinding.rbac.authorization.k8s.io/readers created
$~ k auth can-i list pods --as=joe
yes
$ k auth can-i --list --as=joe | grep pods
pods [] [] [get list]
$ k get pods --as=joe
! No resources found in authorization-* namespace.
$ k delete pods --all --as=joe
No resources found
$ kubectl auth can-i '*' '*'
yes
$32 kubectl auth whoami
ATTRIBUTE   VALUE
Username    keelson-admin
Groups      [system:masters system:authenticated]
)story");
}

TEST_P(KubectlStory, nodes)
{
    file("node.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: nodes-node}");
    play(R"story(
$ kubectl create -f node.yaml
node/nodes-node created
$ kubectl cordon nodes-node
node/nodes-node cordoned
$ kubectl get no nodes-node
NAME         STATUS                       ROLES    AGE   VERSION
nodes-node   *,SchedulingDisabled         <none>   *s
$ kubectl cordon nodes-node
node/nodes-node already cordoned
$ kubectl uncordon nodes-node
node/nodes-node uncordoned
$ kubectl taint node nodes-node a=b:NoSchedule
node/nodes-node tainted
$ kubectl taint node nodes-node a=c:NoSchedule
! error: *ode nodes-node already has a taint(s) with same effect(s) and --overwrite is false
[1]
$ kubectl taint node nodes-node a=c:NoSchedule --overwrite
node/nodes-node modified
$ kubectl describe node nodes-node | grep 'a=c'
*a=c:NoSchedule
$ kubectl taint node nodes-node a:NoSchedule-
node/nodes-node untainted
$ kubectl label node nodes-node node-role.kubernetes.io/worker=
node/nodes-node labeled
$ kubectl get nodes nodes-node --no-headers
nodes-node * worker *s
$ kubectl drain nodes-node
node/nodes-node cordoned
node/nodes-node drained
$ kubectl delete node nodes-node
node "nodes-node" deleted
)story");
}

} // namespace
} // namespace keelson::e2e
