// SPDX-License-Identifier: Apache-2.0
// What verbs take besides: the options that other stories have no use for, and what old clients ask for in vain.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, generatesWithOptions)
{
    play(R"story(
$ k create ingress web --class=fast --rule='a.example/=web:80,tls=cert' --annotation=a=b --default-backend=web:80
ingress.networking.k8s.io/web created
$ k get ingress
NAME CLASS HOSTS ADDRESS PORTS AGE
web fast a.example 80, 443 *s
$ k get ingress web -o jsonpath='{.spec.tls[0].secretName} {.spec.rules[0].http.paths[0].pathType} {.metadata.annotations.a}'
cert Exact b
$ kubectl create clusterrole $NS --aggregation-rule=a=b; kubectl get clusterrole $NS -o jsonpath='{.aggregationRule}'; kubectl delete clusterrole $NS
clusterrole.rbac.authorization.k8s.io/generateswithoptions-* created
{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}clusterrole.rbac.authorization.k8s.io "generateswithoptions-*" deleted
$ k create role r --verb=get --resource=pods/log,deployments.apps/scale --dry-run=server -o jsonpath='{.rules}'
[{"apiGroups":[""],"resources":["pods/log"],"verbs":["get"]},{"apiGroups":["apps"],"resources":["deployments/scale"],"verbs":["get"]}]
$ k create quota q --scopes=BestEffort --hard=pods=1 --dry-run=server -o jsonpath='{.spec}'
{"hard":{"pods":"1"},"scopes":["BestEffort"]}
$ kubectl create priorityclass p --value=10 --global-default --preemption-policy=Never --dry-run=server -o jsonpath='{.globalDefault} {.preemptionPolicy}'
true Never
$ k create deployment two --image=a --image=b --dry-run=server -o jsonpath='{.spec.template.spec.containers[*].image}'
a b
$ k create deployment other --image=a --replicas=0 -- sleep 1; k get deploy other -o jsonpath='{.spec.template.spec.containers[0].command}'
deployment.apps/other created
["sleep","1"]
$20 k create cronjob tick --image=b --schedule='@daily' -- date
! error: failed to create cronjob: the server could not find the requested resource
[1]
$20 k create pdb web --selector=app=web --min-available=1
! error: no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"
[1]
$ printf 'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: old}\n' | k create -f - 2>&1 | grep -o 'no matches for kind "Deployment" in version "extensions/v1beta1"'
no matches for kind "Deployment" in version "extensions/v1beta1"
$ k get deployments.v1beta1.extensions
! error: the server doesn't have a resource type "deployments"
[1]
)story");
}

TEST_P(KubectlStory, setsAndMarksManyAtOnce)
{
    play(R"story(
$ k create cm a; k create secret generic s --from-literal=P=1 --from-literal=Q=2; k create deployment d --image=i --replicas=0
configmap/a created
secret/s created
deployment.apps/d created
$ k set env deploy/d --from=secret/s --keys=Q; k set env deploy --all A=1; k set env deploy/d --list --resolve
deployment.apps/d env updated
deployment.apps/d env updated
# *d, container i
Q=2
A=1
$ k set env deploy/d A=2 --dry-run=client -o jsonpath='{.spec.template.spec.containers[0].env[1].value}'; k get deploy d -o jsonpath=' {.spec.template.spec.containers[0].env[1].value}'
2 1
$ k set env deploy/d --env=B=3 --overwrite=false A=9
! error: deployments/d 'A' already has a value (1), and --overwrite is false
[1]
$ k label cm --field-selector=metadata.name=a q=1; k annotate cm --all z=2; k annotate cm a --list
configmap/a labeled
configmap/a annotated
configmap/kube-root-ca.crt annotated
z=2
$ k label cm -l q=1 q- | sed 's/ .*//'; k get cm -l q -o name
configmap/a
$ k get cm,secret,deploy -o jsonpath='{.kind} {.items[*].kind}'
List ConfigMap ConfigMap Secret Deployment
$ k get cm --sort-by=.metadata.creationTimestamp -o name | sort
configmap/a
configmap/kube-root-ca.crt
$32 printf 'n\n' | k delete cm a --interactive
You are about to delete the following 1 resource(s):
configmap/a
Do you want to continue? (y/n): deletion is cancelled
$32 printf 'y\n' | k delete cm a --interactive
You are about to delete the following 1 resource(s):
configmap/a
Do you want to continue? (y/n): configmap "a" deleted
)story");
}

