// SPDX-License-Identifier: Apache-2.0
// The verbs that make, change and delete objects, in the words of Kubernetes.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view manifest = R"story(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {app: app, tier: front}
spec:
  replicas: 3
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - name: main
        image: web:1
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        ports: [{containerPort: 80}, {containerPort: 443, name: tls}]
      - {name: side, image: "side:1"}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec:
  selector: {app: app}
  ports: [{port: 80, name: http}, {port: 443, name: tls, targetPort: tls}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, labels: {set: x}}
data: {a: "1", b: "2"}
)story";

/// The same after its owner took out a label, a variable, a port, a container and a key, and changed the image.
constexpr std::string_view changedManifest = R"story(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {app: app}
spec:
  replicas: 3
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - name: main
        image: web:2
        env: [{name: A, value: "1"}, {name: C, value: "3"}]
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec:
  selector: {app: app}
  ports: [{port: 80, name: http}, {port: 443, name: tls, targetPort: tls}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, labels: {set: x}}
data: {a: "1"}
)story";

TEST_P(KubectlStory, generators)
{
    play(R"story(
$ k create configmap one --from-literal=a=1
configmap/one created
$ k create configmap one --from-literal=a=1
! *configmaps "one" already exists
[1]
$ k create secret generic two --from-literal=user=x
secret/two created
$ openssl req -x509 -newkey rsa:2048 -nodes -keyout t.key -out t.crt -subj /CN=x -days 3 2>/dev/null && k create secret tls three --cert t.crt --key t.key
secret/three created
$ k create secret docker-registry four --docker-server=r.example --docker-username=u --docker-password=p
secret/four created
$ k get secrets
NAME    TYPE                             DATA   AGE
four    kubernetes.io/dockerconfigjson   1      *s
three   kubernetes.io/tls                2      *s
two     Opaque                           1      *s
$ k create deployment web --image=web:1 --replicas=2 --port=80
deployment.apps/web created
$ k create role reader --verb=get,list --resource=pods,deployments.apps
role.rbac.authorization.k8s.io/reader created
$ k create rolebinding readers --role=reader --user=joe --group=g --serviceaccount=$NS:default
rolebinding.rbac.authorization.k8s.io/readers created
$ k get rolebindings -o wide
NAME      ROLE          AGE   USERS   GROUPS   SERVICEACCOUNTS
readers   Role/reader   *s    joe     g        generators-*/default
$ kubectl create clusterrole $NS --verb=get --resource=nodes --resource-name=x
clusterrole.rbac.authorization.k8s.io/generators-* created
$ kubectl create clusterrole $NS-logs --verb=get --non-resource-url=/logs
clusterrole.rbac.authorization.k8s.io/generators-*-logs created
$ kubectl create clusterrolebinding $NS --clusterrole=$NS --user=joe
clusterrolebinding.rbac.authorization.k8s.io/generators-* created
$ kubectl delete clusterrolebinding/$NS clusterrole/$NS clusterrole/$NS-logs
clusterrolebinding.rbac.authorization.k8s.io "generators-*" deleted
clusterrole.rbac.authorization.k8s.io "generators-*" deleted
clusterrole.rbac.authorization.k8s.io "generators-*-logs" deleted
$ k create sa builder
serviceaccount/builder created
$ k create job once --image=x
job.batch/once created
$ k get job once -o jsonpath='{.spec.completions} {.spec.template.metadata.labels.job-name} {.spec.selector.matchLabels}'
1 once {"batch.kubernetes.io/controller-uid":"*"}
)story");
}

