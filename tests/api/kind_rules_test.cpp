// SPDX-License-Identifier: Apache-2.0
// clang-format off: the tables below read as rows, a case each
#include "api/name_forms.h"
#include "api/refusal_table.h"

namespace keelson::api {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Jobs, Validate,
    testing::Values(
        Row{"Job", "{spec: {template: {spec: {restartPolicy: Always}}}}",
            "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""},
        Row{"Job", "{spec: {parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1}}",
            "spec.parallelism: Invalid value: -1: must be greater than or equal to 0\n"
            "spec.completions: Invalid value: -1: must be greater than or equal to 0\n"
            "spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0\n"
            "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0\n"
            "spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0"},
        Row{"Job", "{spec: {completionMode: Some}}",
            "spec.completionMode: Unsupported value: \"Some\": supported values: \"Indexed\", \"NonIndexed\""},
        Row{"Job", "{spec: {completionMode: Indexed, parallelism: 3}}",
            "spec.completions: Required value: when completion mode is Indexed"},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 3, parallelism: 100001}}",
            "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"},
        Row{"Job", "{spec: {backoffLimitPerIndex: 1, maxFailedIndexes: 2}}",
            "spec.maxFailedIndexes: Invalid value: 2: must be less than or equal to completions\n"
            "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode\n"
            "spec.maxFailedIndexes: Invalid value: 2: requires indexed completion mode"},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 3, maxFailedIndexes: 2}}",
            "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"},
        Row{"Job", "{spec: {manualSelector: true}}", "spec.selector: Required value"},
        Row{"Job", "{spec: {manualSelector: true, selector: {matchLabels: {a: c}}}}",
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 100001, backoffLimitPerIndex: 1, parallelism: 10001}}",
            "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000\n"
            "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with "
            "backoff limit per index"},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 5, successPolicy: {rules: []}}}",
            "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified"},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 5, successPolicy: {rules: [{succeededIndexes: '0,2-4', succeededCount: 4}]}}}", ""},
        Row{"Job", "{spec: {completionMode: Indexed, completions: 5, successPolicy: {rules: [{}, {succeededCount: 0}, {succeededCount: 6}, "
                   "{succeededIndexes: '0,2-4', succeededCount: 5}, {succeededIndexes: 'a'}, {succeededIndexes: '5'}, {succeededIndexes: '3,1'}, "
                   "{succeededIndexes: '1-2-3'}]}}}",
            "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified\n"
            "spec.successPolicy.rules[1].succeededCount: Invalid value: 0: must be greater than 0\n"
            "spec.successPolicy.rules[2].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)\n"
            "spec.successPolicy.rules[3].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of indexes in the "
            "specified succeededIndexes field)\n"
            "spec.successPolicy.rules[4].succeededIndexes: Invalid value: \"a\": error parsing succeededIndexes: cannot convert string to "
            "integer for index: \"a\"\n"
            "spec.successPolicy.rules[5].succeededIndexes: Invalid value: \"5\": error parsing succeededIndexes: too large index: \"5\"\n"
            "spec.successPolicy.rules[6].succeededIndexes: Invalid value: \"3,1\": error parsing succeededIndexes: non-increasing order, "
            "previous: 3, current: 1\n"
            "spec.successPolicy.rules[7].succeededIndexes: Invalid value: \"1-2-3\": error parsing succeededIndexes: the fragment \"1-2-3\" "
            "violates the requirement that an index interval can have at most two parts separated by '-'"},
        Row{"Job", "{spec: {podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: 'a b'}]}]}, podReplacementPolicy: TerminatingOrFailed}}",
            "spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a b\": name part must consist of alphanumeric "
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or "
            "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\nspec.podReplacementPolicy: Unsupported "
            "value: \"TerminatingOrFailed\": supported values: \"Failed\""},
        Row{"Job", "{spec: {managedBy: me}}",
            "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")"},
        Row{"Job", "{spec: {template: {spec: {restartPolicy: OnFailure}}, podFailurePolicy: {rules: []}}}",
            "spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when podFailurePolicy is specified"},
        Row{"Job", "{spec: {podFailurePolicy: {rules: [{action: FailIndex}, {action: Ignore, onExitCodes: {operator: In, values: [2, 0], "
                   "containerName: d}, onPodConditions: [{type: DisruptionTarget}]}, {action: Stop, onExitCodes: {operator: NotIn, values: []}}]}}}",
            "spec.podFailurePolicy.rules[2].action: Unsupported value: \"Stop\": supported values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\"\n"
            "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set\n"
            "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required\n"
            "spec.podFailurePolicy.rules[1].onExitCodes.containerName: Invalid value: \"d\": must be one of the container or initContainer "
            "names in the pod template\n"
            "spec.podFailurePolicy.rules[1].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator\n"
            "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: [2,0]: must be ordered\n"
            "spec.podFailurePolicy.rules[1]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported\n"
            "spec.podFailurePolicy.rules[2].onExitCodes.values: Invalid value: []: at least one value is required"},
        Row{"CronJob", "{metadata: {name: " + std::string(53, 'a') + "}}",
            "metadata.name: Invalid value: \"" + std::string(53, 'a') + "\": must be no more than 52 characters"},
        Row{"CronJob", "{spec: {schedule: ''}}", "spec.schedule: Required value"},
        Row{"CronJob", "{spec: {schedule: 'TZ=UTC 0 * * * *'}}",
            "spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead"},
        Row{"CronJob", "{spec: {schedule: '0 * *'}}",
            "spec.schedule: Invalid value: \"0 * *\": expected exactly 5 fields, found 3: [0 * *]"},
        Row{"CronJob", "{spec: {timeZone: Europe/Vienna, concurrencyPolicy: Replace}}", ""},
        Row{"CronJob", "{spec: {timeZone: Europe/Atlantis}}",
            "spec.timeZone: Invalid value: \"Europe/Atlantis\": unknown time zone Europe/Atlantis"},
        Row{"CronJob", "{spec: {timeZone: Local}}",
            "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"},
        Row{"CronJob", "{spec: {concurrencyPolicy: Sometimes}}",
            "spec.concurrencyPolicy: Unsupported value: \"Sometimes\": supported values: \"Allow\", \"Forbid\", \"Replace\""},
        Row{"CronJob", "{spec: {jobTemplate: {spec: {manualSelector: true, selector: {matchLabels: {}}}}}}",
            "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"false\", \"nil\""}));

