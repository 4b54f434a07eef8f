// SPDX-License-Identifier: Apache-2.0
// What kubectl knows of servers and of their resources: its configuration, discovery, explanations.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

TEST_P(KubectlStory, keepsAConfiguration)
{
    play(R"story(
$ touch config; export KUBECONFIG=config; kubectl config set-cluster far --server=https://far.example:1 --insecure-skip-tls-verify
Cluster "far" set.
$32 export KUBECONFIG=config; kubectl config set-credentials me --token=t
User "me" set.
$ export KUBECONFIG=config; kubectl config set-context there --cluster=far --user=me --namespace=n; kubectl config get-contexts --no-headers
Context "there" created.
there far me n
$ export KUBECONFIG=config; kubectl config set-context there --namespace=m; kubectl config use-context there; kubectl config current-context
Context "there" modified.
Switched to context "there".
there
$ export KUBECONFIG=config; kubectl config get-clusters; kubectl config set clusters.far.server https://near.example:2; kubectl config view -o jsonpath='{.clusters[0].cluster.server}'
NAME
far
Property "clusters.far.server" set.
https://near.example:2
$32 export KUBECONFIG=config; kubectl config get-users; kubectl config view | grep token; kubectl config delete-user me
NAME
me
token: REDACTED
deleted user me from config
$ export KUBECONFIG=config; kubectl config unset contexts.there.namespace; kubectl config delete-context there; kubectl config delete-cluster far
Property "contexts.there.namespace" unset.
deleted context there from config
deleted cluster far from config
! warning: this removed your active context, use "kubectl config use-context" to select a different one
$ kubectl config use-context none
! error: no context exists with the name: "none"
[1]
$ kubectl config view --raw --minify -o jsonpath='{.contexts[*].name} {.clusters[*].name}'
keelson-admin@keelson keelson
)story");
}

TEST_P(KubectlStory, knowsWhatIsServed)
{
    play(R"story(
$ kubectl api-resources --verbs=list,get --namespaced=false -o name | grep -E '^(no|na|persistentvolumes)' | sort
namespaces
nodes
persistentvolumes
$ kubectl api-resources --api-group=rbac.authorization.k8s.io --sort-by=kind --no-headers
clusterroles rbac.authorization.k8s.io/v1 false ClusterRole
clusterrolebindings rbac.authorization.k8s.io/v1 false ClusterRoleBinding
roles rbac.authorization.k8s.io/v1 true Role
rolebindings rbac.authorization.k8s.io/v1 true RoleBinding
$ kubectl api-resources --api-group=policy -o wide --no-headers | tr -d '[]' | sed 's/ [ ]*/ /g; s/create,delete.*/VERBS/; s/create delete.*/VERBS/'
poddisruptionbudgets pdb policy/v1 true PodDisruptionBudget VERBS
$32 kubectl api-resources --categories=all -o name | sort | xargs
cronjobs.batch daemonsets.apps deployments.apps horizontalpodautoscalers.autoscaling jobs.batch pods replicasets.apps replicationcontrollers services statefulsets.apps
$ kubectl api-resources --api-group=none --no-headers
$ kubectl api-resources -o name | grep -c /
0
[1]
$ kubectl get --raw /api/v1 | grep -o '"name":"pods/[a-z]*"' | LC_ALL=C sort | xargs
name:pods/attach name:pods/binding name:pods/ephemeralcontainers name:pods/eviction name:pods/exec name:pods/log name:pods/portforward* name:pods/status
$32 kubectl version | sed 's/: v1\.[0-9.]*/: V/'
Client Version: V*
Kustomize Version: *
Server Version: V*
$32 kubectl explain pod.spec.containers.resources --recursive
KIND: Pod
VERSION: v1
FIELD: resources <ResourceRequirements>
DESCRIPTION:
...
FIELDS:
claims <[]ResourceClaim>
name <string> -required-
request <string>
limits <map[string]Quantity>
requests <map[string]Quantity>
$20 kubectl explain pod.spec.containers.resources --recursive | tail -2
limits <map[string]string>
requests <map[string]string>
$32 kubectl explain cm --output=plaintext-openapiv2 | grep -A1 '^ *data'
data <map[string]string>
*
$ kubectl explain deployments.spec.strategy.rollingUpdate --api-version=apps/v1 | grep -oE '(maxSurge|maxUnavailable)'
maxSurge
maxUnavailable
$ kubectl explain tokenreview.spec.token | grep -o '<string>' | head -1
<string>
$ kubectl explain localsubjectaccessreview.spec.resourceAttributes.verb | grep -o '<string>' | head -1
<string>
$ kubectl explain nothing
! *the server doesn't have a resource type "nothing"
[1]
$32 kubectl explain cm.data.deeper
...
! error: *deeper*
[1]
$ kubectl cluster-info dump --namespaces=$NS -o json | grep -c '"kind": "[A-Za-z]*List"'
8
$ kubectl completion bash | grep -c __start_kubectl
*
)story");
}

TEST_P(KubectlStory, asksWhatOneMay)
{
    play(R"story(
$ kubectl auth can-i get pods/log -A; kubectl auth can-i get /healthz; kubectl auth can-i create pods --as=joe --as-group=system:masters
yes
yes
yes
$ kubectl auth can-i use widgets
yes
! Warning: the server doesn't have a resource type 'widgets'
$ k auth can-i get pods -q --as=joe
[1]
$ k auth can-i get pods --subresource=log --as=joe
no
[1]
$ k create role one --verb=get --resource=configmaps --resource-name=a; k create rolebinding one --role=one --user=joe
role.rbac.authorization.k8s.io/one created
rolebinding.rbac.authorization.k8s.io/one created
$~ k auth can-i get cm/a --as=joe; k auth can-i get cm/b --as=joe; k auth can-i get cm --as=joe
yes
no
no
[1]
$ k auth can-i --list --as=joe | grep -E 'configmaps|selfsubjectaccess|/healthz' | LC_ALL=C sort
[/healthz] [] [get]
[/healthz] [] [get]
configmaps [] [a] [get]
selfsubjectaccessreviews.authorization.k8s.io [] [] [create]
$32 kubectl auth whoami -o jsonpath='{.status.userInfo.username} {.status.userInfo.groups}' --as=joe --as-group=dev --as-uid=7
joe ["dev","system:authenticated"]
$ kubectl auth can-i
! error: you must specify two*
...
[1]
)story");
}

} // namespace
} // namespace keelson::e2e
