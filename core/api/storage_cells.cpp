// SPDX-License-Identifier: Apache-2.0
#include "api/json_path.h"
#include "api/table_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

/// "RWO,ROX", in the order of how many may use it.
std::string accessModesText(const Array& modes)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> known{
        {{"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}}};
    std::vector<std::string_view> texts;
    for (const auto& [mode, text] : known)
        if (std::ranges::find(modes, Value(mode)) != modes.end())
            texts.push_back(text);
    return fmt::format("{}", fmt::join(texts, ","));
}

Value accessModes(const Column& column, const Value& object, WallTime)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    const auto* modes = values.empty() ? nullptr : values.front()->if_array();
    return Value(modes ? accessModesText(*modes) : "");
}

Value storagePhase(const Column&, const Value& object, WallTime)
{
    if (find(object, {"metadata", "deletionTimestamp"}))
        return "Terminating";
    return Value(stringAt(object, {"status", "phase"}));
}

Value volumeClaim(const Column&, const Value& volume, WallTime)
{
    if (!find(volume, {"spec", "claimRef"}))
        return "";
    return Value(fmt::format("{}/{}", stringAt(volume, {"spec", "claimRef", "namespace"}),
                             stringAt(volume, {"spec", "claimRef", "name"})));
}

bool isBound(const Value& claim)
{
    return !stringAt(claim, {"spec", "volumeName"}).empty();
}

Value claimCapacity(const Column&, const Value& claim, WallTime)
{
    return Value(isBound(claim) ? stringAt(claim, {"status", "capacity", "storage"}) : "");
}

Value claimAccessModes(const Column&, const Value& claim, WallTime)
{
    return Value(isBound(claim) ? accessModesText(listAt(claim, {"status", "accessModes"})) : "");
}

Value storageClassName(const Column&, const Value& storageClass, WallTime)
{
    const auto name = stringAt(storageClass, {"metadata", "name"});
    for (const auto* key :
         {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"})
        if (stringAt(storageClass, {"metadata", "annotations", key}) == "true")
            return Value(fmt::format("{} (default)", name));
    return Value(name);
}

Value tokenAudiences(const Column&, const Value& driver, WallTime)
{
    std::vector<std::string_view> audiences;
    for (const auto& request : listAt(driver, {"spec", "tokenRequests"}))
        audiences.push_back(stringAt(request, {"audience"}));
    return audiences.empty() ? Value("<unset>") : Value(fmt::format("{}", fmt::join(audiences, ",")));
}

constexpr std::array cells{
    NamedCell{"accessModes", accessModes},     NamedCell{"claimAccessModes", claimAccessModes},
    NamedCell{"claimCapacity", claimCapacity}, NamedCell{"storageClassName", storageClassName},
    NamedCell{"storagePhase", storagePhase},   NamedCell{"tokenAudiences", tokenAudiences},
    NamedCell{"volumeClaim", volumeClaim},
};

} // namespace

std::span<const NamedCell> storageCells()
{
    return cells;
}

} // namespace keelson::api
