// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/pod_checks.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace keelson::podsecurity {
namespace {

struct Edition {
    Level level;
    std::optional<int> minor;
};

/// `pod`: metadata and spec of a pod, in flow style.
std::string violations(const Edition& edition, std::string_view pod)
{
    const auto typed = api::fromJson<api::Pod>(*api::parseYaml(pod));
    return text(violationsOf({.level = edition.level, .version = {edition.minor}}, typed->metadata, typed->spec));
}

constexpr Edition baseline{Level::Baseline, {}};
constexpr Edition restricted{Level::Restricted, {}};

struct Row {
    std::string pod;
    std::string expected;
};

/// A pod of one container with that member, with that securityContext; a pod with that securityContext.
std::string container(std::string_view member)
{
    return fmt::format("{{spec: {{containers: [{{name: a, {}}}]}}}}", member);
}
std::string security(std::string_view context)
{
    return container(fmt::format("securityContext: {{{}}}", context));
}
std::string podSecurity(std::string_view context)
{
    return fmt::format("{{spec: {{securityContext: {{{}}}, containers: [{{name: a}}]}}}}", context);
}

void expectBaseline(std::initializer_list<Row> rows)
{
    for (const auto& [pod, expected] : rows) {
        EXPECT_EQ(violations(baseline, pod), expected) << pod;
        EXPECT_EQ(violations({Level::Privileged, {}}, pod), "") << pod;
    }
}

/// Each control of the baseline: what it allows and what it does not.
TEST(PodSecurity, keepsPodsOfTheBaselineFromTheHost)
{
    expectBaseline({
        Row{"{spec: {containers: [{name: a}]}}", ""},
        // host namespaces
        Row{"{spec: {hostNetwork: true, hostPID: true, hostIPC: true, containers: [{name: a}]}}",
            "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)"},
        Row{"{spec: {hostPID: true, containers: [{name: a}]}}", "host namespaces (hostPID=true)"},
        // hostPath volumes
        Row{"{spec: {volumes: [{name: v, hostPath: {path: /}}, {name: w, emptyDir: {}}], containers: [{name: a}]}}",
            R"(hostPath volumes (volume "v"))"},
        Row{"{spec: {volumes: [{name: v, hostPath: {path: /}}, {name: w, hostPath: {path: /}}], containers: [{name: "
            "a}]}}",
            R"(hostPath volumes (volumes "v", "w"))"},
        // hostPort
        Row{container("ports: [{containerPort: 80}]"), ""},
        Row{container("ports: [{containerPort: 80, hostPort: 8080}]"),
            R"(hostPort (container "a" uses hostPort 8080))"},
        Row{"{spec: {containers: [{name: a, ports: [{containerPort: 1, hostPort: 1}]}, {name: b, ports: "
            "[{containerPort: 2, hostPort: 2}]}]}}",
            R"(hostPort (containers "a", "b" use hostPorts 1, 2))"},
        // privileged
        Row{security("privileged: false"), ""},
        Row{security("privileged: true"), R"(privileged (container "a" must not set securityContext.privileged=true))"},
        Row{"{spec: {initContainers: [{name: i, securityContext: {privileged: true}}], ephemeralContainers: [{name: e, "
            "securityContext: {privileged: true}}], containers: [{name: a}]}}",
            R"(privileged (containers "i", "e" must not set securityContext.privileged=true))"},
    });
}

TEST(PodSecurity, keepsContainersOfTheBaselineConfined)
{
    expectBaseline({
        // appArmorProfile
        Row{security("appArmorProfile: {type: RuntimeDefault}"), ""},
        Row{security("appArmorProfile: {type: Localhost, localhostProfile: x}"), ""},
        Row{security("appArmorProfile: {type: Unconfined}"),
            R"(forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined"))"},
        Row{podSecurity("appArmorProfile: {type: Unconfined}"),
            R"(forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined"))"},
        Row{"{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}}, spec: "
            "{containers: [{name: a}]}}",
            R"(forbidden AppArmor profile (container.apparmor.security.beta.kubernetes.io/a="unconfined"))"},
        Row{"{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: localhost/x}}, spec: "
            "{containers: [{name: a}]}}",
            ""},
        // capabilities
        Row{security("capabilities: {add: [CHOWN, NET_BIND_SERVICE]}"), ""},
        Row{security("capabilities: {add: [SYS_TIME, NET_ADMIN]}"),
            R"(non-default capabilities (container "a" must not include "NET_ADMIN", "SYS_TIME" in )"
            R"(securityContext.capabilities.add))"},
        // procMount
        Row{security("procMount: Default"), ""},
        Row{security("procMount: Unmasked"),
            R"(procMount (container "a" must not set securityContext.procMount to "Unmasked"))"},
        // seLinuxOptions
        Row{security("seLinuxOptions: {type: container_t, level: s0}"), ""},
        Row{security("seLinuxOptions: {type: spc_t, user: u}"),
            R"(seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may )"
            "not be set)"},
        Row{podSecurity("seLinuxOptions: {role: r}"),
            "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: role may not be set)"},
        // seccompProfile
        Row{security("seccompProfile: {type: Localhost}"), ""},
        Row{"{spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a, securityContext: "
            "{seccompProfile: {type: Unconfined}}}]}}",
            R"(seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to )"
            R"("Unconfined"))"},
        // sysctls
        Row{podSecurity("sysctls: [{name: net.ipv4.tcp_syncookies}, {name: net.ipv4.tcp_fin_timeout}]"), ""},
        Row{podSecurity("sysctls: [{name: kernel.msgmax}, {name: net.core.somaxconn}]"),
            "forbidden sysctls (kernel.msgmax, net.core.somaxconn)"},
        // windowsHostProcess
        Row{podSecurity("windowsOptions: {hostProcess: false}"), ""},
        Row{podSecurity("windowsOptions: {hostProcess: true}"),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"},
    });
}

