// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/drift.h"

#include "api/base64.h"
#include "api/schema.h"
#include "api/validation.h"

#include <algorithm>

namespace keelson::design {

namespace {

using api::Schema;
using api::Value;
using document::operator/;
using document::Path;

class Comparison {
public:
    std::vector<Path> take() { return std::move(m_found); }

    void compare(const Schema* schema, const Value& wanted, const Value* live, const Path& path)
    {
        if (m_found.size() >= driftMax || wanted.is_null())
            return;
        if (const auto* object = wanted.if_object()) {
            // An empty part says nothing that a server has to keep.
            if (!live || !live->is_object()) {
                if (!object->empty())
                    m_found.push_back(path);
                return;
            }
            for (const auto& member : *object)
                compare(below(schema, member.key()), member.value(), api::find(*live, {member.key()}),
                        path / std::string(member.key()));
        } else if (const auto* list = wanted.if_array()) {
            compareLists(schema, *list, live, path);
        } else if (!live ? isTelling(wanted) : *live != wanted) {
            m_found.push_back(path);
        }
    }

private:
    static const Schema* below(const Schema* schema, std::string_view name)
    {
        if (!schema)
            return nullptr;
        if (schema->type == api::SchemaType::Map)
            return schema->items;
        const auto* field = schema->type == api::SchemaType::Object ? schema->field(name) : nullptr;
        return field ? field->schema : nullptr;
    }

    /// False for what servers leave out: "", 0, false.
    static bool isTelling(const Value& value)
    {
        return value.is_string() ? !value.get_string().empty() : value.is_bool() ? value.get_bool() : value != Value(0);
    }

    void compareLists(const Schema* schema, const api::Array& wanted, const Value* live, const Path& path)
    {
        const auto* items = schema ? schema->items : nullptr;
        const auto* there = live ? live->if_array() : nullptr;
        const bool hasKeys = schema && schema->listType == api::ListType::Map;
        if (!there || (!hasKeys && there->size() != wanted.size())) {
            if (!wanted.empty())
                m_found.push_back(path);
            return;
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto* other = hasKeys ? ofSameKey(*schema, wanted[i], *there) : &(*there)[i];
            if (other)
                compare(items, wanted[i], other, path / i);
            else
                m_found.push_back(path / i);
        }
    }

    static const Value* ofSameKey(const Schema& schema, const Value& item, const api::Array& list)
    {
        const auto found = std::ranges::find_if(list, [&](const Value& other) {
            return std::ranges::all_of(schema.listMapKeys, [&](const std::string& key) {
                const auto* own = api::find(item, {key});
                const auto* theirs = api::find(other, {key});
                return !own || (theirs && *own == *theirs); // what is not said has its default
            });
        });
        return found == list.end() ? nullptr : &*found;
    }

    std::vector<Path> m_found;
};

/// `stringData` is what a server stores as `data`.
void foldStringData(Value& object)
{
    const auto* texts = api::find(object, {"stringData"});
    if (!texts || !texts->is_object() || api::stringAt(object, {"kind"}) != "Secret")
        return;
    const api::Object all = texts->get_object();
    for (const auto& member : all)
        if (member.value().is_string())
            api::objectAt(object, {"data"})[member.key()] =
                api::encodeBase64(std::string_view(member.value().get_string()));
    object.get_object().stable_erase("stringData");
}

} // namespace

std::vector<Path> driftOf(const api::Kind* kind, const Value& manifest, const Value& live)
{
    auto wanted = manifest;
    auto there = live;
    foldStringData(wanted);
    if (kind && wanted.is_object() && there.is_object()) {
        api::normalizeScalars(*kind, wanted);
        api::normalizeScalars(*kind, there);
    }
    Comparison comparison;
    if (wanted.is_object())
        for (const auto& member : wanted.get_object())
            if (member.key() != "status" && member.key() != "apiVersion")
                comparison.compare(
                    kind ? (kind->schema->field(member.key()) ? kind->schema->field(member.key())->schema : nullptr)
                         : nullptr,
                    member.value(), api::find(there, {member.key()}), Path{std::string(member.key())});
    return comparison.take();
}

} // namespace keelson::design