TEST_P(KubectlStory, servicesRunAndExpose)
{
    play(R"story(
$ k create service clusterip one --tcp=80:8080
service/one created
$ k create service nodeport two --tcp=80:8080
service/two created
$ k create service externalname three --external-name=example.com
service/three created
$ k create service loadbalancer four --tcp=80
service/four created
$ k run pod --image=web:1 --env=A=1 --labels=app=pod --port=80
pod/pod created
$ k expose pod pod --name=five --type=NodePort
service/five exposed
$ k create deployment web --image=web:1
deployment.apps/web created
$ k expose deployment web --port=80 --target-port=8080
service/web exposed
$ k get services -o wide
NAME    TYPE           CLUSTER-IP   EXTERNAL-IP   PORT(S)        AGE   SELECTOR
five    NodePort       10.96.*      <none>        80:3*/TCP      *s    app=pod
four    LoadBalancer   10.96.*      <pending>     80:3*/TCP      *s    app=four
one     ClusterIP      10.96.*      <none>        80/TCP         *s    app=one
three   ExternalName   <none>       example.com   <none>         *s    app=three
two     NodePort       10.96.*      <none>        80:3*/TCP      *s    app=two
web     ClusterIP      10.96.*      <none>        80/TCP         *s    app=web
$ k get pod pod -o jsonpath='{.spec.containers[0].image} {.spec.serviceAccountName} {.status.phase} {.status.qosClass}'
web:1 default Pending BestEffort
)story");
}

TEST_P(KubectlStory, applies)
{
    file("app.yaml", manifest);
    file("changed.yaml", changedManifest);
    play(R"story(
$ k apply -f app.yaml
deployment.apps/app created
service/app created
configmap/conf created
$ k apply -f app.yaml
deployment.apps/app unchanged
service/app unchanged
configmap/conf unchanged
$ k diff -f app.yaml
$ k diff -f changed.yaml | grep -Ev ' (f:|k:)' | grep -E '^[-+] .*(tier|image:|name: [ABC]|b:|443)'
- tier: front
- - name: B
- image: web:1
+ - name: C
+ image: web:2
- - containerPort: 443
- - image: side:1
- b: "2"
$ k apply -f changed.yaml --dry-run=server
deployment.apps/app configured (server dry run)
service/app unchanged (server dry run)
configmap/conf configured (server dry run)
$ k get cm conf -o jsonpath='{.data}'
{"a":"1","b":"2"}
$ k apply -f changed.yaml
deployment.apps/app configured
service/app unchanged
configmap/conf configured
$ k apply -f changed.yaml
deployment.apps/app unchanged
service/app unchanged
configmap/conf unchanged
$ k get deploy app -o jsonpath='{range .spec.template.spec.containers[*]}{.name} {.image} {.env} {.ports}{end} {.metadata.labels}'
main web:2 [{"name":"A","value":"1"},{"name":"C","value":"3"}] [{"containerPort":80,"protocol":"TCP"}] {"app":"app"}
$ k apply view-last-applied cm/conf -o json | grep -c '"b"'
0
[1]
$ k create configmap manual
configmap/manual created
$ k create configmap manual --from-literal=a=b --dry-run=client -o yaml > manual.yaml; k apply -f manual.yaml
configmap/manual configured
! Warning: * missing the kubectl.kubernetes.io/last-applied-configuration annotation *
)story");
}

TEST_P(KubectlStory, editsAndReplaces)
{
    file("app.yaml", manifest);
    file("edit.sh", R"story(sed -i 's/a: "1"/a: "9"/; s/replicas: 3/replicas: 4/' "$1")story");
    play(R"story(
$ k create -f app.yaml
deployment.apps/app created
service/app created
configmap/conf created
$ k create -f app.yaml
! Error from server (AlreadyExists): error when creating "app.yaml": deployments.apps "app" already exists
! Error from server (AlreadyExists): error when creating "app.yaml": services "app" already exists
! Error from server (AlreadyExists): error when creating "app.yaml": configmaps "conf" already exists
[1]
$ KUBE_EDITOR="sh edit.sh" k edit cm conf
configmap/conf edited
$ KUBE_EDITOR=true k edit cm conf
! Edit cancelled, no changes made.
$ KUBE_EDITOR="sh edit.sh" k edit deployment app
deployment.apps/app edited
$ k get deploy/app cm/conf -o jsonpath='{.items[*].spec.replicas} {.items[*].data.a}'
4 9
$ k replace -f app.yaml
deployment.apps/app replaced
service/app replaced
configmap/conf replaced
$ k get cm conf -o jsonpath='{.metadata.uid}' > uid; k replace --force -f app.yaml
deployment.apps "app" deleted
service "app" deleted
configmap "conf" deleted
deployment.apps/app replaced
service/app replaced
configmap/conf replaced
$ test "$(k get cm conf -o jsonpath='{.metadata.uid}')" = "$(cat uid)"
[1]
$ k get cm conf -o yaml | sed 's/resourceVersion: .*/resourceVersion: "1"/' > stale.yaml; k replace -f stale.yaml
! Error from server (Conflict): error when replacing "stale.yaml": Operation cannot be fulfilled on configmaps "conf": the object has been modified; please apply your changes to the latest version and try again
[1]
)story");
}

