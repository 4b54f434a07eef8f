// SPDX-License-Identifier: Apache-2.0
#include "customresources/merge_schema.h"

#include "api/catalog.h"

#include <algorithm>

namespace keelson::customresources {
namespace {

using api::Schema;
using api::SchemaType;

SchemaType scalarType(const StructuralSchema& schema)
{
    if (schema.intOrString)
        return SchemaType::IntOrString;
    switch (schema.type) {
    case StructuralType::String:
        return SchemaType::String;
    case StructuralType::Integer:
        return SchemaType::Integer;
    case StructuralType::Number:
        return SchemaType::Number;
    case StructuralType::Boolean:
        return SchemaType::Boolean;
    default:
        return SchemaType::Any;
    }
}

} // namespace

const Schema& MergeSchema::root(const StructuralSchema& schema, const std::string& name)
{
    m_root = &m_schemas.emplace_back();
    m_root->type = SchemaType::Object;
    m_root->name = name;
    m_root->envelope = true;
    addResource(*m_root);
    buildObject(*m_root, schema);
    index(*m_root);
    m_list = &m_schemas.emplace_back();
    m_list->type = SchemaType::Object;
    m_list->name = name + "List";
    m_list->envelope = true;
    m_list->description = "A list of such objects.";
    auto& text = m_schemas.emplace_back();
    text.type = SchemaType::String;
    addField(*m_list, "apiVersion", &text);
    addField(*m_list, "kind", &text);
    addField(*m_list, "metadata", api::Catalog::builtIn().findDefinition("meta/v1/ListMeta"));
    auto& items = m_schemas.emplace_back();
    items.type = SchemaType::Array;
    items.items = m_root;
    addField(*m_list, "items", &items);
    m_list->fields.back().required = true;
    index(*m_list);
    return *m_root;
}

const Schema* MergeSchema::build(const StructuralSchema& schema)
{
    auto& made = m_schemas.emplace_back();
    made.type = scalarType(schema);
    made.mapAtomic = schema.mapAtomic;
    made.preserveUnknown = schema.preserveUnknown;
    const bool isObject = schema.type == StructuralType::Object || !schema.properties.empty();
    if (isObject && schema.additional && schema.properties.empty()) {
        made.type = SchemaType::Map;
        made.items = build(*schema.additional);
    } else if (isObject) {
        made.type = SchemaType::Object;
        if (schema.embeddedResource)
            addResource(made);
        buildObject(made, schema);
        index(made);
    } else if (schema.type == StructuralType::Array) {
        made.type = SchemaType::Array;
        made.listType = schema.listType;
        made.listMapKeys = schema.listMapKeys;
        made.items = schema.items ? build(*schema.items) : &m_schemas.emplace_back();
    }
    return &made;
}

void MergeSchema::buildObject(Schema& made, const StructuralSchema& schema)
{
    made.preserveUnknown = schema.preserveUnknown || schema.anyAdditional || (schema.additional != nullptr);
    for (const auto& [name, part] : schema.properties) {
        if (std::ranges::find(made.fields, name, &api::Field::name) != made.fields.end())
            continue; // apiVersion, kind and metadata are those of every object
        addField(made, name, build(part));
        auto& field = made.fields.back();
        field.defaultValue = part.defaultValue;
        field.optional = true; // Empty and absent differ.
        field.required = std::ranges::find(schema.required, name) != schema.required.end();
    }
}

/// What every object has.
void MergeSchema::addResource(Schema& made)
{
    auto& text = m_schemas.emplace_back();
    text.type = SchemaType::String;
    addField(made, "apiVersion", &text);
    addField(made, "kind", &text);
    addField(made, "metadata", api::Catalog::builtIn().findDefinition("meta/v1/ObjectMeta"));
}

void MergeSchema::addField(Schema& made, std::string name, const Schema* schema)
{
    api::Field field;
    field.name = std::move(name);
    field.schema = schema;
    made.fields.push_back(std::move(field));
}

void MergeSchema::index(Schema& made)
{
    for (std::size_t at = 0; at < made.fields.size(); ++at)
        made.fieldIndex.emplace_back(made.fields[at].name, at);
    std::ranges::sort(made.fieldIndex);
}

} // namespace keelson::customresources
