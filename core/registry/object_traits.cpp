// SPDX-License-Identifier: Apache-2.0
#include "registry/object_traits.h"

#include <algorithm>
#include <string_view>

namespace keelson::registry {
namespace {

constexpr std::uint64_t nameSalt = 1;
constexpr std::uint64_t keySalt = 2;
constexpr std::uint64_t labelSalt = 3;
constexpr std::uint64_t fieldSalt = 16; ///< And the index of the field.

/// Two bits for each thing that is known.
Traits bitsOf(std::uint64_t salt, std::string_view text)
{
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    constexpr unsigned firstAt = 58; // the topmost six bits
    constexpr unsigned secondAt = 52;
    const auto hash = (std::hash<std::string_view>{}(text) ^ (salt * golden)) * golden;
    return Traits{1} << (hash >> firstAt) | Traits{1} << (hash >> secondAt & 63U);
}

Traits labelBits(std::string_view key, std::string_view value)
{
    return bitsOf(labelSalt + std::hash<std::string_view>{}(key), value);
}

Traits wantedBy(const api::LabelSelector::Requirement& requirement)
{
    using Operator = api::LabelSelector::Operator;
    switch (requirement.op) {
    case Operator::In:
        return bitsOf(keySalt, requirement.key) |
               (requirement.values.size() == 1 ? labelBits(requirement.key, requirement.values.front()) : 0);
    case Operator::Exists:
    case Operator::GreaterThan:
    case Operator::LessThan:
        return bitsOf(keySalt, requirement.key);
    case Operator::NotIn:
    case Operator::DoesNotExist:
        break;
    }
    return 0;
}

} // namespace

Traits traitsOf(const StoredObject& object)
{
    auto traits = bitsOf(nameSalt, object.key.name);
    for (const auto& [key, value] : object.labels)
        traits |= bitsOf(keySalt, key) | labelBits(key, value);
    for (std::size_t i = 0; i < object.fields.size(); ++i) {
        if (!object.fields[i].empty()) // most are, and nobody looks for nothing
            traits |= bitsOf(fieldSalt + i, object.fields[i]);
    }
    return traits;
}

Traits traitsOf(const Kind& kind, const api::LabelSelector& labels, const api::FieldSelector& fields)
{
    Traits traits = 0;
    for (const auto& requirement : labels.requirements())
        traits |= wantedBy(requirement);
    for (const auto& [field, value, equal] : fields.requirements()) {
        if (!equal || value.empty())
            continue;
        const auto place = std::ranges::find(kind.fieldSelectors, field);
        if (field == "metadata.name")
            traits |= bitsOf(nameSalt, value);
        else if (place != kind.fieldSelectors.end())
            traits |= bitsOf(fieldSalt + static_cast<std::uint64_t>(place - kind.fieldSelectors.begin()), value);
    }
    return traits;
}

} // namespace keelson::registry