TEST_P(KubectlStory, patches)
{
    file("app.yaml", manifest);
    play(R"story(
$ k create -f app.yaml > /dev/null
$ k patch deploy app -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}'
deployment.apps/app patched
$ k patch deploy app -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}'
deployment.apps/app patched (no change)
$ k get deploy app -o jsonpath='{.spec.template.spec.containers[*].image}'
web:1 side:2
$ k patch deploy app --type=merge -p '{"metadata":{"labels":{"x":"y","tier":null}}}'
deployment.apps/app patched
$ k patch deploy app --type=json -p '[{"op":"replace","path":"/spec/replicas","value":5},{"op":"test","path":"/metadata/labels/x","value":"y"}]'
deployment.apps/app patched
$ k get deploy app -o jsonpath='{.spec.replicas} {.metadata.labels}'
5 {"app":"app","x":"y"}
$ k patch deploy app --type=json -p '[{"op":"test","path":"/metadata/labels/x","value":"z"}]'
! The Deployment "app" is invalid: /metadata/labels/x: the test operation of the patch wants "z", but the value is "y"
[1]
$ k patch deploy app --type=json -p '[{"op":"remove","path":"/metadata/labels/zz"}]'
! The Deployment "app" is invalid: /metadata/labels/zz: the remove operation of the patch finds nothing to remove
[1]
$ k patch deploy nope -p '{}'
! Error from server (NotFound): deployments.apps "nope" not found
[1]
$ k patch deploy app -p '{"spec":{"replicas":-1}}'
! The Deployment "app" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
[1]
$ k patch deploy app -p '{"spec":{"selector":{"matchLabels":{"app":"b"}}}}'
! The Deployment "app" is invalid:
! * spec.template.metadata.labels: Invalid value: {"app":"app"}: `selector` does not match template `labels`
! * spec.selector: Invalid value: *: field is immutable
[1]
$ k patch deploy app -p '{"spec":{"replicaz":1}}'
deployment.apps/app patched (no change)
! Warning: unknown field "spec.replicaz"
$ k patch svc app -p '{"spec":{"clusterIP":"10.96.1.1"}}'
! The Service "app" is invalid: spec.clusterIP*: Invalid value: *: may not change once set
[1]
$32 k patch deploy app --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'
scale.autoscaling/app patched
$32 k get deploy app --subresource=scale
NAME DESIRED AVAILABLE AGE
app 2 * *s
)story");
}

