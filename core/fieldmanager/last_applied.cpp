// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/last_applied.h"

#include "api/validation.h"
#include "fieldmanager/field_walk.h"

#include <algorithm>
#include <string>
#include <vector>

namespace keelson::fieldmanager {
namespace {

using api::Value;

constexpr std::string_view annotation = "kubectl.kubernetes.io/last-applied-configuration";
/// All annotations of an object together.
constexpr std::size_t annotationBytesMax = std::size_t{256} * 1024;

Value withSortedMembers(const Value& value)
{
    if (const auto* const array = value.if_array()) {
        api::Array sorted;
        for (const auto& item : *array)
            sorted.push_back(withSortedMembers(item));
        return sorted;
    }
    const auto* const object = value.if_object();
    if (!object)
        return value;
    std::vector<std::string_view> names;
    for (const auto& member : *object)
        names.emplace_back(member.key());
    std::ranges::sort(names);
    api::Object sorted;
    for (const auto name : names)
        sorted.emplace(name, withSortedMembers(object->at(name)));
    return sorted;
}

std::size_t annotationBytes(const api::Object& annotations)
{
    std::size_t bytes = 0;
    for (const auto& member : annotations)
        bytes += member.key().size() + (member.value().is_string() ? member.value().get_string().size() : 0);
    return bytes;
}

} // namespace

FieldSet lastAppliedFields(const api::Kind& kind, const Value& live)
{
    const auto text = api::stringAt(live, {"metadata", "annotations", annotation});
    auto last = text.empty() ? Result<Value>(fail(Reason::NotFound, "")) : api::parseJson(text);
    if (!last || !last->is_object() || api::stringAt(*last, {"apiVersion"}) != kind.groupVersion.text() ||
        !findMergeProblems(*kind.schema, *last).empty() || !api::checkTypes(kind, *last))
        return {};
    auto fields = fieldsOf(*kind.schema, *last);
    const auto changes = compare(*kind.schema, *last, live);
    fields.subtract(changes.modified);
    fields.subtract(changes.added);
    fields.subtract(changes.removed);
    return fields;
}

void renewLastApplied(Value& object, const Value& configuration)
{
    if (api::stringAt(object, {"metadata", "annotations", annotation}).empty())
        return;
    auto applied = configuration;
    if (auto* const annotations = api::find(applied, {"metadata", "annotations"});
        annotations && annotations->is_object())
        annotations->get_object().stable_erase(boost::json::string_view(annotation.data(), annotation.size()));
    auto& annotations = api::objectAt(object, {"metadata", "annotations"});
    auto& text = annotations[boost::json::string_view(annotation.data(), annotation.size())];
    text = api::writeJson(withSortedMembers(applied)) + "\n";
    if (annotationBytes(annotations) > annotationBytesMax)
        annotations.stable_erase(boost::json::string_view(annotation.data(), annotation.size()));
}

} // namespace keelson::fieldmanager