INSTANTIATE_TEST_SUITE_P(
    Workloads, Validate,
    testing::Values(
        Row{"StatefulSet", "{spec: {selector: {matchLabels: {a: c}}}}",
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"},
        Row{"StatefulSet", "{spec: {podManagementPolicy: Random, updateStrategy: {type: Never}}}",
            "spec.podManagementPolicy: Unsupported value: \"Random\": supported values: \"OrderedReady\", \"Parallel\"\n"
            "spec.updateStrategy.type: Unsupported value: \"Never\": supported values: \"OnDelete\", \"RollingUpdate\""},
        Row{"StatefulSet", "{spec: {serviceName: ''}}", ""},
        Row{"StatefulSet", "{spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: "
                           "{requests: {storage: 1Gi}}}}], template: {spec: {initContainers: [{name: i, image: i, volumeDevices: "
                           "[{name: data, devicePath: /dev/d}]}], containers: [{name: c, image: i, volumeMounts: "
                           "[{name: data, mountPath: /data}, {name: none, mountPath: /none}]}]}}}}",
            "spec.template.spec.containers[0].volumeMounts[1].name: Not found: \"none\""},
        Row{"Deployment", "{spec: {template: {spec: {containers: [{name: c, image: i, volumeMounts: [{name: none, mountPath: /none}]}]}}}}",
            "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"none\""},
        Row{"Job", "{spec: {template: {spec: {containers: [{name: c, image: i, volumeMounts: [{name: none, mountPath: /none}]}]}}}}",
            "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"none\""},
        Row{"Deployment", "{spec: {template: {spec: {ephemeralContainers: [{name: e, image: i}]}}}}",
            "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"},
        Row{"StatefulSet", "{spec: {volumeClaimTemplates: [{metadata: {name: v}, spec: {accessModes: []}}]}}",
            "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required\n"
            "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value"},
        Row{"DaemonSet", "{spec: {template: {spec: {restartPolicy: Never}}}}",
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
        Row{"StatefulSet", "{spec: {updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}}}",
            "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'"},
        Row{"StatefulSet", "{spec: {selector: {matchLabels: {a: null}}, template: {spec: {activeDeadlineSeconds: 5}}}}",
            "spec.selector: Invalid value: {}: empty selector is invalid for statefulset\n"
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported"},
        Row{"DaemonSet", "{spec: {selector: {matchLabels: {a: null}}}}",
            "spec.selector: Invalid value: {}: empty selector is invalid for daemonset"},
        Row{"DaemonSet", "{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 0}}}}",
            "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"},
        Row{"DaemonSet", "{spec: {updateStrategy: {rollingUpdate: {maxSurge: 1}}}}",
            "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"},
        Row{"DaemonSet", "{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 150%}}}}",
            "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"150%\": must not be greater than 100%"},
        Row{"ReplicationController", "{spec: {template: null}}", "spec.selector: Required value"},
        Row{"ReplicationController", "{spec: {selector: {a: c}}}",
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"},
        Row{"ControllerRevision", "{revision: -1}", "revision: Invalid value: -1: must be greater than or equal to 0"},
        Row{"PodDisruptionBudget", "{spec: {maxUnavailable: 1}}",
            "spec: Invalid value: {\"minAvailable\":\"50%\",\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"maxUnavailable\":1}: minAvailable "
            "and maxUnavailable cannot be both set"},
        Row{"PodDisruptionBudget", "{spec: {minAvailable: -1}}",
            "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"},
        Row{"PodDisruptionBudget", "{spec: {minAvailable: 101%, unhealthyPodEvictionPolicy: Never}}",
            "spec.unhealthyPodEvictionPolicy: Unsupported value: \"Never\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\"\n"
            "spec.minAvailable: Invalid value: \"101%\": must not be greater than 100%"}));

INSTANTIATE_TEST_SUITE_P(
    Autoscalers, Validate,
    testing::Values(
        Row{"HorizontalPodAutoscaler", "{spec: {minReplicas: 0}}",
            "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"},
        Row{"HorizontalPodAutoscaler", "{spec: {maxReplicas: 0}}",
            "spec.maxReplicas: Invalid value: 0: must be greater than 0\n"
            "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"},
        Row{"HorizontalPodAutoscaler", "{spec: {scaleTargetRef: {kind: a/b, name: ''}}}",
            "spec.scaleTargetRef.name: Required value\nspec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{}]}}",
            "spec.metrics[0].type: Required value: must specify a metric source type"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: Pods, pods: {metric: {}, target: {type: AverageValue, averageValue: 1}}}, "
                                       "{type: Pods, pods: {metric: {name: a/b}, target: {type: AverageValue, averageValue: 1}}}]}}",
            "spec.metrics[0].pods.metric.name: Required value: must specify a metric name\n"
            "spec.metrics[1].pods.metric.name: Invalid value: \"a/b\": may not contain '/'"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: Pods, resource: {name: cpu, target: {type: Value, value: 1}}}]}}",
            "spec.metrics[0].pods: Required value: must populate information for the given metric source\n"
            "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: Pods, object: {describedObject: {kind: Service, name: s}, metric: {name: m}, target: "
                                       "{type: Value}}, pods: {metric: {name: m}, target: {type: AverageValue, averageValue: 1}}}, "
                                       "{type: ContainerResource, containerResource: {name: cpu, target: {averageUtilization: 5}}}]}}",
            "spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue\n"
            "spec.metrics[0].object: Forbidden: must populate the given metric source only\n"
            "spec.metrics[1].containerResource.target.type: Required value: must specify a metric target type\n"
            "spec.metrics[1].containerResource.target.type: Invalid value: \"\": must be either Utilization, Value, or AverageValue\n"
            "spec.metrics[1].containerResource.container: Required value: must specify a container"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: External, external: {metric: {name: m}, target: {type: Value, value: 1, averageValue: 1}}}, "
                                       "{type: ContainerResource, containerResource: {name: gpu, container: C, target: {type: Utilization, "
                                       "averageUtilization: 5}}}]}}",
            "spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target\n"
            "spec.metrics[1].containerResource.name: Invalid value: \"gpu\": must be a standard resource type or fully qualified\n"
            "spec.metrics[1].containerResource.name: Invalid value: \"gpu\": must be a standard resource for containers\n"
            "spec.metrics[1].containerResource.container: Invalid value: \"C\": " + wrongDnsLabel("C")},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: Resource, resource: {target: {type: Least}}}]}}",
            "spec.metrics[0].resource.name: Required value: must specify a resource name\n"
            "spec.metrics[0].resource.target.type: Invalid value: \"Least\": must be either Utilization, Value, or AverageValue\n"
            "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"},
        Row{"HorizontalPodAutoscaler", "{spec: {metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, "
                                       "averageUtilization: 0, averageValue: 0}}}]}}",
            "spec.metrics[0].resource.target.averageValue: Invalid value: \"0\": must be positive\n"
            "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0\n"
            "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization"},
        Row{"HorizontalPodAutoscaler", "{spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 4000, policies: [{type: Pods, value: 0, "
                                       "periodSeconds: 0}, {type: Some, value: 1, periodSeconds: 1801}]}}}}",
            "spec.behavior.scaleUp.policies[1].type: Unsupported value: \"Some\": supported values: \"Percent\", \"Pods\"\n"
            "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600\n"
            "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero\n"
            "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero\n"
            "spec.behavior.scaleUp.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800"}));

