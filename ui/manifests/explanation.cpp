// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/explanation.h"

#include "document/scan.h"
#include "document/schema_walk.h"
#include "manifests/cursor_place.h"

#include <fmt/format.h>

namespace keelson::manifests {

namespace {

using api::Schema;
using api::SchemaType;

void addFacts(const Schema& schema, Explanation& explanation)
{
    if (!schema.enumeration.empty())
        explanation.facts.push_back(fmt::format("One of: {}", fmt::join(schema.enumeration, ", ")));
    if (schema.minimum && schema.maximum)
        explanation.facts.push_back(fmt::format("From {} to {}", *schema.minimum, *schema.maximum));
    else if (schema.minimum)
        explanation.facts.push_back(fmt::format("At least {}", *schema.minimum));
    else if (schema.maximum)
        explanation.facts.push_back(fmt::format("At most {}", *schema.maximum));
    if (schema.lengthMax)
        explanation.facts.push_back(fmt::format("At most {} characters", *schema.lengthMax));
    if (!schema.listMapKeys.empty())
        explanation.facts.push_back(fmt::format("Items are told apart by {}", fmt::join(schema.listMapKeys, " and ")));
}

} // namespace

Explanation explanationOf(const document::Path& path, const api::Field& field)
{
    Explanation made;
    made.title = document::pathText(path);
    made.type = document::typeWords(*field.schema) + (field.required ? ", required" : "");
    made.text = field.description.empty() ? field.schema->description : field.description;
    if (field.defaultValue)
        made.facts.push_back(fmt::format("Default: {}", field.defaultValue->is_string()
                                                            ? std::string(field.defaultValue->get_string())
                                                            : api::writeJson(*field.defaultValue)));
    if (!field.unit.empty())
        made.facts.push_back(fmt::format("In {}", field.unit));
    if (field.immutable)
        made.facts.emplace_back("Cannot be changed once the object exists");
    addFacts(*field.schema, made);
    return made;
}

Explanation explain(std::string_view text, std::size_t offset, const document::Kinds& kinds)
{
    const auto place = placeAt(text, offset);
    if (place.what == CursorPlace::What::None)
        return {};
    auto path = place.path;
    if (place.what == CursorPlace::What::Entry) {
        if (!place.hasColon)
            return {};
        path.emplace_back(place.token);
    }
    const auto* kind = kinds.find(place.apiVersion, place.kind);
    if (!kind)
        return {};
    if (const auto* field = document::fieldAt(*kind, path))
        return explanationOf(path, *field);
    const auto* schema = document::schemaAt(*kind, path);
    if (!schema || path.empty())
        return {};
    Explanation made;
    made.title = document::pathText(path);
    made.type = document::typeWords(*schema);
    made.text = schema->description;
    return made;
}

} // namespace keelson::manifests