/// A container that keeps all but one control, as `members` of its securityContext say.
TEST(PodSecurity, holdsTheRestrictedLevel)
{
    const std::string drop = "capabilities: {drop: [ALL]}";
    const std::string rest = "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}";
    const auto pod = [](std::string_view context, std::string_view spec = "") {
        return fmt::format("{{spec: {{containers: [{{name: a, securityContext: {{{}}}}}]{}}}}}", context, spec);
    };
    const auto good = "allowPrivilegeEscalation: false, " + drop + ", " + rest;
    const std::string unconfined =
        R"(seccompProfile (pod or container "a" must set securityContext.seccompProfile.type )"
        R"(to "RuntimeDefault" or "Localhost"))";
    for (const auto& [text, expected] : {
             Row{pod(good), ""},
             Row{pod("allowPrivilegeEscalation: false, " + drop,
                     ", securityContext: {runAsNonRoot: true, seccompProfile: {type: Localhost}}"),
                 ""},
             // allowPrivilegeEscalation
             Row{pod(drop + ", " + rest), R"(allowPrivilegeEscalation != false (container "a" must set )"
                                          "securityContext.allowPrivilegeEscalation=false)"},
             Row{pod("allowPrivilegeEscalation: true, " + drop + ", " + rest),
                 R"(allowPrivilegeEscalation != false (container "a" must set )"
                 "securityContext.allowPrivilegeEscalation=false)"},
             // capabilities
             Row{pod("allowPrivilegeEscalation: false, " + rest),
                 R"(unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]))"},
             Row{pod("allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}, " + rest),
                 ""},
             Row{pod("allowPrivilegeEscalation: false, capabilities: {add: [CHOWN]}, " + rest),
                 R"(unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; )"
                 R"(container "a" must not include "CHOWN" in securityContext.capabilities.add))"},
             // volumes
             Row{pod(good,
                     ", volumes: [{name: v1, secret: {}}, {name: v2, projected: {}}, {name: v3, csi: {driver: d}}, "
                     "{name: "
                     "v4, ephemeral: {}}, {name: v5, persistentVolumeClaim: {claimName: c}}, {name: v6, downwardAPI: "
                     "{}}]"),
                 ""},
             Row{pod(good, ", volumes: [{name: v, hostPath: {path: /}}]"),
                 R"(restricted volume types (volume "v" uses restricted volume type "hostPath"))"},
             Row{pod(good, ", volumes: [{name: v, hostPath: {path: /}}, {name: w, nfs: {server: s, path: /}}]"),
                 R"(restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs"))"},
             // runAsNonRoot
             Row{pod("allowPrivilegeEscalation: false, " + drop + ", seccompProfile: {type: RuntimeDefault}"),
                 R"(runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true))"},
             Row{pod("allowPrivilegeEscalation: false, runAsNonRoot: false, " + drop +
                         ", seccompProfile: {type: RuntimeDefault}",
                     ", securityContext: {runAsNonRoot: true}"),
                 R"(runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false))"},
             Row{pod(good, ", securityContext: {runAsNonRoot: false}"),
                 "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)"},
             // runAsUser
             Row{pod(good + ", runAsUser: 5"), ""},
             Row{pod(good + ", runAsUser: 0", ", securityContext: {runAsUser: 0}"),
                 R"(runAsUser=0 (pod and container "a" must not set runAsUser=0))"},
             // seccompProfile
             Row{pod("allowPrivilegeEscalation: false, runAsNonRoot: true, " + drop), unconfined},
             Row{pod("allowPrivilegeEscalation: false, runAsNonRoot: true, seccompProfile: {type: Unconfined}, " +
                     drop),
                 R"(seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined"))"},
             // What the baseline says comes first, and what stands in its place does not come twice.
             Row{"{spec: {hostNetwork: true, containers: [{name: a, securityContext: {privileged: true, capabilities: "
                 "{add: [SYS_ADMIN]}}}]}}",
                 "host namespaces (hostNetwork=true), "
                 R"(privileged (container "a" must not set securityContext.privileged=true), )"
                 R"(allowPrivilegeEscalation != false (container "a" must set )"
                 "securityContext.allowPrivilegeEscalation=false), "
                 R"(unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; )"
                 R"(container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add), )"
                 R"(runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), )" +
                     unconfined},
         })
        EXPECT_EQ(violations(restricted, text), expected) << text;
}