/// The members, with those of `usual` that they do not begin with.
std::string withUsual(std::string members, std::initializer_list<std::pair<std::string, std::string>> usual)
{
    const auto given = members;
    for (const auto& [name, value] : usual)
        if (!given.starts_with(name + ":"))
            members += ", " + name + ": " + value;
    return members;
}

/// An Ingress with one path that has these members.
Row inPath(const std::string& members, const std::string& causes)
{
    return {"Ingress", "{spec: {rules: [{http: {paths: [{" + withUsual(members, {{"pathType", "Prefix"}, {"path", "/"},
            {"backend", "{service: {name: s, port: {number: 80}}}"}}) + "}]}}]}}", causes};
}

INSTANTIATE_TEST_SUITE_P(
    Networking, Validate,
    testing::Values(
        Row{"Ingress", "{spec: {rules: []}}",
            "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"},
        Row{"Ingress", "{spec: {rules: [{host: 10.0.0.1}, {host: '*.example.org'}, {host: '*'}]}}",
            "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address\nspec.rules[2].host: Invalid value: "
            "\"*\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower "
            "case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for "
            "validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        Row{"Ingress", "{spec: {rules: [{http: {paths: []}}]}}", "spec.rules[0].http.paths: Required value"},
        inPath("path: x", "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path"),
        inPath("path: /a//b/..", "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": must not contain '//'\n"
                                 "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": cannot end with '/..'"),
        inPath("pathType: ''", "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"),
        inPath("pathType: Suffix", "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Suffix\": supported values: "
                                            "\"Exact\", \"ImplementationSpecific\", \"Prefix\""),
        inPath("backend: {}", "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is required"),
        inPath("backend: {service: {name: s}}",
               "spec.rules[0].http.paths[0].backend: Required value: port name or number is required"),
        inPath("backend: {service: {name: s, port: {name: web, number: 80}}}",
               "spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both port name & port number"),
        inPath("backend: {service: {name: s, port: {number: 80}}, resource: {kind: Bucket, name: b}}",
               "spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both resource and service backends"),
        Row{"Ingress", "{spec: {tls: [{hosts: ['a_b']}]}}",
            "spec.tls[0].hosts[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
            "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        Row{"Ingress", "{spec: {tls: [{secretName: a_b}]}}",
            "spec.tls[0].secretName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
            "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        inPath("backend: {resource: {apiGroup: example.org, kind: a/b, name: '..'}}",
               "spec.rules[0].http.paths[0].backend.resource.kind: Invalid value: \"a/b\": may not contain '/'\n"
               "spec.rules[0].http.paths[0].backend.resource.name: Invalid value: \"..\": may not be '..'"),
        Row{"IngressClass", "{spec: {controller: ''}}", "spec.controller: Required value"},
        Row{"IngressClass", "{spec: {controller: fast}}",
            "spec.controller: Invalid value: \"fast\": must be a domain-prefixed path (such as \"acme.io/foo\")"},
        Row{"IngressClass", "{spec: {parameters: {scope: Namespace}}}",
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"},
        Row{"IngressClass", "{spec: {parameters: {namespace: ns}}}",
            "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"},
        Row{"NetworkPolicy", "{spec: {ingress: [{ports: [{port: 0}, {port: http, endPort: 5}, {port: 80, endPort: 79}, {endPort: 5}, "
                             "{protocol: ICMP}]}]}}",
            "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n"
            "spec.ingress[0].ports[1].endPort: Invalid value: 5: may not be specified when `port` is non-numeric\n"
            "spec.ingress[0].ports[2].endPort: Invalid value: 80: must be greater than or equal to `port`\n"
            "spec.ingress[0].ports[3].endPort: Invalid value: 5: may not be specified when `port` is not specified\n"
            "spec.ingress[0].ports[4].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\""},
        Row{"NetworkPolicy", "{spec: {egress: [{to: [{}, {podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}}",
            "spec.egress[0].to[0]: Required value: must specify a peer\n"
            "spec.egress[0].to[1]: Forbidden: may not specify both ipBlock and another peer"},
        Row{"NetworkPolicy", "{spec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16, 10.0.0.0/8, x]}}, "
                             "{ipBlock: {}}]}]}}",
            "spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`\n"
            "spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`\n"
            "spec.ingress[0].from[0].ipBlock.except[3]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
            "2001:db8::/64)\n"
            "spec.ingress[0].from[1].ipBlock.cidr: Required value"},
        Row{"NetworkPolicy", "{spec: {policyTypes: [Ingress, Egress, Both]}}",
            "spec.policyTypes[2]: Unsupported value: \"Both\": supported values: \"Egress\", \"Ingress\"\n"
            "spec.policyTypes: Invalid value: [\"Ingress\",\"Egress\",\"Both\"]: may not specify more than two policyTypes"}));

INSTANTIATE_TEST_SUITE_P(
    Storage, Validate,
    testing::Values(
        Row{"PersistentVolumeClaim", "{spec: {accessModes: [], resources: null}}",
            "spec.accessModes: Required value: at least 1 access mode is required\nspec.resources[storage]: Required value"},
        Row{"PersistentVolumeClaim", "{spec: {accessModes: [ReadWriteOncePod, ReadWriteOnce, Any], resources: {requests: {storage: 0}}}}",
            "spec.accessModes[2]: Unsupported value: \"Any\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", "
            "\"ReadWriteOncePod\"\n"
            "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes\n"
            "spec.resources[storage]: Invalid value: \"0\": must be greater than zero"},
        Row{"PersistentVolumeClaim", "{spec: {volumeAttributesClassName: A, dataSource: {kind: Other, name: x}, dataSourceRef: {apiGroup: a_b, kind: X, name: x}}}",
            "spec.volumeAttributesClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
            "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\nspec.dataSource: Invalid value: \"Other\": must be "
            "'PersistentVolumeClaim' when referencing the default apiGroup\nspec.dataSourceRef.apiGroup: Invalid value: \"a_b\": a "
            "lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
            "alphanumeric character (e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n"
            "spec: Invalid value: \"spec.dataSource\": must match dataSourceRef"},
        Row{"PersistentVolume", "{spec: {hostPath: {path: /a/../b}}}",
            "spec.hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
        Row{"StorageClass", "{provisioner: example.org/Fast}", ""},
        Row{"PersistentVolume", "{spec: {capacity: null, hostPath: null}}",
            "spec.capacity: Required value\nspec: Required value: must specify a volume type"},
        Row{"PersistentVolume", "{spec: {capacity: {cpu: 1}}}",
            "spec.capacity: Unsupported value: {\"cpu\":\"1\",\"storage\":\"1Gi\"}: supported values: \"storage\""},
        Row{"PersistentVolume", "{spec: {nfs: {server: s, path: /}}}", "spec.nfs: Forbidden: may not specify more than 1 volume type"},
        Row{"PersistentVolume", "{spec: {hostPath: {path: /}, persistentVolumeReclaimPolicy: Recycle}}",
            "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"},
        Row{"PersistentVolume", "{spec: {hostPath: null, local: {path: /x}}}",
            "spec.nodeAffinity: Required value: Local volume requires node affinity"},
        Row{"StorageClass", "{provisioner: ''}", "provisioner: Required value"},
        Row{"StorageClass", "{parameters: {'': x}, volumeBindingMode: Later, reclaimPolicy: Keep}",
            "reclaimPolicy: Unsupported value: \"Keep\": supported values: \"Delete\", \"Retain\"\n"
            "volumeBindingMode: Unsupported value: \"Later\": supported values: \"Immediate\", \"WaitForFirstConsumer\"\n"
            "parameters: Invalid value: \"\": field can not be empty."},
        Row{"CSINode", "{spec: {drivers: null}}", ""}));

/// A LimitRange with one entry for containers.
Row inLimit(const std::string& members, const std::string& causes)
{
    return {"LimitRange", "{spec: {limits: [{type: Container, " + members + "}]}}", causes};
}

INSTANTIATE_TEST_SUITE_P(
    Limits, Validate,
    testing::Values(
        inLimit("min: {cpu: 2}, max: {cpu: 1}",
                "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1\n"
                "spec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": min value 2 is greater than default request value 1\n"
                "spec.limits[0].default[cpu]: Invalid value: \"2\": min value 2 is greater than default value 1"),
        inLimit("default: {cpu: 2}, max: {cpu: 1}, defaultRequest: {cpu: 3}, maxLimitRequestRatio: {cpu: 500m}",
                "spec.limits[0].defaultRequest[cpu]: Invalid value: \"3\": default request value 3 is greater than max value 1\n"
                "spec.limits[0].defaultRequest[cpu]: Invalid value: \"3\": default request value 3 is greater than default limit value 2\n"
                "spec.limits[0].default[cpu]: Invalid value: \"1\": default value 2 is greater than max value 1\n"
                "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m is less than 1"),
        Row{"LimitRange", "{spec: {limits: [{type: Pod, default: {cpu: 1}}, {type: Pod}, {type: Node}, {type: PersistentVolumeClaim}]}}",
            "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'\n"
            "spec.limits[1].type: Duplicate value: \"Pod\"\n"
            "spec.limits[2].type: Invalid value: \"Node\": must be a standard limit type or fully qualified\n"
            "spec.limits[3]: Required value: either minimum or maximum storage value is required, but neither was provided"},
        Row{"ResourceQuota", "{spec: {hard: {pods: 1500m, cpu: -1}, scopes: [BestEffort, NotBestEffort]}}",
            "spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0\n"
            "spec.hard[pods]: Invalid value: \"1500m\": must be an integer\n"
            "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource\n"
            "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes"},
        Row{"ResourceQuota", "{spec: {hard: {gpus: 1, requests.example.org/gpu: 1, count/jobs.batch: 2, services: 1}, scopes: [Sometimes, Terminating]}}",
            "spec.hard[gpus]: Invalid value: \"gpus\": must be a standard resource for quota\n"
            "spec.scopes: Invalid value: [\"Sometimes\",\"Terminating\"]: unsupported scope\n"
            "spec.scopes: Invalid value: [\"Sometimes\",\"Terminating\"]: unsupported scope applied to resource"},
        Row{"ResourceQuota", "{spec: {hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [a]}, "
                             "{scopeName: PriorityClass, operator: In}, {scopeName: BestEffort, operator: In, values: [a]}, "
                             "{scopeName: PriorityClass, operator: Exists, values: [a]}, {scopeName: PriorityClass, operator: Like}]}}}",
            "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for "
            "scope selector\n"
            "spec.scopeSelector.matchExpressions: Invalid value: \"BestEffort\": unsupported scope applied to resource\n"
            "spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exist' when scope is any of "
            "ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort "
            "or ResourceQuotaScopeCrossNamespacePodAffinity\n"
            "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' "
            "for scope selector\n"
            "spec.scopeSelector.matchExpressions.operator: Invalid value: \"Like\": not a valid selector operator"},
        Row{"ClusterRole", "{aggregationRule: {clusterRoleSelectors: []}}",
            "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil"},
        inLimit("maxLimitRequestRatio: {gpus: 2}",
                "spec.limits[0].maxLimitRequestRatio[gpus]: Invalid value: \"gpus\": must be a standard resource type or fully qualified\n"
                "spec.limits[0].maxLimitRequestRatio[gpus]: Invalid value: \"gpus\": must be a standard resource for containers"),
        Row{"PriorityClass", "{value: 1000000001}",
            "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"},
        Row{"PriorityClass", "{metadata: {name: system-mine}}",
            "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is "
            "not a known system priority class"},
        Row{"PriorityClass", "{metadata: {name: system-node-critical}}",
            "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of "
            "system-node-critical PriorityClass must be 2000001000"},
        Row{"PriorityClass", "{metadata: {name: system-node-critical}, value: 2000001000}", ""},
        Row{"PriorityClass", "{value: null, preemptionPolicy: Ask}",
            "preemptionPolicy: Unsupported value: \"Ask\": supported values: \"Never\", \"PreemptLowerPriority\""},
        Row{"RuntimeClass", "{handler: A}",
            "handler: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
            "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"}));

/// A webhook that has these members besides its others.
Row inWebhook(const std::string& members, const std::string& causes)
{
    return {"ValidatingWebhookConfiguration",
            "{webhooks: [{" + withUsual(members, {{"name", "a.example.org"}, {"clientConfig", "{url: 'https://x'}"}, {"sideEffects", "None"},
                                                  {"admissionReviewVersions", "[v1]"}}) + "}]}",
            causes};
}

/// A webhook with a rule about these resources; what is wrong with them follows their path.
Row inResources(const std::string& resources, const std::string& causes)
{
    std::string lines;
    for (std::size_t at = 0; at < causes.size();) {
        const auto line = causes.substr(at, causes.find('\n', at) - at);
        lines += fmt::format("{}webhooks[0].rules[0].resources{}", at ? "\n" : "", line);
        at += line.size() + 1;
    }
    return inWebhook("rules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: " + resources + "}]", lines);
}

/// A request for a certificate from a signer.
Row inSigner(const std::string& signer, const std::string& shown, const std::string& wrong)
{
    return {"CertificateSigningRequest", "{spec: {signerName: '" + signer + "'}}",
            fmt::format("spec.signerName: Invalid value: \"{}\": {}", shown, wrong)};
}

INSTANTIATE_TEST_SUITE_P(
    Extensions, Validate,
    testing::Values(
        Row{"CertificateSigningRequest", "{spec: {signerName: mine, expirationSeconds: 5, usages: [client auth, client auth, dig]}}",
            "spec.usages[2]: Unsupported value: \"dig\": supported values: \"any\", \"cert sign\", \"client auth\", \"code signing\", "
            "\"content commitment\", \"crl sign\", \"data encipherment\", \"decipher only\", \"digital signature\", \"email protection\", "
            "\"encipher only\", \"ipsec end system\", \"ipsec tunnel\", \"ipsec user\", \"key agreement\", \"key encipherment\", "
            "\"microsoft sgc\", \"netscape sgc\", \"ocsp signing\", \"s/mime\", \"server auth\", \"signing\", \"timestamping\"\n"
            "spec.signerName: Invalid value: \"mine\": must be a fully qualified domain and path of the form 'example.com/signer-name'\n"
            "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)\n"
            "spec.usages[1]: Duplicate value: \"client auth\""},
        Row{"CertificateSigningRequest", "{spec: {usages: []}}", "spec.usages: Required value"},
        inSigner("example/own", "example", "should be a domain with at least two segments separated by dots"),
        inSigner("a.b/c/d", "a.b/c/d", "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
        inSigner("Ex.org/own", "Ex.org", "validating label \"Ex\": " + wrongDnsLabel("Ex")),
        inSigner("ex.org/own.", "own.", "validating label \"\": " + wrongDnsSubdomain("")),
        inWebhook("sideEffects: Some", "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\""),
        inWebhook("sideEffects: null", "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun"),
        inWebhook("timeoutSeconds: 31", "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"),
        inWebhook("admissionReviewVersions: []", "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1"),
        inWebhook("admissionReviewVersions: [v2, v2]",
                  "webhooks[0].admissionReviewVersions[1]: Invalid value: \"v2\": duplicate version\n"
                  "webhooks[0].admissionReviewVersions: Invalid value: [\"v2\",\"v2\"]: must include at least one of v1, v1beta1"),
        inWebhook("admissionReviewVersions: [v1, V2]",
                  "webhooks[0].admissionReviewVersions[1]: Invalid value: \"V2\": " + wrongDns1035Label("V2")),
        inWebhook("name: a_b", "webhooks[0].name: Invalid value: \"a_b\": " + wrongDnsSubdomain("a_b")),
        inWebhook("clientConfig: {service: {name: s, namespace: n, path: '//a/B/'}}",
                  "webhooks[0].clientConfig.service.path: Invalid value: \"//a/B/\": segment[0] may not be empty\n"
                  "webhooks[0].clientConfig.service.path: Invalid value: \"//a/B/\": segment[2]: " + wrongDnsSubdomain("B")),
        inWebhook("clientConfig: {service: {name: s, namespace: n, path: '/a/b/'}}", ""),
        inResources("['*', pods/exec]", ""),
        inResources("['', '*', pods]", "[0]: Required value\n"
                                       ": Invalid value: [\"\",\"*\",\"pods\"]: if '*' is present, must not specify other resources without subresources"),
        inResources("[pods/*, pods/exec, '*/scale', deployments/scale]",
                    "[1]: Invalid value: \"pods/exec\": if 'pods/*' is present, must not specify pods/exec\n"
                    "[3]: Invalid value: \"deployments/scale\": if '*/scale' is present, must not specify deployments/scale"),
        inResources("['*/*', pods]", ": Invalid value: [\"*/*\",\"pods\"]: if '*/*' is present, must not specify other resources"),        inWebhook("name: hook", "webhooks[0].name: Invalid value: \"hook\": should be a domain with at least three segments separated by dots"),
        inWebhook("failurePolicy: Retry", "webhooks[0].failurePolicy: Unsupported value: \"Retry\": supported values: \"Fail\", \"Ignore\""),
        inWebhook("clientConfig: {}", "webhooks[0].clientConfig: Required value: exactly one of url or service is required"),
        inWebhook("clientConfig: {url: 'http://x'}", "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL "
                                                     "scheme; desired format: https://host[/path]"),
        inWebhook("clientConfig: {url: 'https://x?y#z'}",
                  "webhooks[0].clientConfig.url: Invalid value: \"z\": fragments are not permitted in the URL\n"
                  "webhooks[0].clientConfig.url: Invalid value: \"y#z\": query parameters are not permitted in the URL"),
        inWebhook("clientConfig: {service: {name: s, port: 70000}}",
                  "webhooks[0].clientConfig.service.namespace: Required value: service namespace is required\n"
                  "webhooks[0].clientConfig.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive"),
        inWebhook("rules: [{operations: ['*', CREATE], apiGroups: [], apiVersions: [v1], resources: [pods]}]",
                  "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations\n"
                  "webhooks[0].rules[0].apiGroups: Required value"),
        Row{"MutatingWebhookConfiguration",
            "{webhooks: [{name: a.example.org, clientConfig: {url: 'https://x'}, sideEffects: None, admissionReviewVersions: [v1]}, {name: "
            "a.example.org, clientConfig: {url: 'https://x'}, sideEffects: None, admissionReviewVersions: [v1]}]}",
            "webhooks[1].name: Duplicate value: \"a.example.org\""},
        Row{"APIService", "{metadata: {name: x}, spec: {groupPriorityMinimum: 0, versionPriority: 1001, caBundle: eA==}}",
            "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000\n"
            "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000\n"
            "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present\n"
            "metadata.name: Invalid value: \"x\": must be `spec.version+\".\"+spec.group`: \"v1.example.org\""},
        Row{"APIService", "{spec: {service: null, caBundle: eA==}}",
            "spec.caBundle: Invalid value: \"1 bytes\": local APIServices may not have a caBundle\n"
            "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify"},
        Row{"CustomResourceDefinition", "{metadata: {name: x.example.org}}",
            "metadata.name: Invalid value: \"x.example.org\": must be spec.names.plural+\".\"+spec.group"},
        Row{"CustomResourceDefinition", "{metadata: {name: ships.example}, spec: {group: example, scope: Moon, names: {listKind: Ship}}}",
            "spec.scope: Unsupported value: \"Moon\": supported values: \"Cluster\", \"Namespaced\"\n"
            "spec.group: Invalid value: \"example\": should be a domain with at least one dot\n"
            "spec.names.listKind: Invalid value: \"Ship\": kind and listKind may not be the same"},
        Row{"CustomResourceDefinition", "{spec: {versions: [{name: V, served: true}], conversion: {strategy: Webhook}}}",
            "spec.versions[0].name: Invalid value: \"V\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
            "start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
            "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')\nspec.versions[0].schema.openAPIV3Schema: Required value: schemas are "
            "required\nspec.versions: Invalid value: [{\"name\":\"V\",\"served\":true}]: must have exactly one version marked as storage "
            "version\nspec.conversion.webhookClientConfig: Required value: required when strategy is set to "
            "Webhook\nspec.conversion.conversionReviewVersions: Required value"},
        Row{"CustomResourceDefinition", "{spec: {conversion: {strategy: None, webhook: {clientConfig: {url: 'https://x'}, conversionReviewVersions: [v2]}}}}",
            "spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook\n"
            "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook"},
        Row{"CustomResourceDefinition", "{spec: {conversion: {strategy: Webhook, webhook: {clientConfig: {url: 'https://x'}, conversionReviewVersions: [v2, v2]}}}}",
            "spec.conversion.conversionReviewVersions[1]: Invalid value: \"v2\": duplicate version\n"
            "spec.conversion.conversionReviewVersions: Invalid value: [\"v2\",\"v2\"]: must include at least one of v1, v1beta1"}));

constexpr std::string_view setFields =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
constexpr std::string_view claimFields =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

INSTANTIATE_TEST_SUITE_P(
    KindUpdates, ValidateUpdate,
    testing::Values(
        UpdateRow{"Job", "{}", "{spec: {completions: 1, parallelism: 5, suspend: true, backoffLimit: 2}}", ""},
        UpdateRow{"Job", "{}", "{spec: {completions: 2}}", "spec.completions: Invalid value: 2: field is immutable"},
        UpdateRow{"Job", "{}", "{spec: {selector: {matchLabels: {a: b}}}}",
                  "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\"}}: field is immutable"},
        UpdateRow{"Job", "{spec: {completionMode: Indexed, completions: 2, parallelism: 2}}",
                  "{spec: {completionMode: Indexed, completions: 3, parallelism: 3}}", ""},
        UpdateRow{"Job", "{spec: {completionMode: Indexed, completions: 2, parallelism: 2}}",
                  "{spec: {completionMode: Indexed, completions: 3, parallelism: 2}}",
                  "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"},
        UpdateRow{"Job", "{spec: {suspend: true}}", "{spec: {suspend: true, template: {spec: {nodeSelector: {a: b}}}}}", ""},
        UpdateRow{"CronJob", "{}", "{spec: {schedule: '@daily', jobTemplate: {spec: {completions: 3, completionMode: Indexed}}}}", ""},
        UpdateRow{"StatefulSet", "{}", "{spec: {replicas: 3, minReadySeconds: 5, updateStrategy: {rollingUpdate: {partition: 2}}}}", ""},
        UpdateRow{"StatefulSet", "{}", "{spec: {serviceName: other}}", fmt::format("spec: Forbidden: {}", setFields)},
        UpdateRow{"StatefulSet", "{}", "{spec: {volumeClaimTemplates: []}}", fmt::format("spec: Forbidden: {}", setFields)},
        UpdateRow{"DaemonSet", "{}", "{spec: {selector: {matchLabels: {c: d}}}}",
                  "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable"},
        UpdateRow{"ControllerRevision", "{}", "{data: {spec: {a: b}}}",
                  "data: Invalid value: {\"spec\":{\"a\":\"b\"}}: field is immutable"},
        UpdateRow{"IngressClass", "{}", "{spec: {controller: example.org/other}}",
                  "spec.controller: Invalid value: \"example.org/other\": field is immutable"},
        UpdateRow{"PersistentVolumeClaim", "{}", "{spec: {volumeName: v}}", ""},
        UpdateRow{"PersistentVolumeClaim", "{spec: {volumeName: v}}", "{spec: {volumeName: w}}", fmt::format("spec: Forbidden: {}", claimFields)},
        UpdateRow{"PersistentVolumeClaim", "{}", "{spec: {resources: {requests: {storage: 2Gi}}}}",
                  fmt::format("spec: Forbidden: {}", claimFields)},
        UpdateRow{"PersistentVolumeClaim", "{status: {phase: Bound}}", "{spec: {resources: {requests: {storage: 2Gi}}}, status: {phase: Bound}}", ""},
        UpdateRow{"PersistentVolumeClaim", "{status: {phase: Bound}}", "{spec: {resources: {requests: {storage: 1Mi}}}, status: {phase: Bound}}",
                  "spec.resources.requests.storage: Forbidden: field can not be less than previous value"},
        UpdateRow{"PersistentVolumeClaim", "{status: {phase: Bound, capacity: {storage: 512Mi}}}",
                  "{spec: {resources: {requests: {storage: 512Mi}}}, status: {phase: Bound}}",
                  "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"},
        UpdateRow{"PersistentVolume", "{}", "{spec: {hostPath: {path: /y}}}",
                  "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"},
        UpdateRow{"PersistentVolume", "{}", "{spec: {volumeMode: Block, capacity: {storage: 5Gi}}}",
                  "spec.volumeMode: Invalid value: \"Block\": field is immutable"},
        UpdateRow{"StorageClass", "{}", "{parameters: {a: b}, provisioner: q.example.org, reclaimPolicy: Retain, volumeBindingMode: "
                                        "WaitForFirstConsumer, allowVolumeExpansion: true}",
                  "volumeBindingMode: Invalid value: \"WaitForFirstConsumer\": field is immutable\n"
                  "parameters: Forbidden: updates to parameters are forbidden.\n"
                  "provisioner: Forbidden: updates to provisioner are forbidden.\n"
                  "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."},
        UpdateRow{"ResourceQuota", "{}", "{spec: {scopes: [BestEffort]}}", "spec.scopes: Invalid value: [\"BestEffort\"]: field is immutable"},
        UpdateRow{"PriorityClass", "{}", "{value: 6, preemptionPolicy: Never, description: x}",
                  "preemptionPolicy: Invalid value: \"Never\": field is immutable\nvalue: Forbidden: may not be changed in an update."},
        UpdateRow{"RuntimeClass", "{}", "{handler: kata}", "handler: Invalid value: \"kata\": field is immutable"}));

TEST(CronSchedule, readsFieldsNamesAndDescriptors)
{
    struct Case {
        std::string_view text;
        std::uint64_t minutes;
        std::uint64_t hours;
        std::uint64_t daysOfWeek;
    };
    for (const auto& [text, minutes, hours, days] : {
             Case{"*/15 9-17 * * mon-fri", 0x0000200040008001, 0x3fe00, 0x3e},
             Case{"5/20,7 0 1 jan,FEB ?", 0x0000200002000020 | 0x80, 1, 0x7f},
             Case{"@weekly", 1, 1, 1},
         }) {
        const auto schedule = CronSchedule::parse(text);
        ASSERT_TRUE(schedule) << text << ": " << schedule.error().message;
        EXPECT_EQ(schedule->minutes, minutes) << text;
        EXPECT_EQ(schedule->hours, hours) << text;
        EXPECT_EQ(schedule->daysOfWeek, days) << text;
    }
    EXPECT_EQ(CronSchedule::parse("@every 1h30m")->every, std::chrono::seconds(5400));
    EXPECT_TRUE(CronSchedule::parse("0 0 1 * *")->anyDayOfWeek);
    EXPECT_FALSE(CronSchedule::parse("0 0 1 * *")->anyDayOfMonth);
}

TEST(CronSchedule, saysWhatIsWrong)
{
    for (const auto& [text, message] : {
             std::pair{"", "empty spec string"},
             std::pair{"* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
             std::pair{"60 * * * *", "end of range (60) above maximum (59): 60"},
             std::pair{"* * 0 * *", "beginning of range (0) below minimum (1): 0"},
             std::pair{"5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"},
             std::pair{"*/0 * * * *", "step of range should be a positive number: */0"},
             std::pair{"1-2-3 * * * *", "too many hyphens: 1-2-3"},
             std::pair{"1/2/3 * * * *", "too many slashes: 1/2/3"},
             std::pair{"x * * * *", "failed to parse int from x: a number is wanted"},
             std::pair{"@often", "unrecognized descriptor: @often"},
         }) {
        const auto schedule = CronSchedule::parse(text);
        ASSERT_FALSE(schedule) << text;
        EXPECT_EQ(schedule.error().message, message);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Names, Validate,
    testing::Values(
        Row{"Job", "{metadata: {name: a.b}}", ""},
        Row{"Job", "{metadata: {name: a.b}, spec: {completionMode: Indexed, completions: 11}}",
            "metadata.name: Invalid value: \"a.b\": will not able to create pod with invalid DNS label: a.b-10"}));

} // namespace
} // namespace keelson::api
