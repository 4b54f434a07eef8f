// SPDX-License-Identifier: Apache-2.0
#include "api/conversion.h"

namespace keelson::api {
namespace {

bool isOf(const Kind& kind, const Value& object)
{
    const auto version = stringAt(object, {"apiVersion"});
    const auto& [group, name] = kind.groupVersion;
    if (group.empty())
        return version == name;
    return version.size() == group.size() + 1 + name.size() && version.starts_with(group) &&
           version[group.size()] == '/' && version.ends_with(name);
}

} // namespace

Result<std::vector<Value>> convertEach(std::vector<Value> objects, const Kind& to)
{
    std::vector<Value> others;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; to.conversion && i < objects.size(); ++i) {
        if (isOf(to, objects[i]))
            continue;
        others.push_back(std::move(objects[i]));
        places.push_back(i);
    }
    if (others.empty())
        return objects;
    TRY_ASSIGN(auto converted, to.conversion->convert(std::move(others), to));
    for (std::size_t i = 0; i < places.size(); ++i)
        objects[places[i]] = std::move(converted[i]);
    return objects;
}

Result<Value> convert(Value object, const Kind& to)
{
    if (!to.conversion || isOf(to, object))
        return object;
    std::vector<Value> one;
    one.push_back(std::move(object));
    TRY_ASSIGN(auto converted, to.conversion->convert(std::move(one), to));
    return std::move(converted.front());
}

bool isShownConverted(const Kind& kind)
{
    return kind.conversion && (kind.storedAs || kind.conversion->blocks());
}

} // namespace keelson::api