TEST(PodSecurity, followsTheEditionThatIsAskedFor)
{
    struct Row {
        Edition edition;
        const char* pod;
        bool allowed;
    };
    const auto* const plain = "{spec: {securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, "
                              "containers: [{name: a}]}}";
    const auto* const root = "{spec: {securityContext: {runAsNonRoot: true, runAsUser: 0}, containers: [{name: a}]}}";
    const auto* const keepAlive =
        "{spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time}]}, containers: "
        "[{name: a}]}}";
    const auto* const annotated =
        "{metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}, spec: "
        "{containers: [{name: a}]}}";
    const auto* const engine = "{spec: {containers: [{name: a, securityContext: {seLinuxOptions: {type: "
                               "container_engine_t}}}]}}";
    const auto* const windows =
        "{spec: {os: {name: windows}, securityContext: {runAsNonRoot: true}, containers: [{name: "
        "a}]}}";
    for (const auto& [edition, pod, allowed] : {
             Row{{Level::Restricted, 7}, plain, true},
             Row{{Level::Restricted, 8}, plain, false},
             Row{{Level::Restricted, 7}, root, true},
             Row{{Level::Restricted, 23}, root, false},
             Row{{Level::Baseline, 28}, keepAlive, false},
             Row{{Level::Baseline, 29}, keepAlive, true},
             Row{{Level::Baseline, 18}, annotated, false},
             Row{{Level::Baseline, 19}, annotated, true},
             Row{{Level::Baseline, 30}, engine, false},
             Row{{Level::Baseline, 31}, engine, true},
             Row{{Level::Restricted, 24}, windows, false},
             Row{{Level::Restricted, 25}, windows, true},
             Row{{Level::Restricted, 99}, plain, false},
         })
        EXPECT_EQ(violations(edition, pod).empty(), allowed)
            << Policy{.level = edition.level, .version = {edition.minor}}.text() << " " << pod << "\n"
            << violations(edition, pod);
}

TEST(PodSecurity, readsTheLabelsOfNamespaces)
{
    struct Row {
        api::Labels labels;
        const char* enforce;
        const char* audit;
        const char* warn;
        const char* causes;
    };
    const std::string prefix(labelPrefix);
    for (const auto& [labels, enforce, audit, warn, causes] : {
             Row{{}, "privileged:latest", "privileged:latest", "privileged:latest", ""},
             Row{{{prefix + "enforce", "baseline"}}, "baseline:latest", "privileged:latest", "baseline:latest", ""},
             Row{{{prefix + "enforce", "restricted"},
                  {prefix + "enforce-version", "v1.25"},
                  {prefix + "warn", "baseline"}},
                 "restricted:v1.25",
                 "privileged:latest",
                 "baseline:latest",
                 ""},
             Row{{{prefix + "audit", "restricted"}}, "privileged:latest", "restricted:latest", "privileged:latest", ""},
             Row{{{prefix + "enforce", "strict"}},
                 "restricted:latest",
                 "privileged:latest",
                 "restricted:latest",
                 "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of "
                 "privileged, "
                 "baseline, restricted"},
             Row{{{prefix + "warn", "baseline"}, {prefix + "warn-version", "1.25"}},
                 "privileged:latest",
                 "privileged:latest",
                 "privileged:latest",
                 "metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1.25\": must be "
                 "\"latest\" or "
                 "\"v1.x\""},
         }) {
        const auto policies = policiesOf(labels);
        EXPECT_EQ(policies.enforce.text(), enforce);
        EXPECT_EQ(policies.audit.text(), audit);
        EXPECT_EQ(policies.warn.text(), warn);
        std::vector<std::string> said;
        for (const auto& cause : labelCauses(labels))
            said.push_back(cause.field + ": " + cause.message);
        EXPECT_EQ(fmt::format("{}", fmt::join(said, "\n")), causes);
    }
}

} // namespace
} // namespace keelson::podsecurity
