// SPDX-License-Identifier: Apache-2.0
// What kubectl says of limits, quotas, priorities and pod security.
#include "kubectl/story.h"

namespace keelson::e2e {
namespace {

constexpr std::string_view podStart = "apiVersion: v1\nkind: Pod\n";

TEST_P(KubectlStory, quotas)
{
    for (const auto* const name : {"a", "b"})
        file(std::string(name) + ".yaml",
             std::string(podStart) + "metadata: {name: " + name +
                 "}\nspec: {containers: [{name: c, image: 'i:1', resources: {requests: {cpu: 600m}}}]}\n");
    file("free.yaml",
         std::string(podStart) + "metadata: {name: free}\nspec: {containers: [{name: c, image: 'i:1'}]}\n");
    play(R"story(
$ k create quota few --hard=pods=2,requests.cpu=1
resourcequota/few created
$ k create -f free.yaml
! Error from server (Forbidden): error when creating "free.yaml": pods "free" is forbidden: failed quota: few: must specify requests.cpu for: c
[1]
$ k create -f a.yaml
pod/a created
$ k create -f b.yaml
! Error from server (Forbidden): error when creating "b.yaml": pods "b" is forbidden: exceeded quota: few, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1
[1]
$32~ k get quota
NAME   REQUEST                             LIMIT   AGE
few    pods: 1/2, requests.cpu: 600m/1             *s
$32~ k describe quota few
Name:         few
Namespace:    *
Resource      Used  Hard
--------      ----  ----
pods          1     2
requests.cpu  600m  1
$ k delete pod a
pod "a" deleted
$~ k get quota few -o jsonpath={.status.used.pods}
0
$ k create -f b.yaml
pod/b created
)story");
}

TEST_P(KubectlStory, limits)
{
    file("limits.yaml", "apiVersion: v1\nkind: LimitRange\nmetadata: {name: limits}\n"
                        "spec: {limits: [{type: Container, default: {memory: 64Mi}, max: {memory: 1Gi}}]}\n");
    file("big.yaml", std::string(podStart) + "metadata: {name: big}\nspec: {containers: [{name: c, image: 'i:1', "
                                             "resources: {limits: {memory: 2Gi}}}]}\n");
    play(R"story(
$ k create -f limits.yaml
limitrange/limits created
$ k run web --image=busybox:1
pod/web created
$ k get pod web -o jsonpath='{.spec.containers[0].resources}'
{"limits":{"memory":"64Mi"},"requests":{"memory":"64Mi"}}
$ k create -f big.yaml
! Error from server (Forbidden): error when creating "big.yaml": pods "big" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi
[1]
)story");
}

TEST_P(KubectlStory, priorities)
{
    const auto pod = [](const std::string& name, const std::string& itsClass) {
        return std::string(podStart) + "metadata: {name: " + name + "}\nspec: {priorityClassName: " + itsClass +
               ", containers: [{name: c, image: 'i:1'}]}\n";
    };
    file("vital.yaml", pod("vital", "system-node-critical"));
    file("lost.yaml", pod("lost", "none"));
    play(R"story(
$32 kubectl get pc system-cluster-critical system-node-critical
NAME                      VALUE        GLOBAL-DEFAULT   AGE   PREEMPTIONPOLICY
system-cluster-critical   2000000000   false            *     PreemptLowerPriority
system-node-critical      2000001000   false            *     PreemptLowerPriority
$ k create -f vital.yaml
pod/vital created
$ k get pod vital -o jsonpath='{.spec.priority} {.spec.preemptionPolicy}'
2000001000 PreemptLowerPriority
$ k create -f lost.yaml
! Error from server (Forbidden): error when creating "lost.yaml": pods "lost" is forbidden: no PriorityClass with name none was found
[1]
)story");
}

TEST_P(KubectlStory, podSecurity)
{
    const std::string spec = "spec: {hostNetwork: true, containers: [{name: c, image: 'i:1'}]}";
    file("host.yaml", std::string(podStart) + "metadata: {name: host}\n" + spec + "\n");
    file("web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 0, selector: "
                     "{matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, " +
                         spec + "}}\n");
    play(R"story(
$ kubectl label ns $NS pod-security.kubernetes.io/enforce=strict
! The Namespace "*" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted
[1]
$ kubectl label ns $NS pod-security.kubernetes.io/enforce=baseline
namespace/* labeled
$ k create -f host.yaml
! Error from server (Forbidden): error when creating "host.yaml": pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)
[1]
$ k create -f web.yaml
deployment.apps/web created
! Warning: would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)
)story");
}

} // namespace
} // namespace keelson::e2e
