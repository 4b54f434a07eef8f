// SPDX-License-Identifier: Apache-2.0
// clang-format off: the tables below read as rows, a case each
#include "api/apps_v1.h"
#include "api/core_v1.h"
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/schema.h"
#include "api/refusal_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace keelson::api {
namespace {

TEST_P(Validate, refuses)
{
    const auto object = objectOf(GetParam().kind, GetParam().change);
    EXPECT_EQ(textOfCauses(validateWrite(kindOfObject(object), object, nullptr)), GetParam().causes) << GetParam().change;
}

/// A pod whose one container has these members besides its name and image.
Row inContainer(const std::string& members, const std::string& causes)
{
    return {"Pod", "{spec: {containers: [{name: c, image: web, " + members + "}]}}", causes};
}

INSTANTIATE_TEST_SUITE_P(
    Metadata, Validate,
    testing::Values(
        Row{"Pod", "{metadata: {name: null}}", "metadata.name: Required value: name or generateName is required"},
        Row{"Pod", "{metadata: {name: Web}}",
            "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' "
            "or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        Row{"Pod", "{metadata: {name: null, generateName: web-}}", ""},
        Row{"Pod", "{metadata: {name: " + std::string(254, 'a') + "}}",
            "metadata.name: Invalid value: \"" + std::string(254, 'a') + "\": must be no more than 253 characters"},
        Row{"Namespace", "{metadata: {name: a.b}}",
            "metadata.name: Invalid value: \"a.b\": must not contain dots"},
        Row{"Service", "{metadata: {name: 1web}}",
            "metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
            "with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
            "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
        Row{"ClusterRole", "{metadata: {name: a/b}}", "metadata.name: Invalid value: \"a/b\": may not contain '/'"},
        Row{"Namespace", "{metadata: {namespace: ns}}", "metadata.namespace: Forbidden: not allowed on this type"},
        Row{"ConfigMap", "{metadata: {labels: {'a b': c}}}",
            "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
            "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Row{"ConfigMap", "{metadata: {labels: {a: '-'}}}",
            "metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
            "or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
            "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
        Row{"ConfigMap", "{metadata: {annotations: {a: " + std::string(262144, 'x') + "}}}",
            "metadata.annotations: Too long: may not be more than 262144 bytes"},
        Row{"ConfigMap", "{metadata: {annotations: {'/a': x}}}",
            "metadata.annotations: Invalid value: \"/a\": prefix part must be non-empty"},
        Row{"ConfigMap", "{metadata: {annotations: {'a/b/c': x}}}",
            "metadata.annotations: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start "
            "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"},
        Row{"ConfigMap", "{metadata: {finalizers: [mine, example.org/mine]}}",
            "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified"},
        Row{"ConfigMap", "{metadata: {finalizers: [/mine]}}",
            "metadata.finalizers: Invalid value: \"/mine\": prefix part must be non-empty"},
        Row{"APIService", "{metadata: {finalizers: [mine.example.org]}}", ""},
        Row{"ConfigMap", "{metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: p}]}}",
            "metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty"},
        Row{"ConfigMap", "{metadata: {ownerReferences: [{apiVersion: apps/}]}}",
            "metadata.ownerReferences.apiVersion: Invalid value: \"apps/\": version must not be empty\n"
            "metadata.ownerReferences.kind: Invalid value: \"\": kind must not be empty\n"
            "metadata.ownerReferences.name: Invalid value: \"\": name must not be empty\n"
            "metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty"},
        Row{"Deployment", "{spec: {template: {metadata: {ownerReferences: [{}]}}}}", ""},
        Row{"ConfigMap",
            "{metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: a, controller: true}, {apiVersion: v1, "
            "kind: Pod, name: q, uid: b, controller: true}]}}",
            "metadata.ownerReferences: Invalid value: "
            "[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"a\",\"controller\":true},"
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"q\",\"uid\":\"b\",\"controller\":true}]: Only one reference can "
            "have Controller set to true. Found \"true\" in references for Pod/p and Pod/q"},
        Row{"ConfigMap", "{metadata: {ownerReferences: [{apiVersion: v1, kind: Event, name: e, uid: a}]}}",
            "metadata.ownerReferences: Invalid value: {\"apiVersion\":\"v1\",\"kind\":\"Event\",\"name\":\"e\",\"uid\":\"a\"}: "
            "/v1, Kind=Event is disallowed from being an owner"},
        Row{"ConfigMap", "{metadata: {finalizers: [orphan, foregroundDeletion]}}",
            "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot "
            "be both set"}));

INSTANTIATE_TEST_SUITE_P(
    Workloads, Validate,
    testing::Values(
        Row{"ReplicaSet", "{spec: {replicas: -1}}", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
        Row{"Deployment", "{spec: {selector: null}}", "spec.selector: Required value"},
        Row{"Deployment", "{spec: {selector: {matchLabels: {a: null}}}}",
            "spec.selector: Invalid value: {}: empty selector is invalid for deployment"},
        Row{"Deployment", "{spec: {template: {metadata: {labels: {a: c}}}}}",
            "spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does not match template `labels`"},
        Row{"ReplicaSet", "{spec: {template: {spec: {restartPolicy: Never}}}}",
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
        Row{"ReplicaSet", "{spec: {template: {spec: {activeDeadlineSeconds: 5}}}}",
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"},
        Row{"Deployment", "{spec: {template: null}}",
            "spec.template.spec.containers: Required value\n"
            "spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`"},
        Row{"Deployment", "{spec: {strategy: {type: Fast}}}",
            "spec.strategy.type: Unsupported value: \"Fast\": supported values: \"Recreate\", \"RollingUpdate\""},
        Row{"Deployment", "{spec: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}}",
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"},
        Row{"Deployment", "{spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}}}",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0"},
        Row{"Deployment", "{spec: {strategy: {rollingUpdate: {maxSurge: many, maxUnavailable: 101%}}}}",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than "
            "100%\nspec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed "
            "by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"},
        Row{"Deployment", "{spec: {strategy: {rollingUpdate: {maxSurge: -1}}}}",
            "spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0"},
        Row{"Deployment", "{spec: {progressDeadlineSeconds: 5, minReadySeconds: 5}}",
            "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"},
        Row{"Deployment", "{spec: {selector: {matchExpressions: [{key: a, operator: In}]}}}",
            "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"},
        Row{"Deployment", "{spec: {selector: {matchExpressions: [{key: a, operator: Gt, values: ['1']}, {operator: Exists}, {key: a}]}}}",
            "spec.selector.matchExpressions[0].operator: Invalid value: \"Gt\": not a valid selector operator\n"
            "spec.selector.matchExpressions[1].key: Invalid value: \"\": name part must be non-empty\n"
            "spec.selector.matchExpressions[2].operator: Invalid value: \"\": not a valid selector operator"}));

INSTANTIATE_TEST_SUITE_P(
    Pods, Validate,
    testing::Values(
        Row{"Pod", "{spec: {containers: []}}", "spec.containers: Required value"},
        Row{"Pod", "{spec: {containers: [{name: c}]}}", "spec.containers[0].image: Required value"},
        Row{"Pod", "{spec: {containers: [{image: web}]}}", "spec.containers[0].name: Required value"},
        Row{"Pod", "{spec: {containers: [{image: web, name: C}]}}",
            "spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
            "or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
        Row{"Pod", "{spec: {containers: [{image: web, name: c}], initContainers: [{image: web, name: c}]}}",
            "spec.containers[0].name: Duplicate value: \"c\""},
        Row{"Pod", "{spec: {restartPolicy: Sometimes}}",
            "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\""},
        Row{"Pod", "{spec: {terminationGracePeriodSeconds: -1}}",
            "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0"},
        Row{"Pod", "{spec: {activeDeadlineSeconds: 0}}",
            "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
        Row{"Pod", "{spec: {volumes: [{name: v}, {name: v}]}}", "spec.volumes[1].name: Duplicate value: \"v\""},
        Row{"Pod", "{spec: {volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]}}",
            "spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type"},
        Row{"Pod", "{spec: {volumes: [{name: v, hostPath: {path: /a/../b}}]}}",
            "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
        Row{"Pod", "{spec: {volumes: [{name: v, secret: {}}, {name: w, configMap: {items: [{key: k, path: /k}]}}]}}",
            "spec.volumes[0].secret.secretName: Required value\n"
            "spec.volumes[1].configMap.items[0].path: Invalid value: \"/k\": must be a relative path\n"
            "spec.volumes[1].configMap.name: Required value"},
        Row{"Pod", "{spec: {tolerations: [{operator: Equal}]}}",
            "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match "
            "all values and all keys\""},
        Row{"Pod", "{spec: {tolerations: [{key: a, operator: Exists, value: b, tolerationSeconds: 1}]}}",
            "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'\n"
            "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"},
        Row{"Pod", "{spec: {dnsPolicy: None}}",
            "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
        Row{"Pod", "{spec: {dnsPolicy: None, dnsConfig: {searches: [a]}}}",
            "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"},
        Row{"Pod", "{spec: {nodeSelector: {a: '!'}}}",
            "spec.nodeSelector: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', "
            "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
            "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
        Row{"Pod",
            "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: a, operator: Gt}]}]}}}}}",
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]."
            "values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'"},
        Row{"Pod",
            "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: a, operator: Like}], matchFields: [{operator: Like}]}]}}}}}",
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: "
            "Invalid value: \"Like\": not a valid selector operator\n"
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: "
            "Invalid value: \"Like\": not a valid selector operator\n"
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: "
            "Invalid value: \"\": not a valid field selector key"},
        Row{"Pod",
            "{spec: {affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: 'a b'}]}}}}",
            "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"a b\": name "
            "part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
            "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Row{"Pod", "{spec: {ephemeralContainers: [{name: e, image: tools, targetContainerName: c, command: [sh], stdin: true, tty: true, "
                   "env: [{name: A, value: b}], securityContext: {privileged: true}, resources: {}}]}}", ""},
        Row{"Pod", "{spec: {ephemeralContainers: [{name: c}, {name: e, image: i}, {name: e, image: i, targetContainerName: e}]}}",
            "spec.ephemeralContainers[0].image: Required value\n"
            "spec.ephemeralContainers[0].name: Duplicate value: \"c\"\n"
            "spec.ephemeralContainers[2].name: Duplicate value: \"e\"\n"
            "spec.ephemeralContainers[2].targetContainerName: Not found: \"e\""},
        Row{"Pod", "{spec: {volumes: [{name: v}], ephemeralContainers: [{name: e, image: i, ports: [{containerPort: 1}], resources: "
                   "{limits: {cpu: 1}}, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}], restartPolicy: Always, "
                   "volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /w, subPath: a}, {name: v, mountPath: /x, subPathExpr: b}], "
                   "livenessProbe: {exec: {command: [a]}}, lifecycle: {preStop: {exec: {command: [a]}}}}]}}",
            "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].resizePolicy: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].restartPolicy: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].volumeMounts[1].subPath: Forbidden: cannot be set for an Ephemeral Container\n"
            "spec.ephemeralContainers[0].volumeMounts[2].subPathExpr: Forbidden: cannot be set for an Ephemeral Container"},
        Row{"Pod", "{spec: {ephemeralContainers: [{name: e, image: i, volumeMounts: [{name: none, mountPath: /v}]}]}}",
            "spec.ephemeralContainers[0].volumeMounts[0].name: Not found: \"none\""},
        Row{"Pod", "{spec: {hostNetwork: true, containers: [{name: c, image: web, ports: [{containerPort: 80, hostPort: 81}]}]}}",
            "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"}));

INSTANTIATE_TEST_SUITE_P(
    Containers, Validate,
    testing::Values(
        inContainer("ports: [{containerPort: 0}]",
                    "spec.containers[0].ports[0].containerPort: Required value"),
        inContainer("ports: [{name: a--b, containerPort: 80, hostIP: here}]",
                    "spec.containers[0].ports[0].name: Invalid value: \"a--b\": must not contain consecutive hyphens\n"
                    "spec.containers[0].ports[0].hostIP: Invalid value: \"here\": must be a valid IP address, (e.g. 10.9.8.7 or "
                    "2001:db8::ffff)"),
        inContainer("ports: [{name: a, containerPort: 80}, {name: a, containerPort: 81}]",
                    "spec.containers[0].ports[1].name: Duplicate value: \"a\""),
        inContainer("ports: [{hostPort: 80, containerPort: 80}, {hostPort: 80, containerPort: 81}]",
                    "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\""),
        inContainer("ports: [{containerPort: 80, protocol: ICMP}]",
                    "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\""),
        inContainer("volumeMounts: [{name: v, mountPath: /v}]", "spec.containers[0].volumeMounts[0].name: Not found: \"v\""),
        Row{"Pod",
            "{spec: {volumes: [{name: v}], containers: [{name: c, image: web, volumeMounts: [{name: v, mountPath: /v}, {name: v, "
            "mountPath: /v, subPath: ../x}]}]}}",
            "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/v\": must be unique\n"
            "spec.containers[0].volumeMounts[1].subPath: Invalid value: \"../x\": must not contain '..'"},
        inContainer("env: [{name: 'a=b', value: x}]",
                    "spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of "
                    "printable ASCII characters other than '='"),
        inContainer("env: [{value: x}]", "spec.containers[0].env[0].name: Required value"),
        inContainer("env: [{name: a, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
                    "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"),
        inContainer("env: [{name: a, valueFrom: {}}]",
                    "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, "
                    "`configMapKeyRef` or `secretKeyRef`"),
        inContainer("env: [{name: a, valueFrom: {secretKeyRef: {key: '*'}}}]",
                    "spec.containers[0].env[0].valueFrom.secretKeyRef.name: Required "
                    "value\nspec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: \"*\": a valid config key must consist of "
                    "alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation "
                    "is '[-._a-zA-Z0-9]+')"),
        inContainer("envFrom: [{}]",
                    "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"),
        inContainer("envFrom: [{secretRef: {}}]", "spec.containers[0].envFrom[0].secretRef.name: Required value"),
        inContainer("livenessProbe: {}", "spec.containers[0].livenessProbe: Required value: must specify a handler type"),
        inContainer("readinessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}",
                    "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"),
        inContainer("readinessProbe: {periodSeconds: -1, httpGet: {port: 70000}}",
                    "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0\n"
                    "spec.containers[0].readinessProbe.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive"),
        inContainer("livenessProbe: {exec: {command: []}, successThreshold: 2}",
                    "spec.containers[0].livenessProbe.exec.command: Required value\n"
                    "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"),
        inContainer("lifecycle: {preStop: {}}", "spec.containers[0].lifecycle.preStop: Required value: must specify a handler type"),
        inContainer("resources: {requests: {cpu: 2}, limits: {cpu: 1}}",
                    "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"),
        inContainer("resources: {limits: {memory: '-1'}, requests: {memory: '-1'}}",
                    "spec.containers[0].resources.limits[memory]: Invalid value: \"-1\": must be greater than or equal to 0\n"
                    "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0"),
        inContainer("imagePullPolicy: Maybe", "spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\": supported values: "
                                              "\"Always\", \"IfNotPresent\", \"Never\""),
        inContainer("securityContext: {runAsUser: -1}", "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be "
                                                        "between 0 and 2147483647, inclusive")));

INSTANTIATE_TEST_SUITE_P(
    Network, Validate,
    testing::Values(
        Row{"Service", "{spec: {ports: []}}", "spec.ports: Required value"},
        Row{"Service", "{spec: {ports: [], clusterIP: None}}", ""},
        Row{"Service", "{spec: {ports: [{port: 0, targetPort: 80}]}}",
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"},
        Row{"Service", "{spec: {ports: [{port: 80}, {port: 81, name: b}]}}", "spec.ports[0].name: Required value"},
        Row{"Service", "{spec: {ports: [{port: 80, name: b}, {port: 80, name: b}]}}",
            "spec.ports[1].name: Duplicate value: \"b\"\nspec.ports[1]: Duplicate value: {\"port\":80,\"protocol\":\"TCP\"}"},
        Row{"Service", "{spec: {ports: [{port: 80, nodePort: 30000}]}}",
            "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"},
        Row{"Service", "{spec: {ports: [{port: 80, targetPort: 'A_B'}]}}",
            "spec.ports[0].targetPort: Invalid value: \"A_B\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"},
        Row{"Service", "{spec: {type: ExternalName, ports: []}}", "spec.externalName: Required value"},
        Row{"Service", "{spec: {clusterIP: 10.0.0}}",
            "spec.clusterIPs[0]: Invalid value: \"10.0.0\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"},
        Row{"Service", "{spec: {type: NodePort, clusterIP: None}}",
            "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"},
        Row{"Service", "{spec: {externalIPs: [a], loadBalancerSourceRanges: [10.0.0.0]}}",
            "spec.externalIPs[0]: Invalid value: \"a\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)\n"
            "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'\n"
            "spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
            "2001:db8::/64)"},
        Row{"Service", "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 100000}}}}",
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 100000: must be greater than 0 and less than 86400"},
        Row{"Endpoints", "{subsets: [{ports: [{port: 80}, {port: 0, name: b}]}]}",
            "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`\n"
            "subsets[0].ports[0].name: Required value\n"
            "subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive"},
        Row{"Endpoints", "{subsets: [{addresses: [{ip: x}]}]}",
            "subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)\n"
            "subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address"},
        Row{"EndpointSlice", "{addressType: IPX}",
            "addressType: Unsupported value: \"IPX\": supported values: \"FQDN\", \"IPv4\", \"IPv6\""},
        Row{"EndpointSlice", "{endpoints: [{addresses: []}, {addresses: [x]}], ports: [{port: 1}, {port: 2}]}",
            "endpoints[0].addresses: Required value: must contain at least 1 address\n"
            "endpoints[1].addresses[0]: Invalid value: \"x\": must be a valid IPv4 address\n"
            "endpoints[1].addresses[0]: Invalid value: \"x\": must be a valid IP address\n"
            "ports[1].name: Duplicate value: \"\""}));

INSTANTIATE_TEST_SUITE_P(
    Others, Validate,
    testing::Values(
        Row{"ConfigMap", "{data: {'a/b': x}}",
            "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
            "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"},
        Row{"ConfigMap", "{data: {a: x}, binaryData: {a: eA==}}",
            "binaryData[a]: Invalid value: \"a\": duplicate of key present in data"},
        Row{"ConfigMap", "{data: {a: " + std::string(1048577, 'x') + "}}", ": Too long: may not be more than 1048576 bytes"},
        Row{"Secret", "{data: {..a: eA==}}", "data[..a]: Invalid value: \"..a\": must not start with '..'"},
        Row{"Secret", "{type: kubernetes.io/tls, data: {tls.crt: eA==}}", "data[tls.key]: Required value"},
        Row{"Secret", "{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: eA==}}",
            "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": must be valid JSON"},
        Row{"Secret", "{type: kubernetes.io/service-account-token}",
            "metadata.annotations[kubernetes.io/service-account.name]: Required value"},
        Row{"Role", "{rules: [{apiGroups: [''], resources: [pods]}]}",
            "rules[0].verbs: Required value: verbs must contain at least one value"},
        Row{"Role", "{rules: [{verbs: [get]}]}",
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group\n"
            "rules[0].resources: Required value: resource rules must supply at least one resource"},
        Row{"Role", "{rules: [{verbs: [get], nonResourceURLs: [/x]}]}",
            "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs"},
        Row{"ClusterRole", "{rules: [{verbs: [get], resources: [pods], nonResourceURLs: [/x]}]}",
            "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs"},
        Row{"RoleBinding", "{roleRef: {kind: Pod}}",
            "roleRef.kind: Unsupported value: \"Pod\": supported values: \"ClusterRole\", \"Role\""},
        Row{"RoleBinding", "{subjects: [{kind: Robot, name: r}, {kind: User}]}",
            "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"Group\", \"ServiceAccount\", \"User\"\n"
            "subjects[1].name: Required value"},
        Row{"RoleBinding", "{roleRef: {name: ''}}", "roleRef.name: Required value"},
        Row{"ClusterRoleBinding", "{subjects: [{kind: ServiceAccount, name: r}]}", "subjects[0].namespace: Required value"},
        Row{"ClusterRoleBinding", "{subjects: [{kind: ServiceAccount, name: R, namespace: ns}]}",
            "subjects[0].name: Invalid value: \"R\": " + wrongDnsSubdomain("R")},
        Row{"ClusterRoleBinding", "{roleRef: {kind: Role}}",
            "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\""},
        Row{"Node", "{spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}], podCIDRs: [x]}}",
            "spec.taints[1]: Duplicate value: {\"key\":\"a\",\"effect\":\"NoSchedule\"}\n"
            "spec.podCIDRs[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"},
        Row{"Node", "{spec: {taints: [{key: a, effect: Never}]}}",
            "spec.taints[0].effect: Unsupported value: \"Never\": supported values: \"NoExecute\", \"NoSchedule\", "
            "\"PreferNoSchedule\""},
        Row{"Namespace", "{spec: {finalizers: ['a b']}}",
            "spec.finalizers[0]: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must "
            "start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Row{"Namespace", "{spec: {finalizers: [mine]}}",
            "spec.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified"},
        Row{"Lease", "{spec: {leaseDurationSeconds: 0}}", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"},
        Row{"Event", "{involvedObject: {namespace: other}}",
            "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace"}));

TEST(ValidateBases, haveNoFault)
{
    for (const auto* kind : Catalog::builtIn().kinds()) {
        if (kind->storedAs) // The version that it is stored in is checked.
            continue;
        const auto object = objectOf(kind->kind, "{}");
        EXPECT_EQ(textOfCauses(validate(*kind, object)), "") << kind->kind;
    }
}

TEST_P(ValidateUpdate, refuses)
{
    const auto object = objectOf(GetParam().kind, GetParam().now);
    const auto old = objectOf(GetParam().kind, GetParam().old);
    EXPECT_EQ(textOfCauses(validateUpdate(kindOfObject(object), object, old)), GetParam().causes) << GetParam().now;
}

constexpr std::string_view podFields =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

INSTANTIATE_TEST_SUITE_P(
    Updates, ValidateUpdate,
    testing::Values(
        UpdateRow{"Pod", "{metadata: {uid: a}}", "{metadata: {uid: b}}", "metadata.uid: Invalid value: \"b\": field is immutable"},
        UpdateRow{"Pod", "{metadata: {deletionTimestamp: '2026-01-31T12:00:00Z'}}",
                  "{metadata: {deletionTimestamp: '2026-01-31T12:00:00Z', finalizers: [a/b]}}",
                  "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
                  "[]string{\"a/b\"}"},
        UpdateRow{"Deployment", "{}", "{spec: {selector: {matchLabels: {c: d}}}}",
                  "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable"},
        UpdateRow{"Deployment", "{}", "{spec: {replicas: 5}}", ""},
        UpdateRow{"Pod", "{}", "{spec: {containers: [{name: c, image: web2, imagePullPolicy: Always}]}}", ""},
        UpdateRow{"Pod", "{}", "{spec: {nodeName: n1}}", fmt::format("spec: Forbidden: {}", podFields)},
        UpdateRow{"Pod", "{}", "{spec: {containers: [{name: c, image: web, tty: true}]}}", fmt::format("spec: Forbidden: {}", podFields)},
        UpdateRow{"Pod", "{}", "{spec: {tolerations: [{operator: Exists}]}}", ""},
        UpdateRow{"Pod", "{spec: {tolerations: [{operator: Exists}]}}", "{}",
                  "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"},
        UpdateRow{"Pod", "{spec: {schedulingGates: [{name: a}]}}", "{}", ""},
        UpdateRow{"Pod", "{}", "{spec: {schedulingGates: [{name: a}]}}", "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'a'"},
        UpdateRow{"Pod", "{spec: {tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]}}",
                  "{spec: {tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 9}]}}", ""},
        UpdateRow{"Pod", "{spec: {activeDeadlineSeconds: 5}}", "{}",
                  "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"},
        UpdateRow{"Pod", "{}", "{spec: {containers: [{name: c, image: web}, {name: d, image: web}]}}",
                  "spec.containers: Forbidden: pod updates may not add or remove containers"},
        UpdateRow{"Pod", "{spec: {schedulingGates: [{name: a}], nodeSelector: {a: b}}}",
                  "{spec: {schedulingGates: [{name: a}], nodeSelector: {a: b, c: d}, affinity: {nodeAffinity: "
                  "{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}}}",
                  ""},
        UpdateRow{"Pod", "{spec: {schedulingGates: [{name: a}], nodeSelector: {a: b}}}", "{spec: {nodeSelector: {a: c}}}",
                  "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations or "
                  "deletions)"},
        UpdateRow{"Pod", "{spec: {nodeSelector: {a: b}}}", "{spec: {nodeSelector: {a: b, c: d}}}", fmt::format("spec: Forbidden: {}", podFields)},
        UpdateRow{"Pod", "{spec: {activeDeadlineSeconds: 5}}", "{spec: {activeDeadlineSeconds: 6}}",
                  "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"},
        UpdateRow{"Service", "{spec: {clusterIP: 10.0.0.1}}", "{spec: {clusterIP: 10.0.0.2}}",
                  "spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set"},
        UpdateRow{"Secret", "{}", "{type: example.org/x}", "type: Invalid value: \"example.org/x\": field is immutable"},
        UpdateRow{"Secret", "{immutable: true}", "{immutable: true, stringData: {a: b}}",
                  "data: Forbidden: field is immutable when `immutable` is set"},
        UpdateRow{"ConfigMap", "{immutable: true}", "{}", "immutable: Forbidden: field is immutable when `immutable` is set"},
        UpdateRow{"RoleBinding", "{}", "{roleRef: {name: other}}",
                  "roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"other\"}: cannot "
                  "change roleRef"},
        UpdateRow{"ClusterRoleBinding", "{}", "{roleRef: {name: other}}",
                  "roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"other\"}: "
                  "cannot change roleRef"},
        UpdateRow{"EndpointSlice", "{}", "{addressType: IPv6}", "addressType: Invalid value: \"IPv6\": field is immutable"},
        UpdateRow{"Node", "{spec: {podCIDR: 10.1.0.0/24}}", "{spec: {podCIDR: 10.2.0.0/24}}",
                  "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid"}));

TEST(ValidateWords, ofASchemaHold)
{
    const std::vector<Value> documents{parseYaml(R"(
group: example.org
version: v1
names: {kind: Box, plural: boxes}
scope: Cluster
schema:
  type: object
  properties:
    metadata: {type: object, properties: {name: {type: string}}}
    code: {type: string, pattern: "^[a-z]+$", minLength: 2, maxLength: 4}
    broken: {type: string, pattern: "("}
    count: {type: integer, maximum: 5}
    tags: {type: array, maxItems: 3, minItems: 2, x-kubernetes-list-type: set, items: {type: string}}
    owner: {type: object, x-keelson-immutable: true, properties: {name: {type: string}}}
)").value(),
                                       parseYaml("{package: meta/v1, definitions: {ListMeta: {type: object}}}").value()};
    const auto catalog = Catalog::fromDocuments(documents).value();
    const auto& kind = *catalog.kinds().front();
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"{code: abc, count: 5, tags: [a, b]}", ""},
        {"{code: a}", "code: Invalid value: \"a\": must be at least 2 characters long"},
        {"{code: abcde}", "code: Too long: may not be more than 4 bytes"},
        {"{code: AB}", "code: Invalid value: \"AB\": must match '^[a-z]+$'"},
        {"{broken: a}", "broken: Invalid value: \"a\": must match '('"},
        {"{count: 6}", "count: Invalid value: 6: must be less than or equal to 5"},
        {"{tags: [a]}", "tags: Invalid value: 1: must have at least 2 items"},
        {"{tags: []}", "tags: Required value"},
        {"{tags: [a, b, c, a]}", "tags: Too many: 4: must have at most 3 items\ntags[3]: Duplicate value: \"a\""},
    };
    for (const auto& [change, causes] : rows) {
        auto object = parseYaml(change).value();
        object.get_object()["metadata"] = {{"name", "x"}};
        EXPECT_EQ(textOfCauses(validate(kind, object)), causes) << change;
    }
    const auto old = parseYaml("{owner: {name: a}}").value();
    EXPECT_EQ(textOfCauses(validateUpdate(kind, parseYaml("{}").value(), old)), "owner: Invalid value: null: field is immutable");
}

TEST(ValidateUpdateNormal, takesAnotherSpellingForTheSame)
{
    const auto old = objectOf("Pod", "{spec: {containers: [{name: c, image: web, resources: {limits: {cpu: 1}}}]}}");
    const auto object = objectOf("Pod", "{spec: {hostNetwork: false, nodeName: '', tolerations: [], volumes: null, containers: "
                                        "[{image: web, name: c, env: [], resources: {limits: {cpu: 1000m}}}]}}");
    EXPECT_EQ(textOfCauses(validateUpdate(kindOfObject(object), object, old)), "");
}

TEST(ValidateStatus, asksForNothingThere)
{
    const auto object = objectOf("Pod", "{status: {phase: Running, conditions: [{type: Ready}]}}");
    EXPECT_EQ(textOfCauses(validate(kindOfObject(object), object)), "");
}

TEST(ValidateLimits, stopsAtAHundredCauses)
{
    std::string containers;
    for (int index = 0; index < 200; ++index)
        containers += fmt::format("{{name: c{}}},", index);
    const auto object = objectOf("Pod", "{spec: {containers: [" + containers + "]}}");
    EXPECT_EQ(validate(kindOfObject(object), object).size(), Refusals::causesMax);
}

TEST(InvalidError, saysItAsKubernetesDoes)
{
    const auto& kind = kindOf<ReplicaSet>();
    const Cause cause{"FieldValueInvalid", "Invalid value: -1: must be greater than or equal to 0", "spec.replicas"};
    const auto one = invalidError(kind, "web", {cause});
    EXPECT_EQ(one.message,
              "ReplicaSet.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    EXPECT_EQ(one.reason, Reason::Invalid);
    EXPECT_EQ(one.resource, "ReplicaSet");
    EXPECT_EQ(one.group, "apps");
    const auto two = invalidError(kindOf<Pod>(), "web", {{"FieldValueRequired", "Required value", "a"}, {"FieldValueRequired", "Required value", "b"}});
    EXPECT_EQ(two.message, "Pod \"web\" is invalid: [a: Required value, b: Required value]");
    EXPECT_EQ(two.causes.size(), 2U);
}

TEST(Rules, haveAFunctionForEachNameAndANameForEachFunction)
{
    std::set<std::string, std::less<>> used;
    for (const auto& [name, schema] : Catalog::builtIn().definitions())
        for (const auto& rule : schema->rules) {
            EXPECT_NE(findRule(rule), nullptr) << name << " calls " << rule;
            used.insert(rule);
        }
    for (const auto group : rules())
        for (const auto& rule : group)
            EXPECT_TRUE(used.contains(rule.name)) << rule.name << " is called by no kind";
}

} // namespace
} // namespace keelson::api
