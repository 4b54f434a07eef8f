// SPDX-License-Identifier: Apache-2.0
#include "customresources/definition_rules.h"

#include "api/json_path.h"
#include "api/refusals.h"
#include "api/rules.h"
#include "customresources/custom_kind.h"
#include "customresources/schema_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::customresources {
namespace {

using api::Array;
using api::FieldPath;
using api::itemsAt;
using api::Refusals;
using api::stringAt;
using api::Value;

constexpr std::string_view approvalAnnotation = "api-approved.kubernetes.io";

/// Groups of the Kubernetes project itself.
bool isProtected(std::string_view group)
{
    const auto isIn = [&](std::string_view domain) {
        return group == domain || (group.ends_with(domain) && group[group.size() - domain.size() - 1] == '.');
    };
    return isIn("k8s.io") || isIn("kubernetes.io");
}

void checkApproval(const Value& definition, Refusals& refusals)
{
    if (!isProtected(stringAt(definition, {"spec", "group"})))
        return;
    const FieldPath root;
    const auto metadata = root.child("metadata");
    const auto annotations = metadata.child("annotations");
    if (stringAt(definition, {"metadata", "annotations", approvalAnnotation}).empty())
        refusals.required(annotations.key(approvalAnnotation),
                          fmt::format("protected groups must have approval annotation \"{}\", see "
                                      "https://github.com/kubernetes/enhancements/pull/1111",
                                      approvalAnnotation));
}

void checkPath(const Value& node, std::string_view member, std::string_view under, bool isNeeded, const FieldPath& path,
               Refusals& refusals)
{
    const auto text = stringAt(node, {member});
    const auto name = fmt::format("scale.{}", member);
    const auto at = path.child(name);
    if (text.empty()) {
        if (isNeeded)
            refusals.required(at);
    } else if (!text.starts_with('.')) {
        refusals.invalid(at, Value(text), "must be a simple json path starting with .");
    } else if (text.find_first_of("[]") != text.npos || text.find("..") != text.npos || text.ends_with('.')) {
        refusals.invalid(at, Value(text), "must be a json path without array notation");
    } else if (!text.starts_with(under)) {
        refusals.invalid(at, Value(text),
                         fmt::format("should be a json path under {}", under.substr(0, under.size() - 1)));
    }
}

void checkSubresources(const Value& version, const FieldPath& path, Refusals& refusals)
{
    const auto* scale = api::find(version, {"subresources", "scale"});
    if (!scale || !scale->is_object())
        return;
    const auto at = path.child("subresources");
    checkPath(*scale, "specReplicasPath", ".spec.", true, at, refusals);
    checkPath(*scale, "statusReplicasPath", ".status.", true, at, refusals);
    const auto selector = stringAt(*scale, {"labelSelectorPath"});
    checkPath(*scale, "labelSelectorPath", selector.starts_with(".spec.") ? ".spec." : ".status.", false, at, refusals);
}

void checkColumns(const Value& version, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 5> types{"boolean", "date", "integer", "number", "string"};
    constexpr std::array<std::string_view, 8> formats{"byte",  "date",  "date-time", "double",
                                                      "float", "int32", "int64",     "password"};
    const auto oneOf = [&](const auto& known, std::string_view word, const FieldPath& at) {
        if (!word.empty() && std::ranges::find(known, word) == known.end())
            refusals.invalid(at, Value(word), fmt::format("must be one of {}", fmt::join(known, ",")));
    };
    const auto& columns = itemsAt(version, {"additionalPrinterColumns"});
    const auto list = path.child("additionalPrinterColumns");
    for (std::size_t index = 0; index < columns.size(); ++index) {
        const auto at = list.index(index);
        oneOf(types, stringAt(columns[index], {"type"}), at.child("type"));
        oneOf(formats, stringAt(columns[index], {"format"}), at.child("format"));
        const auto text = stringAt(columns[index], {"jsonPath"});
        if (!text.empty() && !text.starts_with('.'))
            refusals.invalid(at.child("jsonPath"), Value(text), "must be a simple json path starting with .");
        else if (const auto wrong = api::wrongJsonPath(text); !wrong.empty())
            refusals.invalid(at.child("jsonPath"), Value(text), "is an invalid jsonpath: " + wrong);
    }
}

/// The node of the schema that a path of names leads to; null when it leads to none.
const Value* schemaAt(const Value& schema, std::string_view path)
{
    const auto* node = &schema;
    while (node && !path.empty()) {
        path.remove_prefix(1); // the dot
        const auto name = path.substr(0, path.find('.'));
        path.remove_prefix(name.size());
        node = api::find(*node, {"properties", name});
    }
    return node;
}

void checkSelectable(const Value& version, const FieldPath& path, Refusals& refusals)
{
    const auto& fields = itemsAt(version, {"selectableFields"});
    const auto list = path.child("selectableFields");
    std::set<std::string_view> seen;
    const auto* schema = api::find(version, {"schema", "openAPIV3Schema"});
    for (std::size_t index = 0; index < fields.size(); ++index) {
        const auto item = list.index(index);
        const auto at = item.child("jsonPath");
        const auto text = stringAt(fields[index], {"jsonPath"});
        if (text.empty())
            continue; // said by the kind's own rules
        if (!seen.insert(text).second) {
            refusals.duplicate(at, Value(text));
            continue;
        }
        const auto* node = schema && text.starts_with('.') ? schemaAt(*schema, text) : nullptr;
        const auto type = node ? stringAt(*node, {"type"}) : std::string_view{};
        if (text.starts_with(".metadata"))
            refusals.invalid(at, Value(text), "must not point to fields in metadata");
        else if (!node)
            refusals.invalid(at, Value(text), "is an invalid path: does not refer to a valid field");
        else if (type != "string" && type != "boolean" && type != "integer")
            refusals.invalid(
                at, Value(text),
                "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                "formats are allowed.");
    }
}

/// The schema that the version of that name has in another state of the definition; null: it has none.
const Value* schemaOf(const Value* definition, std::string_view name)
{
    if (definition)
        for (const auto& version : itemsAt(*definition, {"spec", "versions"}))
            if (stringAt(version, {"name"}) == name)
                return api::find(version, {"schema", "openAPIV3Schema"});
    return nullptr;
}

void checkVersion(const Value& version, const Value* old, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t warningMax = 256;
    const auto* before = schemaOf(old, stringAt(version, {"name"}));
    const auto* schema = api::find(version, {"schema", "openAPIV3Schema"});
    if (schema && (!before || *before != *schema)) { // What is stored stays, also where rules have become dearer.
        const auto part = path.child("schema");
        checkSchema(*schema, part.child("openAPIV3Schema"), refusals);
    }
    checkSubresources(version, path, refusals);
    checkColumns(version, path, refusals);
    checkSelectable(version, path, refusals);
    const auto warning = stringAt(version, {"deprecationWarning"});
    const auto at = path.child("deprecationWarning");
    if (!warning.empty() && !api::boolAt(version, {"deprecated"}))
        refusals.invalid(at, Value(warning), "can only be set for deprecated versions");
    if (warning.size() > warningMax)
        refusals.tooLong(at, warningMax);
    const auto* const given = api::find(version, {"deprecationWarning"});
    if (given && given->is_string() && warning.empty())
        refusals.invalid(at, Value(warning), "must not be empty");
    // Clients show it in a line. Other characters that cannot be printed are rare, and let through.
    const auto control = std::ranges::find_if(warning, [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (control != warning.end())
        refusals.invalid(at, Value(warning),
                         fmt::format("must only contain printable UTF-8 characters; non-printable character found at "
                                     "index {}",
                                     control - warning.begin()));
}

void checkChange(const Value& definition, const Value& old, const FieldPath& spec, Refusals& refusals)
{
    const auto unchanged = [&](std::initializer_list<std::string_view> member, const FieldPath& at) {
        const auto* now = api::find(definition.at("spec"), member);
        const auto* before = api::find(old.at("spec"), member);
        if (now && before && *now != *before)
            refusals.invalid(at, *now, "field is immutable");
    };
    const auto names = spec.child("names");
    if (holds(old, "Established")) {
        unchanged({"scope"}, spec.child("scope"));
        unchanged({"names", "kind"}, names.child("kind"));
    }
    unchanged({"group"}, spec.child("group"));
    unchanged({"names", "plural"}, names.child("plural"));
}

void checkStoredVersions(const Value& definition, Refusals& refusals)
{
    const FieldPath root;
    const auto status = root.child("status");
    const auto list = status.child("storedVersions");
    const auto& stored = itemsAt(definition, {"status", "storedVersions"});
    const auto& versions = itemsAt(definition, {"spec", "versions"});
    if (stored.empty())
        refusals.invalid(list, Value(stored), "must have at least one stored version");
    for (const auto& version : versions) {
        const Value name(stringAt(version, {"name"}));
        if (!stored.empty() && api::boolAt(version, {"storage"}) && std::ranges::find(stored, name) == stored.end())
            refusals.invalid(list, name, fmt::format("must have the storage version {}", api::textOf(name)));
    }
    for (std::size_t index = 0; index < stored.size(); ++index) {
        const auto isThere = std::ranges::any_of(
            versions, [&](const Value& version) { return stringAt(version, {"name"}) == api::textOf(stored[index]); });
        if (!isThere)
            refusals.invalid(list.index(index), stored[index],
                             fmt::format("missing from spec.versions; {} was previously a storage version, and must "
                                         "remain in spec.versions until a storage migration ensures no data remains "
                                         "persisted in {} and removes {} from status.storedVersions",
                                         api::textOf(stored[index]), api::textOf(stored[index]),
                                         api::textOf(stored[index])));
    }
}

} // namespace

std::vector<Cause> checkDefinition(const Value& definition, const Value* old)
{
    Refusals refusals;
    const FieldPath root;
    const auto spec = root.child("spec");
    const auto& versions = itemsAt(definition, {"spec", "versions"});
    const auto list = spec.child("versions");
    const bool sameSpec = old && definition.at("spec") == old->at("spec");
    for (std::size_t index = 0; index < versions.size() && !sameSpec; ++index)
        checkVersion(versions[index], old, list.index(index), refusals);
    if (!old)
        checkApproval(definition, refusals);
    else
        checkChange(definition, *old, spec, refusals);
    checkStoredVersions(definition, refusals);
    return refusals.take();
}

void noteStoredVersion(Value& definition)
{
    auto& stored = api::objectAt(definition, {"status"})["storedVersions"];
    if (!stored.is_array())
        stored = Array{};
    for (const auto& version : itemsAt(definition, {"spec", "versions"})) {
        const auto name = stringAt(version, {"name"});
        if (api::boolAt(version, {"storage"}) &&
            std::ranges::find(stored.get_array(), Value(name)) == stored.get_array().end())
            stored.get_array().emplace_back(name);
    }
}

} // namespace keelson::customresources
