// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace keelson::podsecurity {
namespace {

constexpr std::array<std::string_view, 3> levelNames{"privileged", "baseline", "restricted"};
constexpr std::array<std::string_view, 3> modes{"enforce", "audit", "warn"};

std::optional<Level> readLevel(std::string_view text)
{
    const auto found = std::ranges::find(levelNames, text);
    if (found == levelNames.end())
        return std::nullopt;
    return static_cast<Level>(found - levelNames.begin());
}

std::optional<Version> readVersion(std::string_view text)
{
    constexpr std::string_view prefix = "v1.";
    if (text == "latest")
        return Version{};
    if (!text.starts_with(prefix))
        return std::nullopt;
    const auto digits = text.substr(prefix.size());
    int minor = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
    const bool plain = error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '-' &&
                       (digits.size() == 1 || digits.front() != '0');
    return plain ? std::optional(Version{minor}) : std::nullopt;
}

const std::string* labelOf(const api::Labels& labels, std::string_view mode, std::string_view suffix = {})
{
    const auto found = labels.find(fmt::format("{}{}{}", labelPrefix, mode, suffix));
    return found == labels.end() ? nullptr : &found->second;
}

/// `policy`: where no label says anything; `unreadable` where a label says what is no level or version.
Policy policyOf(const api::Labels& labels, std::string_view mode, Policy policy, const Policy& unreadable)
{
    if (const auto* const text = labelOf(labels, mode)) {
        const auto level = readLevel(*text);
        if (!level)
            return unreadable;
        policy.level = *level;
    }
    if (const auto* const text = labelOf(labels, mode, "-version")) {
        const auto version = readVersion(*text);
        if (!version)
            return unreadable;
        policy.version = *version;
    }
    return policy;
}

} // namespace

std::string Version::text() const
{
    return minor ? fmt::format("v1.{}", *minor) : "latest";
}

std::string Policy::text() const
{
    return fmt::format("{}:{}", levelNames.at(static_cast<std::size_t>(level)), version.text());
}

NamespacePolicies ownPolicies(const api::Labels& labels, const NamespacePolicies& defaults)
{
    return {.enforce = policyOf(labels, "enforce", defaults.enforce, {.level = Level::Restricted, .version = {}}),
            .audit = policyOf(labels, "audit", defaults.audit, {}),
            .warn = policyOf(labels, "warn", defaults.warn, {})};
}

NamespacePolicies policiesOf(const api::Labels& labels, const NamespacePolicies& defaults)
{
    auto policies = ownPolicies(labels, defaults);
    if (!labelOf(labels, "enforce") || labelOf(labels, "warn") || policies.enforce.level <= policies.warn.level)
        return policies;
    policies.warn.level = policies.enforce.level;
    if (!labelOf(labels, "warn", "-version"))
        policies.warn.version = policies.enforce.version;
    return policies;
}

std::vector<Cause> labelCauses(const api::Labels& labels)
{
    std::vector<Cause> causes;
    const auto refuse = [&](const std::string& label, const std::string& value, std::string_view why) {
        causes.push_back({"FieldValueInvalid", fmt::format("Invalid value: \"{}\": {}", value, why),
                          fmt::format("metadata.labels[{}]", label)});
    };
    for (const auto mode : modes) {
        const auto label = std::string(labelPrefix) + std::string(mode);
        if (const auto* const level = labelOf(labels, mode); level && !readLevel(*level))
            refuse(label, *level, "must be one of privileged, baseline, restricted");
        if (const auto* const version = labelOf(labels, mode, "-version"); version && !readVersion(*version))
            refuse(label + "-version", *version, R"(must be "latest" or "v1.x")");
    }
    return causes;
}

} // namespace keelson::podsecurity
