// SPDX-License-Identifier: Apache-2.0
// clang-format off: the table below reads as rows, a case each
#include "api/warnings.h"
#include "api/refusal_table.h"

#include <fmt/ranges.h>

namespace keelson::api {
namespace {

struct Case {
    std::string_view kind;
    std::string_view change;
    std::string_view warnings;
};

void expectWarnings(std::initializer_list<Case> cases)
{
    for (const auto& [kind, change, warnings] : cases) {
        const auto object = objectOf(kind, change);
        EXPECT_EQ(fmt::format("{}", fmt::join(warningsAbout(kindOfObject(object), object), "\n")), warnings) << change;
    }
}

TEST(Warnings, ofPodsSayWhatIsHardlyMeant)
{
    expectWarnings({
        Case{"Pod", "{}", ""},
        Case{"Pod", "{spec: {nodeSelector: {beta.kubernetes.io/os: linux}}}",
             "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead"},
        Case{"Pod", "{spec: {volumes: [{name: v, gitRepo: {repository: x}}, {name: w, rbd: {monitors: [a], image: i}}]}}",
             "spec.volumes[0].gitRepo: deprecated in v1.11\n"
             "spec.volumes[1].rbd: deprecated in v1.28, non-functional in v1.31+"},
        Case{"Pod", "{spec: {hostAliases: [{ip: 10.0.0.1}, {ip: 10.0.0.1}], imagePullSecrets: [{name: a}, {name: ''}, {name: a}]}}",
             "spec.hostAliases[1].ip: duplicate ip \"10.0.0.1\"\n"
             "spec.imagePullSecrets[1].name: invalid empty name \"\"\n"
             "spec.imagePullSecrets[2].name: duplicate name \"a\""},
        Case{"Pod", "{spec: {containers: [{name: c, image: i, env: [{name: A, value: x}, {name: A, value: $(A):y}, {name: A, value: z}]}]}}",
             "spec.containers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply"},
        Case{"Pod", "{spec: {containers: [{name: c, image: i, resources: {requests: {memory: 100m, cpu: 100m}}}]}}",
             "spec.containers[0].resources.requests[memory]: fractional byte value \"100m\" is invalid, must be an integer"},
        Case{"Pod", "{spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}, "
                    "{containerPort: 80, hostPort: 8080}]}, {name: d, image: i, ports: [{containerPort: 80}]}]}}",
             "spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]\n"
             "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]\n"
             "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[2]"},
        Case{"Pod", "{spec: {containers: [{name: c, image: i, ports: [{containerPort: 80, hostPort: 80, hostIP: 10.0.0.1}, "
                    "{containerPort: 80, hostPort: 80}, {containerPort: 80, hostPort: 81}]}]}}",
             "spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]"},
        Case{"Pod", "{spec: {overhead: {memory: 1500m}}}", "spec.overhead[memory]: fractional byte value \"1500m\" is invalid, must be an integer"},
        Case{"Pod", "{spec: {terminationGracePeriodSeconds: -1}}",
             "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"},
    });
}

TEST(Warnings, ofPodsSayWhatNamesNoNodeOrPod)
{
    expectWarnings({
        Case{"Pod", "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: "
                    "[{key: beta.kubernetes.io/os, operator: Exists}]}]}, preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, "
                    "preference: {matchExpressions: [{key: beta.kubernetes.io/os, operator: Exists}]}}]}}}}",
             "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: "
             "beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead\n"
             "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: "
             "beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead"},
        Case{"Pod", "{spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: failure-domain.beta.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}]}}",
             "spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "
             "\"topology.kubernetes.io/zone\" instead\n"
             "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod"},
        Case{"Pod", "{spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a}]}, podAntiAffinity: "
                    "{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: a}}]}}}}",
             "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in "
             "matching no pod\n"
             "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null "
             "labelSelector results in matching no pod"},
        Case{"Pod", "{metadata: {annotations: {scheduler.alpha.kubernetes.io/critical-pod: '', seccomp.security.alpha.kubernetes.io/pod: x}}}",
             "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" field "
             "instead\n"
             "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the \"seccompProfile\" field instead"},
    });
}

TEST(Warnings, ofOtherKindsSayWhatIsHardlyMeant)
{
    expectWarnings({
        Case{"Pod", "{metadata: {name: a.b}}",
             "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: "
             "[must not contain dots]"},
        Case{"CronJob", "{metadata: {name: a.b}}",
             "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: "
             "[must not contain dots]"},
        Case{"Deployment", "{metadata: {name: a.b}, spec: {template: {metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: "
                           "unconfined}}, spec: {containers: [{name: c, image: i}]}}}}",
             "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "
             "\"appArmorProfile\" field instead"},
        Case{"Service", "{spec: {type: ClusterIP, clusterIP: None, externalIPs: [10.0.0.9], sessionAffinity: ClientIP, externalName: a, "
                        "loadBalancerIP: 10.0.0.8}}",
             "spec.loadBalancerIP is ignored for headless services\n"
             "spec.externalIPs is ignored for headless services\n"
             "spec.SessionAffinity is ignored for headless services\n"
             "spec.externalName is ignored when spec.type is not \"ExternalName\""},
        Case{"Service", "{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: auto}}, spec: {type: ExternalName, "
                        "externalName: a, externalIPs: [10.0.0.9]}}",
             "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead\n"
             "spec.externalIPs is ignored when spec.type is \"ExternalName\""},
        Case{"Deployment", "{spec: {template: {spec: {nodeSelector: {failure-domain.beta.kubernetes.io/zone: a}}}}}",
             "spec.template.spec.nodeSelector[failure-domain.beta.kubernetes.io/zone]: deprecated since v1.17; use "
             "\"topology.kubernetes.io/zone\" instead"},
        Case{"CronJob", "{spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i, env: [{name: A}, {name: A}]}]}}}}}}",
             "spec.jobTemplate.spec.template.spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped "
             "when using apply"},
        Case{"Ingress", "{metadata: {annotations: {kubernetes.io/ingress.class: fast}}}",
             "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"},
    });
}

} // namespace
} // namespace keelson::api
