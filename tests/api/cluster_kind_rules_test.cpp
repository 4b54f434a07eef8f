// SPDX-License-Identifier: Apache-2.0
// Kinds that belong to the cluster more than to those who use it: nodes, endpoints, storage drivers, flow control.
// clang-format off: the tables below read as rows, a case each
#include "api/fixed_flows.h"
#include "api/name_forms.h"
#include "api/refusal_table.h"

namespace keelson::api {
namespace {

/// An EndpointSlice of some type with one endpoint that has these addresses.
Row inSlice(const std::string& type, const std::string& addresses, const std::string& causes)
{
    return {"EndpointSlice", fmt::format("{{addressType: {}, endpoints: [{{addresses: [{}]}}]}}", type, addresses), causes};
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, Validate,
    testing::Values(
        inSlice("IPv4", "10.0.0.1, 192.0.2.7", ""),
        inSlice("IPv6", "'2001:db8::1'", ""),
        inSlice("FQDN", "a.example.org, b.example.org.", ""),
        inSlice("IPv4", "", "endpoints[0].addresses: Required value: must contain at least 1 address"),
        inSlice("IPv4", "127.0.0.1, 169.254.169.254, 0.0.0.0, 224.0.0.5",
                "endpoints[0].addresses[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
                "endpoints[0].addresses[1]: Invalid value: \"169.254.169.254\": may not be in the link-local range (169.254.0.0/16, fe80::/10)\n"
                "endpoints[0].addresses[2]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)\n"
                "endpoints[0].addresses[3]: Invalid value: \"224.0.0.5\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
        inSlice("IPv6", "'::1', 'fe80::1', 10.0.0.1",
                "endpoints[0].addresses[0]: Invalid value: \"::1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
                "endpoints[0].addresses[1]: Invalid value: \"fe80::1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)\n"
                "endpoints[0].addresses[2]: Invalid value: \"10.0.0.1\": must be a valid IPv6 address"),
        inSlice("IPv4", "web, '2001:db8::1'",
                "endpoints[0].addresses[0]: Invalid value: \"web\": must be a valid IPv4 address\n"
                "endpoints[0].addresses[0]: Invalid value: \"web\": must be a valid IP address\n"
                "endpoints[0].addresses[1]: Invalid value: \"2001:db8::1\": must be a valid IPv4 address"),
        inSlice("FQDN", "localhost, '', 'a_b'",
                "endpoints[0].addresses[0]: Invalid value: \"localhost\": should be a domain with at least two segments separated by dots\n"
                "endpoints[0].addresses[1]: Required value\n"
                "endpoints[0].addresses[2]: Invalid value: \"a_b\": " + wrongDnsSubdomain("a_b")),
        Row{"EndpointSlice", "{endpoints: [{addresses: [10.0.0.1], hostname: A, nodeName: N_1, deprecatedTopology: {zone: a b}, "
                             "hints: {forZones: [{name: a}, {name: a}]}}], ports: [{name: http, appProtocol: a/b/c}]}",
            "endpoints[0].hostname: Invalid value: \"A\": " + wrongDnsLabel("A") + "\n"
            "endpoints[0].nodeName: Invalid value: \"N_1\": " + wrongDnsSubdomain("N_1") + "\n"
            "endpoints[0].deprecatedTopology: Invalid value: \"a b\": " + wrongLabelValue("a b") + "\n"
            "endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"\n"
            "ports[0].appProtocol: Invalid value: \"a/b/c\": " + wrongQualifiedName("a/b/c")},
        Row{"EndpointSlice", "{endpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, "
                             "{name: f}, {name: g}, {name: h}, {name: i}]}}]}",
            "endpoints[0].hints.forZones: Too many: 9: must have at most 8 items"},
        Row{"Endpoints", "{subsets: [{addresses: [{ip: web, nodeName: N_1}, {ip: 127.0.0.1}], ports: [{name: A, port: 80, appProtocol: ''}]}]}",
            "subsets[0].addresses[0].ip: Invalid value: \"web\": " + wrongIp("web") + "\n"
            "subsets[0].addresses[0].ip: Invalid value: \"web\": must be a valid IP address\n"
            "subsets[0].addresses[0].nodeName: Invalid value: \"N_1\": " + wrongDnsSubdomain("N_1") + "\n"
            "subsets[0].addresses[1].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
            "subsets[0].ports[0].name: Invalid value: \"A\": " + wrongDnsLabel("A") + "\n"
            "subsets[0].ports[0].appProtocol: Invalid value: \"\": " + wrongQualifiedName("")}));

INSTANTIATE_TEST_SUITE_P(
    Nodes, Validate,
    testing::Values(
        Row{"Node", "{spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24, 'fd00::/64']}}", ""},
        Row{"Node", "{spec: {podCIDRs: [10.1.0.0/24, 10.2.0.0/24]}}",
            "spec.podCIDRs: Invalid value: [\"10.1.0.0/24\",\"10.2.0.0/24\"]: may specify no more than one CIDR for each IP family"},
        Row{"Node", "{spec: {podCIDRs: ['fd00::/64', 'fd01::/64', 10.1.0.0/24]}}",
            "spec.podCIDRs: Invalid value: [\"fd00::/64\",\"fd01::/64\",\"10.1.0.0/24\"]: may specify no more than one CIDR for each IP family"},
        Row{"Node", "{spec: {podCIDRs: [10.1.0.0]}}", "spec.podCIDRs[0]: Invalid value: \"10.1.0.0\": " + wrongCidr("")},
        Row{"Node", "{spec: {podCIDR: 10.1.0.0}}", "spec.podCIDRs[0]: Invalid value: \"10.1.0.0\": " + wrongCidr("")},
        Row{"Ingress", "{metadata: {annotations: {kubernetes.io/ingress.class: slow}}, spec: {ingressClassName: slow}}", ""},
        Row{"Ingress", "{metadata: {annotations: {kubernetes.io/ingress.class: slow}}, spec: {ingressClassName: null}}", ""},
        Row{"Ingress", "{metadata: {annotations: {kubernetes.io/ingress.class: slow}}, spec: {ingressClassName: fast}}",
            "annotations.kubernetes.io/ingress.class: Invalid value: \"slow\": must match `ingressClassName` when both are specified"},
        Row{"Ingress", "{spec: {tls: [{hosts: ['a.*.org']}]}}",
            "spec.tls[0].hosts[0]: Invalid value: \"a.*.org\": " + wrongWildcardSubdomain("")}));

INSTANTIATE_TEST_SUITE_P(
    StorageDrivers, Validate,
    testing::Values(
        Row{"VolumeAttachment", "{spec: {source: {persistentVolumeName: null}}}",
            "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"},
        Row{"VolumeAttachment", "{spec: {source: {persistentVolumeName: ''}}}",
            "spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName"},
        Row{"VolumeAttachment", "{spec: {attacher: " + std::string(64, 'a') + ", nodeName: N_1, source: {persistentVolumeName: V}}}",
            "spec.source.persistentVolumeName: Invalid value: \"V\": " + wrongDnsSubdomain("V") + "\n"
            "spec.nodeName: Invalid value: \"N_1\": " + wrongDnsSubdomain("N_1") + "\n"
            "spec.attacher: Too long: may not be more than 63 bytes"},
        Row{"VolumeAttachment", "{spec: {attacher: D.example.org}}", ""},
        Row{"CSIDriver", "{spec: {tokenRequests: [{audience: a, expirationSeconds: 599}, {audience: a}, {audience: '', expirationSeconds: 4294967297}], "
                         "fsGroupPolicy: Some}}",
            "spec.fsGroupPolicy: Unsupported value: \"Some\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\"\n"
            "spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes\n"
            "spec.tokenRequests[1].audience: Duplicate value: \"a\"\n"
            "spec.tokenRequests[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds"},
        Row{"CSINode", "{spec: {drivers: [{name: d.example.org, nodeID: " + std::string(257, 'n') + ", allocatable: {count: -1}}, "
                       "{name: d.example.org, nodeID: n, topologyKeys: [zone, zone, 'a b']}, {name: x_y, nodeID: n}]}}",
            "spec.drivers[0].nodeID: Invalid value: \"" + std::string(257, 'n') + "\": must be 256 characters or less\n"
            "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0\n"
            "spec.drivers[1].name: Duplicate value: \"d.example.org\"\n"
            "spec.drivers[1]: Duplicate value: \"zone\"\n"
            "spec.drivers[1]: Invalid value: \"a b\": " + wrongQualifiedName("a b") + "\n"
            "spec.drivers[2].name: Invalid value: \"x_y\": " + wrongDnsSubdomain("x_y")},
        Row{"CSIStorageCapacity", "{storageClassName: A, capacity: -1Gi, maximumVolumeSize: -2Gi}",
            "storageClassName: Invalid value: \"A\": " + wrongDnsSubdomain("A") + "\n"
            "capacity: Invalid value: \"-1Gi\": must be greater than or equal to 0\n"
            "maximumVolumeSize: Invalid value: \"-2Gi\": must be greater than or equal to 0"},
        Row{"PersistentVolume", "{spec: {hostPath: null, csi: {driver: a_b, volumeHandle: ''}}}",
            "spec.csi.volumeHandle: Required value\n"
            "spec.csi.driver: Invalid value: \"a_b\": " + wrongDnsSubdomain("a_b")},
        Row{"PersistentVolume", "{spec: {hostPath: null, nfs: {server: s, path: x}}}", "spec.nfs.path: Invalid value: \"x\": must be an absolute path"},
        Row{"PersistentVolume", "{spec: {nodeAffinity: {required: {nodeSelectorTerms: []}}}}",
            "spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term"},
        Row{"PersistentVolume", "{spec: {nodeAffinity: {}}}", "spec.nodeAffinity.required: Required value: must specify required node constraints"},
        Row{"PersistentVolumeClaim", "{spec: {dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: b}}}",
            "spec: Invalid value: \"spec.dataSource\": must match dataSourceRef"},
        Row{"PersistentVolumeClaim", "{spec: {dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: a}}}", ""},
        Row{"Pod", "{spec: {volumes: [{name: v, csi: {driver: a_b}}, {name: w, nfs: {server: s, path: x}}]}}",
            "spec.volumes[0].csi.driver: Invalid value: \"a_b\": " + wrongDnsSubdomain("a_b") + "\n"
            "spec.volumes[1].nfs.path: Invalid value: \"x\": must be an absolute path"},
        Row{"StorageClass", "{reclaimPolicy: Recycle}",
            "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\""},
        Row{"StorageClass", "{allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, a]}, {key: zone, values: []}, {key: 'a b', values: "
                            "[x]}]}, {matchLabelExpressions: [{key: zone, values: [b]}]}, {matchLabelExpressions: [{key: zone, values: [b]}]}]}",
            "allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: \"a\"\n"
            "allowedTopologies[0].matchLabelExpressions[1].values: Required value\n"
            "allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: \"zone\"\n"
            "allowedTopologies[0].matchLabelExpressions[2].key: Invalid value: \"a b\": " + wrongQualifiedName("a b") + "\n"
            "allowedTopologies[2].matchLabelExpressions: Duplicate value: \"\""},
        Row{"StorageClass", "{parameters: {a: " + std::string(262'144, 'x') + "}}", "parameters: Too long: may not be more than 262144 bytes"}));

/// A LimitRange with one entry for containers.
Row inLimit(const std::string& members, const std::string& causes)
{
    return {"LimitRange", "{spec: {limits: [{type: Container, " + members + "}]}}", causes};
}

INSTANTIATE_TEST_SUITE_P(
    LimitRatios, Validate,
    testing::Values(
        inLimit("min: {cpu: 500m}, max: {cpu: 1}, maxLimitRequestRatio: {cpu: 2}", ""),
        inLimit("min: {cpu: 500m}, max: {cpu: 1}, maxLimitRequestRatio: {cpu: 2500m}",
                "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"2500m\": ratio 2500m is greater than max/min = 2.000000"),
        inLimit("min: {memory: 1Gi}, max: {memory: 3Gi}, maxLimitRequestRatio: {memory: 4}",
                "spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: \"4\": ratio 4 is greater than max/min = 3.000000"),
        inLimit("default: {example.org/gpu: 2}, defaultRequest: {example.org/gpu: 1}",
                "spec.limits[0].defaultRequest[example.org/gpu]: Invalid value: \"1\": default value 2 must equal to defaultRequest value 1 in "
                "example.org/gpu")));

/// A FlowSchema with one rule that has these members.
Row inFlow(const std::string& members, const std::string& causes)
{
    return {"FlowSchema", "{spec: {rules: [{" + members + "}]}}", causes};
}

Row inFlowRule(const std::string& members, const std::string& causes)
{
    return inFlow("subjects: [{kind: User, user: {name: jane}}], " + members, causes);
}

/// A level with these queues.
Row inQueues(const std::string& queuing, const std::string& causes)
{
    return {"PriorityLevelConfiguration", "{spec: {limited: {limitResponse: {queuing: {" + queuing + "}}}}}", causes};
}

/// An object of a fixed spec with a change of that.
Row fixedFlow(std::string_view kind, std::string_view name, std::string_view change, const std::string& causes)
{
    auto spec = *fixedFlowSpec(kind, name);
    merge(spec, parseYaml(change).value());
    for (const auto* member : {"distinguisherMethod", "limited"}) // which the manifests of tests have
        spec.get_object().emplace(member, nullptr);
    return {kind, fmt::format("{{metadata: {{name: {}}}, spec: {}}}", name, writeJson(spec)), causes};
}

INSTANTIATE_TEST_SUITE_P(
    Flows, Validate,
    testing::Values(
        Row{"FlowSchema", "{spec: {matchingPrecedence: -1, priorityLevelConfiguration: {name: ''}}}",
            "spec.priorityLevelConfiguration.name: Required value: must reference a priority level\n"
            "spec.matchingPrecedence: Invalid value: -1: must be a positive value"},
        Row{"FlowSchema", "{spec: {matchingPrecedence: 10001}}", "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"},
        Row{"FlowSchema", "{spec: {matchingPrecedence: 1}}",
            "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"},
        fixedFlow("FlowSchema", "exempt", "{}", ""),
        fixedFlow("FlowSchema", "catch-all", "{}", ""),
        fixedFlow("FlowSchema", "exempt", "{rules: []}",
                  "spec: Invalid value: {\"priorityLevelConfiguration\":{\"name\":\"exempt\"},\"matchingPrecedence\":1}: spec of "
                  "'exempt' must equal the fixed value"),
        fixedFlow("FlowSchema", "catch-all", "{matchingPrecedence: 9999, rules: []}",
                  "spec: Invalid value: {\"priorityLevelConfiguration\":{\"name\":\"catch-all\"},\"matchingPrecedence\":9999,"
                  "\"distinguisherMethod\":{\"type\":\"ByUser\"}}: spec of 'catch-all' must equal the fixed value"),
        fixedFlow("PriorityLevelConfiguration", "exempt", "{exempt: {nominalConcurrencyShares: 7}}", ""),
        fixedFlow("PriorityLevelConfiguration", "exempt", "{type: Limited, exempt: null, limited: {limitResponse: {type: Reject}}}",
                  "spec.type: Invalid value: \"Limited\": type must be 'Exempt' if and only if name is 'exempt'\n"
                  "spec: Invalid value: {\"type\":\"Limited\",\"limited\":{\"nominalConcurrencyShares\":30,\"limitResponse\":{\"type\":\"Reject\"},"
                  "\"lendablePercent\":0}}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value"),
        fixedFlow("PriorityLevelConfiguration", "catch-all", "{}", ""),
        fixedFlow("PriorityLevelConfiguration", "catch-all", "{limited: {nominalConcurrencyShares: 6}}",
                  "spec: Invalid value: {\"type\":\"Limited\",\"limited\":{\"nominalConcurrencyShares\":6,\"limitResponse\":{\"type\":\"Reject\"},"
                  "\"lendablePercent\":0}}: spec of 'catch-all' must equal the fixed value"),
        inFlow("subjects: [], resourceRules: []",
               "spec.rules[0].subjects: Required value: subjects must contain at least one value\n"
               "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty"),
        inFlow("subjects: [{kind: User}, {kind: Group, group: {name: ''}, user: {name: x}}, {kind: ServiceAccount, serviceAccount: {name: A, "
               "namespace: ''}}, {kind: Robot}], nonResourceRules: [{verbs: [get], nonResourceURLs: [/]}]",
               "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'\n"
               "spec.rules[0].subjects[1].group.name: Required value\n"
               "spec.rules[0].subjects[1].user: Forbidden: user is forbidden when subject kind is not 'User'\n"
               "spec.rules[0].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account\n"
               "spec.rules[0].subjects[2].serviceAccount.name: Invalid value: \"A\": " + wrongDnsSubdomain("A") + "\n"
               "spec.rules[0].subjects[3].kind: Unsupported value: \"Robot\": supported values: \"Group\", \"ServiceAccount\", \"User\""),
        inFlowRule("resourceRules: [{verbs: [], apiGroups: [], resources: []}]",
                   "spec.rules[0].resourceRules[0].verbs: Required value: verbs must contain at least one value\n"
                   "spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group\n"
                   "spec.rules[0].resourceRules[0].resources: Required value: resource rules must supply at least one resource\n"
                   "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least "
                   "one namespace"),
        inFlowRule("resourceRules: [{verbs: ['*', get], apiGroups: ['*', apps], resources: ['*', pods], namespaces: ['*', a]}]",
                   "spec.rules[0].resourceRules[0].verbs: Invalid value: [\"*\",\"get\"]: if '*' is present, must not specify other verbs\n"
                   "spec.rules[0].resourceRules[0].apiGroups: Invalid value: [\"*\",\"apps\"]: if '*' is present, must not specify other api groups\n"
                   "spec.rules[0].resourceRules[0].resources: Invalid value: [\"*\",\"pods\"]: if '*' is present, must not specify other resources\n"
                   "spec.rules[0].resourceRules[0].namespaces: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other namespaces"),
        inFlowRule("resourceRules: [{verbs: [get, fetch], apiGroups: [''], resources: [nodes], clusterScope: true, namespaces: [A]}]",
                   "spec.rules[0].resourceRules[0].verbs: Unsupported value: [\"get\",\"fetch\"]: supported values: \"create\", \"delete\", "
                   "\"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\"\n"
                   "spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: \"A\": each member of this list must be '*' or a DNS-1123 label; " +
                   wrongDnsLabel("A")),
        inFlowRule("nonResourceRules: [{verbs: [get], nonResourceURLs: ['', healthz, '/a b', //a, /a*, /*/b, /a/*]}, {verbs: [], nonResourceURLs: []}]",
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"\": must not be empty\n"
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: \"healthz\": must start with slash\n"
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: \"/a b\": must not contain white-space\n"
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: \"//a\": must not contain double slash\n"
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[4]: Invalid value: \"/a*\": wildcard can only do suffix matching\n"
                   "spec.rules[0].nonResourceRules[0].nonResourceURLs[5]: Invalid value: \"/*/b\": wildcard can only do suffix matching\n"
                   "spec.rules[0].nonResourceRules[1].verbs: Required value: verbs must contain at least one value\n"
                   "spec.rules[0].nonResourceRules[1].nonResourceURLs: Required value: nonResourceURLs must contain at least one value"),
        Row{"PriorityLevelConfiguration", "{spec: {type: Exempt}}",
            "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'\n"
            "spec.limited: Forbidden: must be nil if the type is not Limited"},
        Row{"PriorityLevelConfiguration", "{spec: {limited: null}}", "spec.limited: Required value: must not be empty when type is Limited"},
        Row{"PriorityLevelConfiguration", "{spec: {exempt: {}, limited: {nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1, "
                                          "limitResponse: {type: Reject, queuing: {}}}}}",
            "spec.exempt: Forbidden: must be nil if the type is Limited\n"
            "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer\n"
            "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive\n"
            "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer\n"
            "spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited"},
        inQueues("queues: 0, handSize: 0, queueLengthLimit: 0", ""), // as if they were not there
        inQueues("queues: -1, handSize: -1, queueLengthLimit: -1",
                 "spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive\n"
                 "spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive\n"
                 "spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive"),
        inQueues("queues: 4, handSize: 5", "spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)"),
        inQueues("queues: 10000001, handSize: 1", "spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000"),
        inQueues("queues: 512, handSize: 7",
                 "spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 512 and handSize 7 should not "
                 "be greater than 60")));

INSTANTIATE_TEST_SUITE_P(
    ClusterKindUpdates, ValidateUpdate,
    testing::Values(
        UpdateRow{"Ingress", "{}", "{metadata: {annotations: {kubernetes.io/ingress.class: slow}}, spec: {ingressClassName: fast}}", ""},
        UpdateRow{"Node", "{}", "{spec: {podCIDRs: [10.1.0.0/24], providerID: a}}", ""},
        UpdateRow{"Node", "{spec: {podCIDRs: [10.1.0.0/24], providerID: a}}", "{spec: {podCIDRs: [10.2.0.0/24], providerID: b}}",
                  "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid\n"
                  "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid"},
        UpdateRow{"Node", "{spec: {podCIDR: 10.1.0.0/24}}", "{spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24]}}", ""},
        UpdateRow{"VolumeAttachment", "{}", "{spec: {nodeName: n2}}",
                  "spec: Invalid value: {\"attacher\":\"d.example.org\",\"source\":{\"persistentVolumeName\":\"v\"},\"nodeName\":\"n2\"}: field is "
                  "immutable"},
        UpdateRow{"CSIDriver", "{}", "{spec: {attachRequired: false, volumeLifecycleModes: [Ephemeral], podInfoOnMount: true}}",
                  "spec.attachedRequired: Invalid value: false: field is immutable\n"
                  "spec.volumeLifecycleModes: Invalid value: [\"Ephemeral\"]: field is immutable"},
        UpdateRow{"CSINode", "{}", "{spec: {drivers: [{name: d.example.org, nodeID: n2}, {name: e.example.org, nodeID: n2}]}}",
                  "spec.drivers: Invalid value: {\"name\":\"d.example.org\",\"nodeID\":\"n2\"}: field is immutable"}));

} // namespace
} // namespace keelson::api
