// SPDX-License-Identifier: Apache-2.0
// Tokens of service accounts, and roles: what kubectl makes of them.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, tokens)
{
    play(R"story(
$ k create sa web
serviceaccount/web created
$ kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}' > server
$32 k create token web --duration=700s > token
$32 alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token)"; $alone auth whoami | grep -v JTI
ATTRIBUTE                                           VALUE
Username                                            system:serviceaccount:tokens-*:web
UID                                                 *
Groups                                              [system:serviceaccounts system:serviceaccounts:tokens-* system:authenticated]
$32 alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token) -n $NS"; $alone get pods
! Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:tokens-*:web" cannot list resource "pods" in API group "" in the namespace "tokens-*"
[1]
$32 k create rolebinding viewers --clusterrole=view --serviceaccount=$NS:web
rolebinding.rbac.authorization.k8s.io/viewers created
$32~ alone="kubectl --kubeconfig=/dev/null --insecure-skip-tls-verify --server=$(cat server) --token=$(cat token) -n $NS"; $alone get pods; $alone auth can-i get secrets
no
! No resources found in tokens-* namespace.
[1]
$32 k create token none
! error: failed to create token: serviceaccounts "none" not found
[1]
$32 k create token web --duration=1s
! error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes
[1]
$32 k create token web --as=joe
! error: failed to create token: serviceaccounts "web" is forbidden: User "joe" cannot create resource "serviceaccounts/token" in API group "" in the namespace "tokens-*"
[1]
)story");
}

TEST_P(KubectlStory, rolesThatAreReconciled)
{
    file("roles.yaml", R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAMESPACE}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: NAMESPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: joe}]
)");
    play(R"story(
$ sed -i "s/NAMESPACE/$NS/" roles.yaml; kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
...
rolebinding.rbac.authorization.k8s.io/readers reconciled
...
$ kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
rolebinding.rbac.authorization.k8s.io/readers reconciled
$ k patch role reader --type=merge -p '{"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["pods"]}]}'
role.rbac.authorization.k8s.io/reader patched
$ kubectl auth reconcile -f roles.yaml >/dev/null 2>&1; k get role reader -o jsonpath='{.rules[*].verbs[0]}'
list get
$~ k auth can-i --list --as=joe | grep pods
pods [] [] [list get]
$ k auth can-i create pods --subresource=exec --as=joe
no
[1]
$ k create role more --verb=get --resource=secrets --as=joe
! Error from server (Forbidden): roles.rbac.authorization.k8s.io is forbidden: User "joe" cannot create resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "rolesthatarereconciled-*"
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