TEST_P(KubectlStory, sets)
{
    file("app.yaml", manifest);
    play(R"story(
$ k create -f app.yaml > /dev/null
$ k set image deploy/app main=web:3 side=side:3
deployment.apps/app image updated
$ k set image deploy/app main=web:3
$ k set image deploy/app nomain=web:3
! error: unable to find container named "nomain"
[1]
$ k set image deploy/app '*=web:4'
deployment.apps/app image updated
$ k set env deploy/app -c main X=1 A-
deployment.apps/app env updated
$ k set env deploy/app --list
# *app, container main
B=2
X=1
# *app, container side
$ k set resources deploy app -c=main --limits=cpu=200m,memory=512Mi --requests=cpu=100m
deployment.apps/app resource requirements updated
$ k get deploy app -o jsonpath='{.spec.template.spec.containers[0].resources}'
{"limits":{"cpu":"200m","memory":"512Mi"},"requests":{"cpu":"100m"}}
$ k set selector svc app x=y
service/app selector updated
$ k set serviceaccount deploy app default
deployment.apps/app serviceaccount updated
$ k create rolebinding readers --clusterrole=view --user=a
rolebinding.rbac.authorization.k8s.io/readers created
$ k set subject rolebinding readers --user=b
rolebinding.rbac.authorization.k8s.io/readers subjects updated
)story");
}

TEST_P(KubectlStory, labelsAndAnnotations)
{
    play(R"story(
$ k create cm one
configmap/one created
$ k label cm one a=b
configmap/one labeled
$ k label cm one a=c
! error: 'a' already has a value (b), and --overwrite is false
[1]
$ k label cm one a=c --overwrite
configmap/one labeled
$ k label cm one d=e --resource-version=1
! Error from server (Conflict): Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again
[1]
$ k get cm -l a=c --show-labels
NAME DATA AGE LABELS
one  0    *s  a=c
$ k label cm --all q=r
configmap/kube-root-ca.crt labeled
configmap/one labeled
$ k get cm -L q,a
NAME             DATA AGE Q A
kube-root-ca.crt 1    *s  r
one              0    *s  r c
$32 k label cm one a-
configmap/one unlabeled
$ k annotate cm one note=hi
configmap/one annotated
$ k annotate cm one note=ho
! error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (hi)
[1]
$ k annotate cm one note=ho --overwrite
configmap/one annotated
$ k annotate cm one note-
configmap/one annotated
$ k get cm one -o jsonpath='{.metadata.annotations}'
)story");
}

TEST_P(KubectlStory, deletes)
{
    file("node.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: deletes-node}");
    file("bound.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: bound}\nspec: {nodeName: deletes-node, "
                       "terminationGracePeriodSeconds: 7, containers: [{name: c, image: i}]}");
    file("finalized.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, finalizers: [example.com/x]}");
    play(R"story(
$ kubectl create -f node.yaml
node/deletes-node created
$ k create -f bound.yaml
pod/bound created
$ k delete pod bound --wait=false
pod "bound" deleted
$ k get pod bound -o jsonpath='{.metadata.deletionGracePeriodSeconds}'
7
$ k get pod bound
NAME  READY STATUS      RESTARTS AGE
bound 0/1   Terminating 0        *s
$ k delete pod bound --now --wait=false; k get pod bound -o jsonpath='{.metadata.deletionGracePeriodSeconds}'
pod "bound" deleted
1
$ k delete pod bound --grace-period=0 --force
pod "bound" force deleted
! *mmediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
$ k get pod bound
! Error from server (NotFound): pods "bound" not found
[1]
$ kubectl delete node deletes-node
node "deletes-node" deleted
$ k create -f finalized.yaml
configmap/kept created
$ k delete cm kept --wait=false
configmap "kept" deleted
$ test -n "$(k get cm kept -o jsonpath='{.metadata.deletionTimestamp}')"
$ k patch cm kept --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
configmap/kept patched
$ k get cm kept
! Error from server (NotFound): configmaps "kept" not found
[1]
$ k create cm one; k create cm two; k label cm two a=b
configmap/one created
configmap/two created
configmap/two labeled
$ k delete cm one --dry-run=server
configmap "one" deleted (server dry run)
$ k delete cm -l a=b
configmap "two" deleted
$ k delete cm -l a=b
No resources found
$ k delete cm one nope
configmap "one" deleted
! Error from server (NotFound): configmaps "nope" not found
[1]
$ k delete cm nope --ignore-not-found
$ k delete cm
! error: resource(s) were provided, but no name* specified
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
