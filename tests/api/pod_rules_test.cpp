// SPDX-License-Identifier: Apache-2.0
// clang-format off: the tables below read as rows, a case each
#include "api/refusal_table.h"

namespace keelson::api {
namespace {

/// A pod whose one container has these members besides its name and image.
Row inContainer(const std::string& members, const std::string& causes)
{
    return {"Pod", "{spec: {volumes: [{name: v}], containers: [{name: c, image: web, " + members + "}]}}", causes};
}

/// A variable that comes from elsewhere.
Row inVariable(const std::string& source, const std::string& causes)
{
    return inContainer("env: [{name: A, valueFrom: {" + source + "}}]",
                       causes.empty() ? "" : "spec.containers[0].env[0].valueFrom." + causes);
}

/// A limit that is refused; the request that follows from it too.
Row inLimits(const std::string& limit, const std::string& name, const std::vector<std::string>& causes)
{
    std::string all;
    for (const auto* list : {"limits", "requests"})
        for (const auto& cause : causes)
            all += fmt::format("{}spec.containers[0].resources.{}[{}]: Invalid value: {}", all.empty() ? "" : "\n", list, name, cause);
    return inContainer("resources: {limits: {" + limit + "}}", all);
}

/// A volume of this source.
Row inVolume(const std::string& source, const std::string& causes)
{
    return {"Pod", "{spec: {volumes: [{name: v, " + source + "}]}}", causes};
}

const std::string byteDivisors = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";

INSTANTIATE_TEST_SUITE_P(
    References, Validate,
    testing::Values(
        inVariable("fieldRef: {fieldPath: status.podIPs}", ""),
        inVariable("fieldRef: {fieldPath: \"metadata.labels['app.kubernetes.io/name']\"}", ""),
        inVariable("fieldRef: {fieldPath: \"metadata.annotations['A b']\"}",
                   "fieldRef: Invalid value: \"A b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
                   "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                   "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"),
        inVariable("fieldRef: {fieldPath: spec.replicas}",
                   "fieldRef.fieldPath: Invalid value: \"spec.replicas\": error converting fieldPath: field label not supported: spec.replicas"),
        inVariable("fieldRef: {apiVersion: v2, fieldPath: metadata.name}",
                   "fieldRef.fieldPath: Invalid value: \"metadata.name\": error converting fieldPath: unsupported pod version: v2"),
        inVariable("fieldRef: {fieldPath: metadata.labels}",
                   "fieldRef.fieldPath: Unsupported value: \"metadata.labels\": supported values: \"metadata.name\", \"metadata.namespace\", "
                   "\"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", "
                   "\"status.podIPs\""),
        inVariable("resourceFieldRef: {resource: limits.cpu, divisor: 1m}", ""),
        inVariable("resourceFieldRef: {resource: limits.hugepages-2Mi}", ""),
        inVariable("resourceFieldRef: {resource: cpu}",
                   "resourceFieldRef.resource: Unsupported value: \"cpu\": supported values: \"limits.cpu\", \"limits.ephemeral-storage\", "
                   "\"limits.memory\", \"requests.cpu\", \"requests.ephemeral-storage\", \"requests.memory\""),
        inVariable("resourceFieldRef: {resource: limits.cpu, divisor: 2}",
                   "resourceFieldRef.divisor: Invalid value: \"2\": only divisor's values 1m and 1 are supported with the cpu resource"),
        inVariable("resourceFieldRef: {resource: requests.memory, divisor: 1m}",
                   "resourceFieldRef.divisor: Invalid value: \"1m\": " + byteDivisors + "memory resource"),
        inVariable("resourceFieldRef: {resource: requests.ephemeral-storage, divisor: 3Mi}",
                   "resourceFieldRef.divisor: Invalid value: \"3Mi\": " + byteDivisors + "local ephemeral storage resource"),
        inContainer("envFrom: [{prefix: 'A=', configMapRef: {name: m}}]",
                    "spec.containers[0].envFrom[0].prefix: Invalid value: \"A=\": a valid environment variable name must consist only of "
                    "printable ASCII characters other than '='"),
        inVolume("downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}, {path: b, resourceFieldRef: {resource: limits.cpu, "
                 "containerName: c}}]}", ""),
        inVolume("downwardAPI: {items: [{path: a}, {path: b, fieldRef: {fieldPath: status.podIP}}, {path: c, resourceFieldRef: {resource: limits.cpu}}]}",
                 "spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required\n"
                 "spec.volumes[0].downwardAPI.items[1].fieldRef.fieldPath: Unsupported value: \"status.podIP\": supported values: "
                 "\"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\"\n"
                 "spec.volumes[0].downwardAPI.items[2].resourceFieldRef.containerName: Required value")));

INSTANTIATE_TEST_SUITE_P(
    Volumes, Validate,
    testing::Values(
        inVolume("nfs: {server: s, path: data}", "spec.volumes[0].nfs.path: Invalid value: \"data\": must be an absolute path"),
        inVolume("emptyDir: {sizeLimit: -1Gi}",
                 "spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"),
        inVolume("secret: {secretName: s, defaultMode: 512}",
                 "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"),
        inVolume("configMap: {name: m, items: [{key: k, path: ..a, mode: -1}]}",
                 "spec.volumes[0].configMap.items[0].path: Invalid value: \"..a\": must not start with '..'\n"
                 "spec.volumes[0].configMap.items[0].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive"),
        inVolume("ephemeral: {}", "spec.volumes[0].ephemeral.volumeClaimTemplate: Required value"),
        inVolume("projected: {sources: [{secret: {name: s, items: [{key: a, path: a}]}}, {serviceAccountToken: {path: token}}]}", ""),
        inVolume("projected: {sources: [{secret: {name: s, items: [{key: a, path: a}]}}, {configMap: {name: m, items: [{key: b, path: a}]}}, "
                 "{secret: {}, configMap: {name: m}}, {serviceAccountToken: {path: a, expirationSeconds: 60}}]}",
                 "spec.volumes[0].projected.sources[2]: Forbidden: may not specify more than 1 volume type per source\n"
                 "spec.volumes[0].projected.sources[2].secret.name: Required value\n"
                 "spec.volumes[0].projected.sources[3].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration "
                 "less than 10 minutes\n"
                 "spec.volumes[0].projected: Invalid value: \"m\": conflicting duplicate paths\n"
                 "spec.volumes[0].projected: Invalid value: \"a\": conflicting duplicate paths"),
        inContainer("volumeMounts: [{name: v, mountPath: /a, mountPropagation: Bidirectional, recursiveReadOnly: Enabled}, {name: v, mountPath: "
                    "/b, subPathExpr: /x}]",
                    "spec.containers[0].volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to "
                    "privileged containers\n"
                    "spec.containers[0].volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true\n"
                    "spec.containers[0].volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or "
                    "not specified\n"
                    "spec.containers[0].volumeMounts[1].subPathExpr: Invalid value: \"/x\": must be a relative path"),
        inContainer("volumeMounts: [{name: v, mountPath: /a}], volumeDevices: [{name: v, devicePath: /a}]",
                    "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": must not already exist in volumeMounts\n"
                    "spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"/a\": must not already exist as a path in volumeMounts\n"
                    "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of "
                    "PersistentVolumeClaim or Ephemeral for block mode")));

INSTANTIATE_TEST_SUITE_P(
    Resources, Validate,
    testing::Values(
        inContainer("resources: {limits: {cpu: 1, ephemeral-storage: 1Gi, example.org/gpu: 1}, requests: {cpu: 1m}}", ""),
        inLimits("gpus: 1", "gpus", {"\"gpus\": must be a standard resource type or fully qualified",
                                     "\"gpus\": must be a standard resource for containers"}),
        inLimits("pods: 1", "pods", {"\"pods\": must be a standard resource for containers"}),
        inLimits("requests.example.org/gpu: 1", "requests.example.org/gpu",
                 {"\"requests.example.org/gpu\": doesn't follow extended resource name standard"}),
        inLimits("example.org/gpu: 500m", "example.org/gpu", {"\"500m\": must be an integer"}),
        inContainer("resources: {limits: {example.org/gpu: 2}, requests: {example.org/gpu: 1, example.org/nic: 1}}",
                    "spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to example.org/gpu limit of 2\n"
                    "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"),
        inContainer("resources: {limits: {hugepages-2Mi: 4Mi}, requests: {hugepages-2Mi: 4Mi}}",
                    "spec.containers[0].resources: Forbidden: HugePages require cpu or memory")));

INSTANTIATE_TEST_SUITE_P(
    Starting, Validate,
    testing::Values(
        Row{"Pod", "{spec: {initContainers: [{name: i, image: web, restartPolicy: Always, readinessProbe: {exec: {command: [a]}}}]}}", ""},
        Row{"Pod", "{spec: {initContainers: [{name: i, image: web, livenessProbe: {exec: {command: [a]}}, lifecycle: {postStart: {exec: "
                   "{command: [a]}}}, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]}]}}",
            "spec.initContainers[0].resizePolicy: Invalid value: [{\"resourceName\":\"cpu\",\"restartPolicy\":\"NotRequired\"}]: must not be "
            "set for init containers\n"
            "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always\n"
            "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"},
        inContainer("resizePolicy: [{resourceName: gpu, restartPolicy: NotRequired}, {resourceName: cpu, restartPolicy: NotRequired}, "
                    "{resourceName: cpu, restartPolicy: NotRequired}]",
                    "spec.containers[0].resizePolicy: Unsupported value: \"gpu\": supported values: \"cpu\", \"memory\"\n"
                    "spec.containers[0].resizePolicy[2]: Duplicate value: \"cpu\""),
        Row{"Pod", "{spec: {restartPolicy: Never, containers: [{name: c, image: web, resizePolicy: [{resourceName: cpu, restartPolicy: "
                   "RestartContainer}]}]}}",
            "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'"},
        inContainer("restartPolicy: Always", "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"),
        inContainer("lifecycle: {preStop: {sleep: {seconds: 30}}}", ""),
        inContainer("lifecycle: {preStop: {sleep: {seconds: 31}}}",
                    "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be greater than 0 and less than "
                    "terminationGracePeriodSeconds (30). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."),
        inContainer("readinessProbe: {httpGet: {port: 80, httpHeaders: [{name: 'X:Y', value: z}]}, terminationGracePeriodSeconds: 5}",
                    "spec.containers[0].readinessProbe.httpGet.httpHeaders: Invalid value: \"X:Y\": a valid HTTP header must consist of "
                    "alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is "
                    "'[-A-Za-z0-9]+')\nspec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set "
                    "for readinessProbes"),
        Row{"Pod", "{spec: {readinessGates: [{conditionType: 'a b'}]}}",
            "spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or "
            "'.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
            "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"}));

INSTANTIATE_TEST_SUITE_P(
    Names, Validate,
    testing::Values(
        Row{"Pod", "{spec: {dnsConfig: {nameservers: [10.0.0.1], searches: [., svc.local., a.b], options: [{name: ndots, value: '2'}]}}}", ""},
        Row{"Pod", "{spec: {dnsConfig: {nameservers: [10.0.0.1, x, 10.0.0.2, 10.0.0.3], searches: [a_b], options: [{value: '2'}]}}}",
            "spec.dnsConfig.nameservers: Invalid value: [\"10.0.0.1\",\"x\",\"10.0.0.2\",\"10.0.0.3\"]: must not have more than 3 "
            "nameservers\nspec.dnsConfig.nameservers[1]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or "
            "2001:db8::ffff)\nspec.dnsConfig.searches[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower "
            "case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
            "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\nspec.dnsConfig.options[0]: "
            "Required value: must not be empty"},
        Row{"Pod", "{spec: {hostAliases: [{ip: x, hostnames: [a, B]}]}}",
            "spec.hostAliases[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or "
            "2001:db8::ffff)\nspec.hostAliases[0].hostnames: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower "
            "case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
            "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"}));

INSTANTIATE_TEST_SUITE_P(
    Placement, Validate,
    testing::Values(
        Row{"Pod", "{spec: {nodeName: n1, schedulingGates: [{name: a}]}}",
            "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"},
        Row{"CronJob", "{spec: {jobTemplate: {spec: {template: {metadata: {labels: {a: '!'}, annotations: {'a b': c}}}}}}}",
            "spec.jobTemplate.spec.template.metadata.labels: Invalid value: \"!\": a valid label must be an empty string or consist of "
            "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
            "'my_value',  or '12345', regex used for validation is "
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\nspec.jobTemplate.spec.template.metadata.annotations: Invalid value: \"a b\": "
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Row{"RuntimeClass", "{overhead: {podFixed: {gpus: 1, cpu: -1}}, scheduling: {nodeSelector: {a: '!'}}}",
            "scheduling.nodeSelector: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, "
            "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
            "used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\noverhead.podFixed[cpu]: Invalid value: \"-1\": must be "
            "greater than or equal to 0\noverhead.podFixed[gpus]: Invalid value: \"gpus\": must be a standard resource type or fully "
            "qualified\noverhead.podFixed[gpus]: Invalid value: \"gpus\": must be a standard resource for containers"},
        Row{"Pod", "{spec: {tolerations: [{key: a, value: '!'}]}}",
            "spec.tolerations[0].operator: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric "
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
            "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
        Row{"Pod", "{spec: {schedulingGates: [{name: a}, {name: a}, {name: 'b c'}]}}",
            "spec.schedulingGates[1]: Duplicate value: \"a\"\nspec.schedulingGates[2]: Invalid value: \"b c\": name part must consist of "
            "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
            "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Row{"Pod", "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: "
                   "metadata.name, operator: In, values: [n1]}]}]}}}}}", ""},
        Row{"Pod", "{spec: {affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: "
                   "[{key: 'a b', operator: In, values: ['!']}], matchFields: [{key: spec.x, operator: Exists}, {key: metadata.name, operator: In, "
                   "values: [a, B]}]}}]}}}}",
            "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: Invalid "
            "value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\nspec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].pref"
            "erence.matchExpressions[0].values[0]: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric "
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
            "'12345', regex used for validation is "
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\nspec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].p"
            "reference.matchFields[0].operator: Invalid value: \"Exists\": not a valid selector "
            "operator\nspec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[0].key: "
            "Invalid value: \"spec.x\": not a valid field selector "
            "key\nspec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[1].values: Required "
            "value: must be only one value when `operator` is 'In' or 'NotIn' for node field "
            "selector\nspec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[1].values[1]: "
            "Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        Row{"Pod", "{spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [b]}, "
                   "{topologyKey: a, labelSelector: {}, matchLabelKeys: [b], mismatchLabelKeys: [b]}]}}}}",
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when "
            "labelSelector is not set\n"
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].matchLabelKeys[0]: Invalid value: \"b\": exists in both "
            "matchLabelKeys and mismatchLabelKeys"},
        Row{"Pod", "{spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}, {maxSkew: 1, "
                   "topologyKey: a, whenUnsatisfiable: ScheduleAnyway, matchLabelKeys: [b]}, {maxSkew: 1, topologyKey: a, whenUnsatisfiable: "
                   "DoNotSchedule, minDomains: 0}]}}",
            "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "
            "whenUnsatisfiable=ScheduleAnyway\n"
            "spec.topologySpreadConstraints[1].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set\n"
            "spec.topologySpreadConstraints[2].minDomains: Invalid value: 0: must be greater than 0\n"
            "spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{a, ScheduleAnyway}\""}));

INSTANTIATE_TEST_SUITE_P(
    Security, Validate,
    testing::Values(
        Row{"Pod", "{spec: {hostPID: true, shareProcessNamespace: true, hostNetwork: true, hostUsers: false, securityContext: {fsGroup: -1, "
                   "supplementalGroups: [1, -2], sysctls: [{name: kernel.shm_rmid_forced, value: '1'}, {name: net.ipv4.ip_forward, value: '1'}, "
                   "{name: kernel.shm_rmid_forced, value: '0'}, {name: 'A.b', value: '0'}]}}}",
            "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled\n"
            "spec.securityContext.supplementalGroups[1]: Invalid value: -2: must be between 0 and 2147483647, inclusive\n"
            "spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive\n"
            "spec.securityContext.sysctls[1].name: Invalid value: \"net.ipv4.ip_forward\": may not be specified when 'hostNetwork' is true\n"
            "spec.securityContext.sysctls[2].name: Duplicate value: \"kernel.shm_rmid_forced\"\n"
            "spec.securityContext.sysctls[3].name: Invalid value: \"A.b\": must have at most 253 characters and be parts of lower case letters, "
            "digits, '-' and '_' with '.' or '/' between them\n"
            "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false\n"
            "spec.hostPID: Forbidden: when `pod.Spec.HostUsers` is false"},
        inContainer("securityContext: {procMount: Unmasked}",
                    "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"),
        Row{"Pod", "{spec: {hostUsers: false, containers: [{name: c, image: web, securityContext: {procMount: Unmasked}}]}}", ""},
        inContainer("securityContext: {allowPrivilegeEscalation: false, privileged: true}",
                    "spec.containers[0].securityContext: Invalid value: {\"privileged\":true,\"allowPrivilegeEscalation\":false}: cannot set "
                    "`allowPrivilegeEscalation` to false and `privileged` to true"),
        inContainer("securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
                    "spec.containers[0].securityContext: Invalid value: {\"capabilities\":{\"add\":[\"CAP_SYS_ADMIN\"]},"
                    "\"allowPrivilegeEscalation\":false}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
        inContainer("securityContext: {seccompProfile: {type: Localhost}, appArmorProfile: {type: Localhost, localhostProfile: ' '}}",
                    "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is "
                    "Localhost\n"
                    "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is "
                    "Localhost"),
        inContainer("securityContext: {seccompProfile: {type: RuntimeDefault, localhostProfile: ../x}, appArmorProfile: {type: Localhost, "
                    "localhostProfile: ' a'}}",
                    "spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: \"../x\": can only be set when seccomp "
                    "type is Localhost\n"
                    "spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: \"../x\": must not contain '..'\n"
                    "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: \" a\": must not be padded with "
                    "whitespace")));

INSTANTIATE_TEST_SUITE_P(
    Services, Validate,
    testing::Values(
        Row{"Service", "{spec: {type: LoadBalancer, loadBalancerClass: example.org/fast, externalTrafficPolicy: Local, healthCheckNodePort: 31000, "
                       "loadBalancerSourceRanges: [10.0.0.0/8], trafficDistribution: PreferClose, ports: [{port: 80, appProtocol: example.org/x}]}}", ""},
        Row{"Service", "{spec: {externalTrafficPolicy: Local, healthCheckNodePort: 31000, loadBalancerClass: 'a b', "
                       "allocateLoadBalancerNodePorts: false, trafficDistribution: Near}}",
            "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'\nspec.loadBalancerClass: "
            "Forbidden: may only be used when `type` is 'LoadBalancer'\nspec.loadBalancerClass: Invalid value: \"a b\": name part must "
            "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  "
            "or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\nspec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for "
            "externally-accessible services\nspec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' "
            "and `externalTrafficPolicy` is 'Local'\nspec.trafficDistribution: Unsupported value: \"Near\": supported values: "
            "\"PreferClose\""},
        Row{"Service", "{spec: {type: ExternalName, externalName: example.org, clusterIP: 10.0.0.1, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, "
                       "trafficDistribution: PreferClose}}",
            "spec.clusterIPs: Forbidden: may not be set for ExternalName services\n"
            "spec.ipFamilies: Forbidden: may not be set for ExternalName services\n"
            "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services\n"
            "spec.trafficDistribution: Forbidden: may not be set for ExternalName services"},
        Row{"Service", "{spec: {type: LoadBalancer, ports: [{port: 10250, appProtocol: 'a b'}]}}",
            "spec.ports[0].appProtocol: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and "
            "must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\nspec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since "
            "it is used by kubelet"},
        Row{"Service", "{spec: {externalIPs: [0.0.0.0, 127.0.0.1, 169.254.1.1, 224.0.0.5, 192.0.2.1, '::1', 'fe80::1']}}",
            "spec.externalIPs[0]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)\n"
            "spec.externalIPs[1]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
            "spec.externalIPs[2]: Invalid value: \"169.254.1.1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)\n"
            "spec.externalIPs[3]: Invalid value: \"224.0.0.5\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)\n"
            "spec.externalIPs[5]: Invalid value: \"::1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
            "spec.externalIPs[6]: Invalid value: \"fe80::1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)"},
        Row{"EndpointSlice", "{endpoints: [{addresses: ['2001:db8::1']}]}",
            "endpoints[0].addresses[0]: Invalid value: \"2001:db8::1\": must be a valid IPv4 address"}));

INSTANTIATE_TEST_SUITE_P(
    ServiceUpdates, ValidateUpdate,
    testing::Values(
        UpdateRow{"Service", "{spec: {ipFamilies: [IPv4]}}", "{spec: {ipFamilies: [IPv6]}}",
                  "spec.ipFamilies[0]: Invalid value: [\"IPv6\"]: may not change once set"},
        UpdateRow{"Service", "{spec: {type: LoadBalancer, loadBalancerClass: a/b}}", "{spec: {type: LoadBalancer, loadBalancerClass: a/c}}",
                  "spec.loadBalancerClass: Invalid value: \"a/c\": may not change once set"}));

INSTANTIATE_TEST_SUITE_P(
    PodAnnotations, Validate,
    testing::Values(
        Row{"Pod", "{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '-10', "
                   "container.apparmor.security.beta.kubernetes.io/c: localhost/x}}}", ""},
        Row{"Pod", "{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '+5'}}}",
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+5\": must be a 32bit integer"},
        Row{"Pod", "{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '05'}}}",
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"05\": must be a 32bit integer"},
        Row{"Pod", "{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '3000000000'}}}",
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"3000000000\": must be a 32bit integer"},
        Row{"Pod", "{metadata: {annotations: {kubernetes.io/config.mirror: x}}}",
            "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if mirror pod annotation is set"},
        Row{"Pod", "{metadata: {annotations: {kubernetes.io/config.mirror: x}}, spec: {nodeName: one}}", ""},
        Row{"Pod", "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/d: z}}}",
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: \"d\": container not found\n"
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: \"z\": invalid AppArmor profile name: \"z\""},
        Row{"ReplicaSet", "{spec: {template: {metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: x}}}}}",
            "spec.template.metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"x\": must be a 32bit integer"}));

INSTANTIATE_TEST_SUITE_P(
    PodAnnotationUpdates, ValidateUpdate,
    testing::Values(
        UpdateRow{"Pod", "{spec: {nodeName: one}}", "{metadata: {annotations: {kubernetes.io/config.mirror: x}}, spec: {nodeName: one}}",
                  "metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation"},
        UpdateRow{"Pod", "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: unconfined}}}", "{}",
                  "metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not remove or update AppArmor annotations"}));

INSTANTIATE_TEST_SUITE_P(
    PodSystems, Validate,
    testing::Values(
        Row{"Pod", "{spec: {os: {name: windows}, hostNetwork: true, securityContext: {runAsNonRoot: true, windowsOptions: {runAsUserName: a}}}}", ""},
        Row{"Pod", "{spec: {os: {name: windows}, hostPID: true, shareProcessNamespace: false, securityContext: {runAsUser: 1, fsGroup: 2}, "
                   "containers: [{name: c, image: web, securityContext: {privileged: true}}]}}",
            "spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod\n"
            "spec.hostPID: Forbidden: cannot be set for a windows pod\n"
            "spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod\n"
            "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod\n"
            "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod"},
        Row{"Pod", "{spec: {os: {name: linux}, securityContext: {windowsOptions: {}}, "
                   "initContainers: [{name: i, image: web, securityContext: {windowsOptions: {}}}]}}",
            "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod\n"
            "spec.initContainers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"},
        Row{"Pod", "{spec: {hostIPC: true, securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1'}, {name: net.ipv4.x, value: '1'}]}}}",
            "spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shm_rmid_forced\": may not be specified when 'hostIPC' is true"}));

INSTANTIATE_TEST_SUITE_P(
    DisksOfPods, Validate,
    testing::Values(
        inContainer("volumeDevices: [{name: v, devicePath: /dev/x}]",
                    "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of "
                    "PersistentVolumeClaim or Ephemeral for block mode"),
        Row{"Pod", "{spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: a}}], containers: [{name: c, image: web, "
                   "volumeDevices: [{name: v, devicePath: /dev/x}]}]}}", ""},
        inVolume("iscsi: {targetPortal: a, iqn: iqn.2001-04.com.example, lun: 0}", ""),
        inVolume("iscsi: {targetPortal: a, iqn: disk, lun: 256, chapAuthSession: true}",
                 "spec.volumes[0].iscsi.iqn: Invalid value: \"disk\": must be valid format starting with iqn, eui, or naa\n"
                 "spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive\n"
                 "spec.volumes[0].iscsi.secretRef: Required value"),
        inVolume("fc: {wwids: [a]}", ""),
        inVolume("fc: {}", "spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both"),
        inVolume("fc: {targetWWNs: [a]}", "spec.volumes[0].fc.lun: Required value: lun is required if targetWWNs is specified"),
        inVolume("rbd: {monitors: [], image: a}", "spec.volumes[0].rbd.monitors: Required value")));

INSTANTIATE_TEST_SUITE_P(
    SpreadKeys, Validate,
    testing::Values(
        Row{"Pod", "{spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [a, b, c], "
                   "labelSelector: {matchLabels: {a: x}, matchExpressions: [{key: b, operator: Exists}]}}]}}",
            "spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: \"a\": exists in both matchLabelKeys and labelSelector\n"
            "spec.topologySpreadConstraints[0].matchLabelKeys[1]: Invalid value: \"b\": exists in both matchLabelKeys and labelSelector"}));

INSTANTIATE_TEST_SUITE_P(
    Nulls, Validate,
    testing::Values(
        Row{"Pod", "{spec: {containers: [null]}}",
            "spec.containers[0].name: Required value\nspec.containers[0].image: Required value"},
        Row{"Pod", "{spec: {containers: [{name: c, image: web, env: [null]}]}}", "spec.containers[0].env[0].name: Required value"}));

} // namespace
} // namespace keelson::api
