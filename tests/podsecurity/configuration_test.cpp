// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/configuration.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace keelson::podsecurity {
namespace {

Result<Configuration> read(const std::string& rest)
{
    return readConfiguration(*api::parseYaml("apiVersion: pod-security.admission.config.k8s.io/v1\n"
                                             "kind: PodSecurityConfiguration\n" +
                                             rest));
}

TEST(PodSecurityConfiguration, saysWhatHoldsWithoutLabels)
{
    const auto configuration = read("defaults: {enforce: baseline, enforce-version: v1.30, audit: restricted}\n"
                                    "exemptions: {usernames: [jane, 'system:serviceaccount:ci:build'], "
                                    "runtimeClasses: [boxed], namespaces: [kube-system, tools]}\n");
    ASSERT_TRUE(configuration) << configuration.error().message;
    EXPECT_EQ(fmt::format("{} {} {}", configuration->exemptUsers, configuration->exemptRuntimeClasses,
                          configuration->exemptNamespaces),
              R"({"jane", "system:serviceaccount:ci:build"} {"boxed"} {"kube-system", "tools"})");
    struct Row {
        api::Labels labels;
        const char* policies; // enforce, audit, warn
    };
    const std::string prefix(labelPrefix);
    for (const auto& [labels, expected] : {
             Row{{}, "baseline:v1.30 restricted:latest privileged:latest"},
             Row{{{prefix + "enforce", "restricted"}}, "restricted:v1.30 restricted:latest restricted:v1.30"},
             Row{{{prefix + "enforce", "restricted"}, {prefix + "warn-version", "v1.28"}},
                 "restricted:v1.30 restricted:latest restricted:v1.28"},
             Row{{{prefix + "enforce", "privileged"}, {prefix + "audit", "baseline"}},
                 "privileged:v1.30 baseline:latest privileged:latest"},
             Row{{{prefix + "enforce-version", "v1.31"}}, "baseline:v1.31 restricted:latest privileged:latest"},
         }) {
        const auto policies = policiesOf(labels, configuration->defaults);
        EXPECT_EQ(fmt::format("{} {} {}", policies.enforce.text(), policies.audit.text(), policies.warn.text()),
                  expected);
    }
    EXPECT_EQ(read("")->defaults, NamespacePolicies{});
    EXPECT_EQ(read("defaults:\nexemptions: {usernames: }\n")->exemptUsers.size(), 0U);
}

TEST(PodSecurityConfiguration, thatCannotBeReadIsRefused)
{
    struct Row {
        const char* rest;
        const char* says;
    };
    for (const auto& [rest, says] : {
             Row{"default: {}\n", "default: there is no such member"},
             Row{"defaults: baseline\n", "defaults: an object is wanted"},
             Row{"defaults: {enforced: baseline}\n", "defaults.enforced: there is no such member"},
             Row{"defaults: {enforce: strict}\n",
                 "defaults.enforce: Invalid value: \"strict\": must be one of privileged, baseline, restricted"},
             Row{"defaults: {warn-version: 1}\n", "defaults.warn-version: a string is wanted"},
             Row{"defaults: {warn-version: '1'}\n",
                 "defaults.warn-version: Invalid value: \"1\": must be \"latest\" or \"v1.x\""},
             Row{"exemptions: {users: []}\n", "exemptions.users: there is no such member"},
             Row{"exemptions: {usernames: jane}\n", "exemptions.usernames: a list of strings is wanted"},
             Row{"exemptions: {usernames: ['']}\n",
                 "exemptions.usernames: Invalid value: \"\": a username must not be empty"},
             Row{"exemptions: {usernames: [jane, jane]}\n", "exemptions.usernames: Duplicate value: \"jane\""},
         }) {
        const auto configuration = read(rest);
        EXPECT_EQ(configuration ? "read" : configuration.error().message, says);
    }
    const auto badNamespace = read("exemptions: {namespaces: [A_b]}\n");
    ASSERT_FALSE(badNamespace);
    EXPECT_TRUE(badNamespace.error().message.starts_with("exemptions.namespaces: Invalid value: \"A_b\": a lowercase"))
        << badNamespace.error().message;
    EXPECT_EQ(readConfiguration(*api::parseYaml("kind: Pod")).error().message,
              "it is no PodSecurityConfiguration of pod-security.admission.config.k8s.io/v1");
}

} // namespace
} // namespace keelson::podsecurity
