// SPDX-License-Identifier: Apache-2.0
#include "auth/bootstrap_tokens.h"

#include "api/base64.h"

#include <gtest/gtest.h>

#include <map>

namespace keelson::auth {
namespace {

/// Secrets by name, all in kube-system.
class Secrets : public ObjectSource {
public:
    std::optional<Facts> facts(std::string_view, const api::ObjectKey&) const override { return std::nullopt; }
    std::optional<api::Value> find(std::string_view kind, const api::ObjectKey& key) const override
    {
        const auto found = m_secrets.find(key.name);
        return kind != "Secret" || key.nameSpace != "kube-system" || found == m_secrets.end()
                   ? std::nullopt
                   : std::optional(found->second);
    }
    void set(const std::string& name, const std::string& type, const std::map<std::string, std::string>& data)
    {
        api::Object encoded;
        for (const auto& [key, value] : data)
            encoded[key] = api::encodeBase64(value);
        m_secrets[name] = api::Object{{"type", type}, {"data", std::move(encoded)}};
    }

private:
    std::map<std::string, api::Value> m_secrets;
};

TEST(BootstrapTokens, makeBootstrappersOfWhoShowsThem)
{
    constexpr auto token = "abcdef.0123456789abcdef";
    constexpr auto type = "bootstrap.kubernetes.io/token";
    using Data = std::map<std::string, std::string>;
    const Data good{
        {"token-id", "abcdef"}, {"token-secret", "0123456789abcdef"}, {"usage-bootstrap-authentication", "true"}};
    const auto with = [&](const Data& more) {
        auto data = good;
        for (const auto& [key, value] : more)
            data[key] = value;
        return data;
    };
    constexpr auto unknown = "the bootstrap token is not known to this cluster";
    struct Row {
        const char* shown;
        const char* secretType;
        Data data;
        const char* outcome; // the groups, or the refusal
    };
    const SimulatedClock clock; // 2023-11-14T22:13:20Z
    for (const auto& [shown, secretType, data, outcome] : {
             Row{token, type, good, "system:bootstrappers system:authenticated "},
             Row{token, type, with({{"expiration", "2023-11-14T22:13:21Z"}}),
                 "system:bootstrappers system:authenticated "},
             Row{token, type, with({{"auth-extra-groups", "system:bootstrappers:a,system:bootstrappers:team-1:b"}}),
                 "system:bootstrappers system:bootstrappers:a system:bootstrappers:team-1:b system:authenticated "},
             Row{token, type, with({{"expiration", "2023-11-14T22:13:20Z"}}),
                 "the bootstrap token expired at 2023-11-14T22:13:20Z"},
             Row{token, type, with({{"expiration", "tomorrow"}}),
                 "the bootstrap token expired at 1970-01-01T00:00:00Z"},
             Row{token, type, with({{"usage-bootstrap-authentication", "false"}}),
                 "the bootstrap token is not meant for authentication"},
             Row{token, type, with({{"auth-extra-groups", "system:masters"}}),
                 "the bootstrap token names a group that it may not give"},
             Row{token, type, with({{"auth-extra-groups", "system:bootstrappers:"}}),
                 "the bootstrap token names a group that it may not give"},
             Row{token, "Opaque", good, unknown},
             Row{token, type, with({{"token-id", "another"}}), unknown},
             Row{token, type, with({{"token-secret", "0123456789abcdeg"}}), unknown},
             Row{token, type, with({{"token-secret", ""}}), unknown},
             Row{"abcdeg.0123456789abcdef", type, good, unknown},
             Row{"abcdef.0123456789abcde", type, good, unknown},
             Row{"ABCDEF.0123456789abcdef", type, good, unknown},
         }) {
        Secrets secrets;
        secrets.set("bootstrap-token-abcdef", secretType, data);
        const BootstrapTokens tokens(secrets, clock);
        const auto found = tokens.authenticate(shown, {});
        std::string text = found ? "" : found.error().message;
        for (const auto& group : found ? found->user.groups : std::vector<std::string>{})
            text += group + " ";
        EXPECT_EQ(text, outcome) << shown;
        if (found)
            EXPECT_EQ(found->user.name, "system:bootstrap:abcdef");
    }
}

} // namespace
} // namespace keelson::auth