TEST_P(KubectlStory, rollsOutAndScalesMore)
{
    file("ds.yaml",
         "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ds}\nspec: {selector: {matchLabels: "
         "{app: ds}}, template: {metadata: {labels: {app: ds}}, spec: {containers: [{name: c, image: i}]}}}");
    play(R"story(
$ k create deployment d --image=i --replicas=0; k rollout status deploy/d --timeout=10s
deployment.apps/d created
...
deployment "d" successfully rolled out
$ k rollout history deploy/d --revision=7
! error: unable to find the specified revision
[1]
$ k apply -f ds.yaml; k rollout status ds/ds --timeout=1s
daemonset.apps/ds created
Waiting for daemon set spec update to be observed...
! error: timed out waiting for the condition
[1]
$ k rollout history ds/ds; k rollout undo ds/ds
daemonset.apps/ds
No rollout history found.
! error: no last revision to roll back to
[1]
$ k rollout restart ds
daemonset.apps/ds restarted
$32 k rollout restart deploy -l a=b
! No resources found in rollsoutandscalesmore-* namespace.
$ k scale --replicas=1 deploy/d ds/ds
deployment.apps/d scaled
! Error from server (NotFound): the server could not find the requested resource
[1]
$ k scale --replicas=3 deploy --all --timeout=10s; k scale deploy d --replicas=2 --resource-version=1
deployment.apps/d scaled
! *Expected resource version to be 1, was *
[1]
$ k scale -f ds.yaml --replicas=1
! Error from server (NotFound): the server could not find the requested resource
[1]
$ k autoscale deploy d --min=2 --max=1
! error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 1, min: 2
[1]
$ k autoscale rs none --max=2
! Error from server (NotFound): replicasets.apps "none" not found
[1]
$ k autoscale deploy d --min=1 --max=2 --name=other; k describe hpa other | grep -E '^(Reference|Min|Max)'
horizontalpodautoscaler.autoscaling/other autoscaled
Reference: Deployment/d
Min replicas: 1
Max replicas: 2
$ k expose deploy d --port=80 --protocol=UDP --external-ip=192.0.2.1 --name=e; k get svc e -o wide --no-headers
service/e exposed
e ClusterIP 10.96.* 192.0.2.1 80/UDP *s app=d
$ k expose deploy d --port=80 --name=e
! Error from server (AlreadyExists): services "e" already exists
[1]
$ k wait --for=condition=Available=False deploy/d --timeout=10s
deployment.apps/d condition met
$ k wait --for=condition=X deploy -l none=x --timeout=1s
! error: no matching resources found
[1]
$32 k wait --for=delete deploy -l none=x --timeout=1s
$32 k wait --for=jsonpath='{.spec.replicas}'=3 deploy --all --timeout=10s
deployment.apps/d condition met
)story");
}

TEST_P(KubectlStory, drainsAroundDaemonSets)
{
    file("pods.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: free, labels: {app: free}}
spec: {nodeName: NAME, terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: of-set, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: set, uid: UID, controller: true}]}
spec: {nodeName: NAME, containers: [{name: c, image: i}]}
)");
    file("set.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: set}\nspec: {selector: {matchLabels: {a: "
                     "b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}");
    play(R"story(
$ printf "apiVersion: v1\nkind: Node\nmetadata: {name: $NS, labels: {pool: $NS}}\n" | kubectl create -f -; k create -f set.yaml
node/drainsarounddaemonsets-* created
daemonset.apps/set created
$ sed -i "s/NAME/$NS/; s/UID/$(k get ds set -o jsonpath={.metadata.uid})/" pods.yaml; k create -f pods.yaml
pod/free created
pod/of-set created
$ kubectl drain $NS --force --timeout=3s 2>&1 | grep -o 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): .*/of-set$' | head -1
cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): drainsarounddaemonsets-*/of-set
$ kubectl drain -l pool=$NS --force --ignore-daemonsets --pod-selector=app=none --timeout=10s >/dev/null 2>&1; k get pods -o name
pod/free
pod/of-set
$ kubectl drain -l pool=$NS --force --ignore-daemonsets --disable-eviction --timeout=10s 2>/dev/null | grep pod/
pod/free deleted
$ k get pods -o name
pod/of-set
$ kubectl uncordon -l pool=$NS
node/drainsarounddaemonsets-* uncordoned
$ kubectl taint node -l pool=$NS a=b:NoExecute; kubectl taint node $NS a:NoExecute- c=d:NoSchedule
node/drainsarounddaemonsets-* tainted
node/drainsarounddaemonsets-* modified
$ kubectl get node $NS -o jsonpath='{.spec.taints[?(@.key=="c")].effect}'
NoSchedule
$ kubectl cordon -l none=x; kubectl drain -l none=x
$ kubectl uncordon $NS-none
! Error from server (NotFound): nodes "drainsarounddaemonsets-*-none" not found
[1]
$ kubectl delete node $NS
node "drainsarounddaemonsets-*" deleted
)story");
}

TEST_P(KubectlStory, asksForTokensAndRights)
{
    play(R"story(
$ k create sa web
serviceaccount/web created
$32 k create token web --audience=vault -o jsonpath='{.spec.audiences}'
["vault"]
$32 k create token web --bound-object-kind=Secret --bound-object-name=none
! error: failed to create token: secrets "none" not found
[1]
$32 k create token web --bound-object-kind=Service --bound-object-name=none
! error: *supported --bound-object-kind values are *
[1]
$ k auth can-i --list --no-headers
*.* [] [] [*]
[*] [] [*]
$ k auth can-i list pods --subresource=status
yes
$32 kubectl auth whoami -o jsonpath='{.status.userInfo.username}'
keelson-admin
$ k describe sa web | grep -E '^(Name|Tokens|Image pull secrets):'
Name: web
Image pull secrets: <none>
Tokens: <none>
$ k describe role none
! Error from server (NotFound): roles.rbac.authorization.k8s.io "none" not found
[1]
$ kubectl replace --raw /api/v1/namespaces/$NS -f /dev/null
! Error from server (BadRequest): *
[1]
$ "$KUBECTL" proxy --port=0 --api-prefix=/k8s/ --www=. --www-prefix=/files/ > proxy.txt 2>&1 < /dev/null & echo $! > pid; echo here > page
$~ at=$(sed 's/.* //' proxy.txt); curl -sf http://$at/k8s/api/v1/namespaces/$NS/serviceaccounts/web | grep -o '"name":"web"'; curl -sf http://$at/files/page; curl -s -o /dev/null -w '%{http_code}' http://$at/k8s/api/v1/namespaces/$NS/pods/x/exec
"name":"web"
here
403
$ kill $(cat pid)
)story");
}

} // namespace
} // namespace keelson::e2e
