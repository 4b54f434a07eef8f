// SPDX-License-Identifier: Apache-2.0
// Server-side apply, and who owns what, in kubectl's words.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view webManifest = R"story(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "web:1", env: [{name: A, value: "1"}, {name: B, value: "2"}], ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {a: "1", b: "2"}
)story";

/// The same without a variable, a port, the replicas and a key.
constexpr std::string_view lessManifest = R"story(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "web:1", env: [{name: A, value: "1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {a: "1"}
)story";

TEST_P(KubectlStory, appliesOnTheServer)
{
    file("web.yaml", webManifest);
    file("less.yaml", lessManifest);
    play(R"story(
$ k apply --server-side -f web.yaml
deployment.apps/web serverside-applied
configmap/conf serverside-applied
$ k get cm conf -o jsonpath='{.metadata.resourceVersion}' > version; k apply --server-side -f web.yaml > /dev/null
$ test "$(k get cm conf -o jsonpath='{.metadata.resourceVersion}')" = "$(cat version)"
$ k diff --server-side -f web.yaml
$ k diff --server-side -f less.yaml | grep -Ev ' (f:|k:)' | grep -E '^[-+] .*(name: B|value|b:|containerPort|replicas)'
- replicas: 2
+ replicas: 1
- - name: B
- value: "2"
- - containerPort: 80
- b: "2"
$ k apply --server-side --dry-run=server -f less.yaml
deployment.apps/web serverside-applied (server dry run)
configmap/conf serverside-applied (server dry run)
$ k get cm conf -o jsonpath='{.data}'
{"a":"1","b":"2"}
$ k apply --server-side -f less.yaml
deployment.apps/web serverside-applied
configmap/conf serverside-applied
$ k get deploy web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[0].env} {.spec.template.spec.containers[0].ports}'
1 [{"name":"A","value":"1"}]
$ k get cm conf -o jsonpath='{.data}'
{"a":"1"}
)story");
}

TEST_P(KubectlStory, saysWithWhomAnApplyConflicts)
{
    file("web.yaml", webManifest);
    play(R"story(
$ k apply --server-side -f web.yaml > /dev/null
$ k patch cm conf --type=merge -p '{"data":{"a":"9"}}'
configmap/conf patched
$32 k apply --server-side -f web.yaml
deployment.apps/web serverside-applied
! error: Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.a
! Please review the fields above--they currently have other managers. Here
...
[1]
$20 k apply --server-side -f web.yaml
deployment.apps/web serverside-applied
! error: Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.a
...
[1]
$ k apply --server-side --force-conflicts -f web.yaml
deployment.apps/web serverside-applied
configmap/conf serverside-applied
$ k get cm conf -o jsonpath='{.data.a}'
1
$ k apply --server-side --field-manager=other -f web.yaml
deployment.apps/web serverside-applied
configmap/conf serverside-applied
$32 k get cm conf --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation} {.fieldsV1.f:data} {end}'
* Apply {"f:a":{},"f:b":{}} * Apply {"f:a":{},"f:b":{}}
$ k create configmap conf --from-literal=a=2 --dry-run=client -o yaml > one.yaml
$ k apply --server-side -f one.yaml
! error: Apply failed with 1 conflict: conflict with "other": .data.a
...
[1]
)story");
}

TEST_P(KubectlStory, movesFromClientSideToServerSideApply)
{
    file("web.yaml", webManifest);
    file("less.yaml", lessManifest);
    play(R"story(
$ k apply -f web.yaml
deployment.apps/web created
configmap/conf created
$32 k get cm conf --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation} {end}'
kubectl-client-side-apply Update
$ k apply --server-side -f less.yaml
deployment.apps/web serverside-applied
configmap/conf serverside-applied
$32 k get cm conf --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation}{"\n"}{end}' | LC_ALL=C sort
kubectl Apply
kubectl-last-applied Apply
$32 k get cm conf -o jsonpath='{.data}'
{"a":"1"}
$32 k get deploy web -o jsonpath='{.spec.template.spec.containers[0].env}'
[{"name":"A","value":"1"}]
$ k apply -f web.yaml
deployment.apps/web configured
configmap/conf configured
$ k get cm conf -o jsonpath='{.data}'
{"a":"1","b":"2"}
)story");
}

TEST_P(KubectlStory, tellsWhoChangedWhat)
{
    file("web.yaml", webManifest);
    file("edit.sh", R"story(sed -i 's/a: "1"/a: "9"/' "$1")story");
    play(R"story(
$ k create -f web.yaml > /dev/null
$ k scale deploy web --replicas=4
deployment.apps/web scaled
$ k set image deploy/web main=web:2
deployment.apps/web image updated
$ k label deploy web team=a
deployment.apps/web labeled
$ k annotate deploy web note=x
deployment.apps/web annotated
$32 k get deploy web --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager}/{.subresource}{"\n"}{end}' | grep kubectl | LC_ALL=C sort
kubectl-annotate/
kubectl-create/
kubectl-label/
kubectl-set/
kubectl/scale
$ KUBE_EDITOR="sh edit.sh" k edit cm conf
configmap/conf edited
$32 k get cm conf --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.fieldsV1.f:data}{"\n"}{end}' | sort
kubectl-create {".":{},"f:b":{}}
kubectl-edit {"f:a":{}}
$ k replace -f web.yaml
deployment.apps/web replaced
configmap/conf replaced
$32 k get cm conf --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.fieldsV1.f:data}{"\n"}{end}' | sort
kubectl-create {".":{},"f:b":{}}
kubectl-replace {"f:a":{}}
$32 k patch cm conf --type=json -p '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]'
configmap/conf patched
$32 k get cm conf --show-managed-fields -o jsonpath='{.metadata.managedFields}'
$32 k patch cm conf --type=merge -p '{"data":{"a":"8"}}' && k apply --server-side -f web.yaml --field-manager=me
configmap/conf patched
deployment.apps/web serverside-applied
! error: Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a
...
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
