// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::api {
namespace {

constexpr std::string_view immutable = "field is immutable";

/// Case does not count. That there is no name says the schema.
void checkDriverName(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t nameMax = 63;
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.size() > nameMax)
        refusals.tooLong(path, nameMax);
    if (!name.empty())
        refuse(wrongDnsSubdomain(lower), path, Value(name), refusals);
}

void volumeOfDriver(const Value& source, const FieldPath& path, Refusals& refusals)
{
    checkDriverName(stringAt(source, {"driver"}), path.child("driver"), refusals);
}

/// Tokens are for different audiences, and hold neither too short nor too long.
void storageDriver(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t lifeSecondsMin = 600;
    constexpr std::int64_t lifeSecondsMax = std::int64_t{1} << 32;
    const auto& requests = itemsAt(spec, {"tokenRequests"});
    const auto list = path.child("tokenRequests");
    std::set<std::string_view> audiences;
    for (std::size_t index = 0; index < requests.size(); ++index) {
        const auto at = list.index(index);
        const auto audience = stringAt(requests[index], {"audience"});
        if (!audiences.insert(audience).second) {
            refusals.duplicate(at.child("audience"), Value(audience));
            continue;
        }
        if (!has(requests[index], "expirationSeconds"))
            continue;
        const auto seconds = integerAt(requests[index], {"expirationSeconds"});
        if (seconds < lifeSecondsMin)
            refusals.invalid(at.child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        if (seconds > lifeSecondsMax)
            refusals.invalid(at.child("expirationSeconds"), seconds,
                             "may not specify a duration larger than 2^32 seconds");
    }
}

/// Kubernetes misspells the first of the two members.
void storageDriverUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (boolAt(spec, {"attachRequired"}) != boolAt(old, {"attachRequired"}))
        refusals.invalid(path.child("attachedRequired"), boolAt(spec, {"attachRequired"}), immutable);
    const auto& modes = itemsAt(spec, {"volumeLifecycleModes"});
    if (modes != itemsAt(old, {"volumeLifecycleModes"}))
        refusals.invalid(path.child("volumeLifecycleModes"), Value(modes), immutable);
}

void checkTopologyKeys(const Value& driver, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> seen;
    for (const auto& key : itemsAt(driver, {"topologyKeys"})) {
        if (textOf(key).empty())
            refusals.required(path);
        if (!seen.insert(textOf(key)).second)
            refusals.duplicate(path, key);
        refuse(wrongQualifiedName(textOf(key)), path, key, refusals);
    }
}

void storageNode(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t idMax = 256;
    const auto& drivers = itemsAt(spec, {"drivers"});
    const auto list = path.child("drivers");
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < drivers.size(); ++index) {
        const auto& driver = drivers[index];
        const auto at = list.index(index);
        const auto name = stringAt(driver, {"name"});
        checkDriverName(name, at.child("name"), refusals);
        if (const auto id = stringAt(driver, {"nodeID"}); id.size() > idMax)
            refusals.invalid(at.child("nodeID"), Value(id), fmt::format("must be {} characters or less", idMax));
        const auto allocatable = at.child("allocatable");
        if (const auto count = integerAt(driver, {"allocatable", "count"}); count < 0)
            refusals.invalid(allocatable.child("count"), count, "must be greater than or equal to 0");
        if (!names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
        checkTopologyKeys(driver, at, refusals);
    }
}

/// Drivers come and go; one that stays stays as it is.
void storageNodeUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    const auto& before = itemsAt(old, {"drivers"});
    for (const auto& driver : itemsAt(spec, {"drivers"})) {
        const auto name = stringAt(driver, {"name"});
        const auto was =
            std::ranges::find_if(before, [&](const Value& each) { return stringAt(each, {"name"}) == name; });
        if (was != before.end() && *was != driver)
            refusals.invalid(path.child("drivers"), driver, immutable);
    }
}

void storageCapacity(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto name = stringAt(node, {"storageClassName"}); !name.empty())
        refuse(wrongDnsSubdomain(name), path.child("storageClassName"), Value(name), refusals);
    for (const auto* member : {"capacity", "maximumVolumeSize"}) {
        const auto* value = find(node, {member});
        const auto size =
            value ? Quantity::parse(value->is_string() ? std::string(textOf(*value)) : numberText(*value)) : Quantity();
        if (size && size->isNegative())
            refusals.invalid(path.child(member), Value(size->text()), "must be greater than or equal to 0");
    }
}

void volumeAttachment(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view exactlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    const auto source = path.child("source");
    const auto* name = find(spec, {"source", "persistentVolumeName"});
    const auto* inlined = find(spec, {"source", "inlineVolumeSpec"});
    if (!name && !inlined)
        refusals.required(source, exactlyOne);
    else if (name && inlined)
        refusals.forbidden(source, exactlyOne);
    else if (name && textOf(*name).empty())
        refusals.required(source.child("persistentVolumeName"), "must specify non empty persistentVolumeName");
    if (name && !textOf(*name).empty())
        refuse(wrongDnsSubdomain(textOf(*name)), source.child("persistentVolumeName"), *name, refusals);
    if (const auto node = stringAt(spec, {"nodeName"}); !node.empty())
        refuse(wrongDnsSubdomain(node), path.child("nodeName"), Value(node), refusals);
    checkDriverName(stringAt(spec, {"attacher"}), path.child("attacher"), refusals);
}

void volumeAttachmentUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (spec != old)
        refusals.invalid(path, spec, immutable);
}

constexpr std::array table{
    Rule{"storageCapacity", storageCapacity},
    Rule{"storageDriver", storageDriver, storageDriverUpdate},
    Rule{"storageNode", storageNode, storageNodeUpdate},
    Rule{"volumeAttachment", volumeAttachment, volumeAttachmentUpdate},
    Rule{"volumeOfDriver", volumeOfDriver},
};

} // namespace

std::span<const Rule> storageDriverRules()
{
    return table;
}

} // namespace keelson::api
