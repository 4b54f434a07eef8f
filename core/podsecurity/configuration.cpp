// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/configuration.h"

#include "api/name_forms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

namespace keelson::podsecurity {
namespace {

using api::Value;

constexpr std::array<std::string_view, 2> versions{"pod-security.admission.config.k8s.io/v1",
                                                   "pod-security.admission.config.k8s.io/v1beta1"};

/// Reads the document; keeps the first thing that is wrong.
class Reader {
public:
    std::string wrong;

    void complain(std::string_view where, std::string_view what)
    {
        if (wrong.empty())
            wrong = fmt::format("{}: {}", where, what);
    }

    /// The members of an object; none when it is absent.
    api::Object object(const Value& document, std::string_view name)
    {
        const auto* const found = api::find(document, {name});
        if (!found || found->is_null())
            return {};
        if (!found->is_object())
            complain(name, "an object is wanted");
        return found->is_object() ? found->get_object() : api::Object{};
    }

    api::Labels defaults(const api::Object& members)
    {
        api::Labels labels;
        for (const auto& [key, value] : members) {
            const std::string name(key);
            if (!value.is_string())
                complain("defaults." + name, "a string is wanted");
            else
                labels[std::string(labelPrefix) + name] = std::string(value.get_string());
        }
        return labels;
    }

    std::set<std::string> names(const api::Object& members, const char* name,
                                std::string (*whatIsWrong)(std::string_view))
    {
        std::set<std::string> all;
        const auto* const list = members.if_contains(name);
        const auto where = fmt::format("exemptions.{}", name);
        if (!list || list->is_null())
            return all;
        if (!list->is_array() || !std::ranges::all_of(list->get_array(), &Value::is_string)) {
            complain(where, "a list of strings is wanted");
            return all;
        }
        for (const auto& item : list->get_array()) {
            const std::string text(item.get_string());
            if (const auto why = whatIsWrong(text); !why.empty())
                complain(where, fmt::format("Invalid value: \"{}\": {}", text, why));
            if (!all.insert(text).second)
                complain(where, fmt::format("Duplicate value: \"{}\"", text));
        }
        return all;
    }

    void expectOnly(const api::Object& members, std::string_view where, std::span<const std::string_view> known)
    {
        for (const auto& [key, value] : members) {
            if (std::ranges::find(known, std::string_view(key)) == known.end())
                complain(fmt::format("{}{}", where, std::string_view(key)), "there is no such member");
        }
    }
};

std::string wrongUser(std::string_view name)
{
    return name.empty() ? "a username must not be empty" : "";
}

} // namespace

Result<Configuration> readConfiguration(const Value& document)
{
    if (std::ranges::find(versions, api::stringAt(document, {"apiVersion"})) == versions.end() ||
        api::stringAt(document, {"kind"}) != "PodSecurityConfiguration")
        return fail(Reason::Invalid, fmt::format("it is no PodSecurityConfiguration of {}", versions.front()));
    constexpr std::array<std::string_view, 4> members{"apiVersion", "kind", "defaults", "exemptions"};
    constexpr std::array<std::string_view, 6> modes{"enforce", "enforce-version", "audit", "audit-version",
                                                    "warn",    "warn-version"};
    constexpr std::array<std::string_view, 3> exempt{"usernames", "runtimeClasses", "namespaces"};
    Reader reader;
    reader.expectOnly(document.get_object(), "", members);
    const auto defaults = reader.object(document, "defaults");
    reader.expectOnly(defaults, "defaults.", modes);
    const auto labels = reader.defaults(defaults);
    for (const auto& cause : labelCauses(labels)) {
        const auto mode = cause.field.substr(cause.field.find('/') + 1); // "enforce]"
        reader.complain("defaults." + mode.substr(0, mode.size() - 1), cause.message);
    }
    const auto exemptions = reader.object(document, "exemptions");
    reader.expectOnly(exemptions, "exemptions.", exempt);
    Configuration configuration{.defaults = ownPolicies(labels),
                                .exemptUsers = reader.names(exemptions, "usernames", wrongUser),
                                .exemptRuntimeClasses =
                                    reader.names(exemptions, "runtimeClasses", api::wrongDnsSubdomain),
                                .exemptNamespaces = reader.names(exemptions, "namespaces", api::wrongDnsLabel)};
    if (!reader.wrong.empty())
        return fail(Reason::Invalid, reader.wrong);
    return configuration;
}

} // namespace keelson::podsecurity
