// SPDX-License-Identifier: Apache-2.0
#include "registry/object_codec.h"

#include "api/conversion.h"
#include "api/custom_rules.h"
#include "api/json_text.h"
#include "api/schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

constexpr std::string_view versionMember = "\"resourceVersion\":\"";
constexpr std::string_view metadataStart = "\"metadata\":{";

/// `{"kind":"Pod","apiVersion":"v1","metadata":{`: with it all objects of a version begin.
std::string headOf(const Kind& kind, std::string_view apiVersion)
{
    return fmt::format(R"({{"kind":"{}","apiVersion":"{}",{})", kind.kind, apiVersion, metadataStart);
}

std::vector<std::string> splitPath(std::string_view path)
{
    std::vector<std::string> parts;
    while (!path.empty()) {
        const auto end = std::min(path.find('.'), path.size());
        parts.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return parts;
}

/// What a member that is absent equals.
std::string absentText(const Kind& kind, const std::vector<std::string>& parts)
{
    const auto* schema = kind.schema;
    for (const auto& part : parts) {
        const auto* const field = schema ? schema->field(part) : nullptr;
        schema = field ? field->schema : nullptr;
    }
    if (schema && schema->type == api::SchemaType::Boolean)
        return "false";
    return schema && schema->type == api::SchemaType::Integer && !kind.custom ? "0" : "";
}

/// Where a field is that is asked for by a name of its own.
std::string_view placeOf(std::string_view field)
{
    return field == "status.successful" ? "status.succeeded" : field;
}

void appendMember(std::string& text, std::string_view name, std::string_view json)
{
    if (text.back() != '{')
        text += ',';
    api::appendJsonString(text, name);
    text += ':';
    text += json;
}

} // namespace

api::Labels labelsOf(const Value& document)
{
    api::Labels labels;
    const auto* const found = api::find(document, {"metadata", "labels"});
    if (!found || !found->is_object())
        return labels;
    for (const auto& [name, value] : found->get_object()) {
        if (value.is_string())
            labels.emplace(name, value.get_string());
    }
    return labels;
}

std::string storePrefix(const Kind& kind)
{
    const std::string_view group = kind.groupVersion.group;
    return fmt::format("{}{}/{}/", storeRoot, group.empty() ? "core" : group, kind.plural);
}

std::string storeKey(const Kind& kind, const ObjectKey& key)
{
    return storePrefix(kind) + (kind.namespaced ? key.nameSpace + "/" + key.name : key.name);
}

std::string_view prefixIn(std::string_view storeKey)
{
    const auto group = storeKey.starts_with(storeRoot) ? storeKey.find('/', storeRoot.size()) : std::string_view::npos;
    const auto plural = group == std::string_view::npos ? group : storeKey.find('/', group + 1);
    return plural == std::string_view::npos ? std::string_view{} : storeKey.substr(0, plural + 1);
}

ObjectKey objectKey(const Kind& kind, std::string_view prefix, std::string_view storeKey)
{
    const auto rest = storeKey.substr(prefix.size());
    if (!kind.namespaced)
        return {{}, std::string(rest)};
    const auto slash = rest.find('/');
    return {std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

ObjectCodec::ObjectCodec(const Kind& kind) : m_kind(kind), m_head(headOf(kind, kind.groupVersion.text()))
{
    for (const auto& field : kind.fieldSelectors) {
        FieldPath path{splitPath(placeOf(field)), {}};
        path.otherwise = absentText(kind, path.parts);
        m_fields.push_back(std::move(path));
    }
}

std::string ObjectCodec::encode(const Value& object, std::string_view managedFields) const
{
    return encodeBehind(m_head, object, managedFields);
}

/// `text` is the head.
std::string ObjectCodec::encodeBehind(std::string text, const Value& object, std::string_view managedFields)
{
    if (const auto* const metadata = api::find(object, {"metadata"}); metadata && metadata->is_object()) {
        for (const auto& [name, value] : metadata->get_object()) {
            if (name != "resourceVersion")
                appendMember(text, name, api::writeJson(value));
        }
    }
    if (!managedFields.empty())
        appendMember(text, "managedFields", managedFields);
    text += '}';
    for (const auto& [name, value] : object.get_object()) {
        if (name != "kind" && name != "apiVersion" && name != "metadata")
            appendMember(text, name, api::writeJson(value));
    }
    text += '}';
    return text;
}

std::size_t ObjectCodec::headSize(std::string_view stored) const
{
    return stored.starts_with(m_head) ? m_head.size() : stored.find(metadataStart) + metadataStart.size();
}

std::string ObjectCodec::splice(std::string_view stored, Revision revision) const
{
    if (revision == 0)
        return std::string(stored);
    const auto head = headSize(stored);
    std::string json;
    json.reserve(stored.size() + versionMember.size() + 24);
    json += stored.substr(0, head);
    json += fmt::format("{}{}\"", versionMember, revision);
    if (stored.at(head) != '}')
        json += ',';
    json += stored.substr(head);
    return json;
}

std::string ObjectCodec::fieldText(const FieldPath& path, const Value& document) const
{
    const auto* value = &document;
    for (const auto& part : path.parts) {
        const auto* const object = value->if_object();
        value = object ? object->if_contains(part) : nullptr;
        if (!value)
            return path.otherwise;
    }
    return value->is_string() ? std::string(value->get_string()) : api::writeJson(*value);
}

std::shared_ptr<StoredObject> ObjectCodec::draft(const Value& document) const
{
    auto object = std::make_shared<StoredObject>();
    object->key = {std::string(api::stringAt(document, {"metadata", "namespace"})),
                   std::string(api::stringAt(document, {"metadata", "name"}))};
    object->uid = api::stringAt(document, {"metadata", "uid"});
    object->labels = labelsOf(document);
    object->fields.reserve(m_fields.size());
    for (const auto& path : m_fields)
        object->fields.push_back(fieldText(path, document));
    return object;
}

void ObjectCodec::finish(StoredObject& draft, std::string_view stored, Revision revision) const
{
    draft.json = splice(stored, revision);
    draft.revision = revision;
}

Result<StoredObjectPtr> ObjectCodec::decode(std::string_view stored, Revision revision) const
{
    auto document = api::parseJson(stored);
    if (!document || !document->is_object())
        return fail(Reason::InternalError,
                    fmt::format("a stored object of {} at revision {} cannot be read: {}", m_kind.resourceName(),
                                revision, document ? "it is no JSON object" : document.error().message));
    if (m_kind.custom)
        return decodeCustom(stored, *std::move(document), revision);
    auto object = draft(*document);
    if (stored.starts_with(m_head))
        finish(*object, stored, revision);
    else
        finish(*object, encode(*document, {}), revision); // written by a version that ordered members otherwise
    return object;
}

/// Custom kinds change while their objects stay: what is read is what the present schemas make of what was stored.
Result<StoredObjectPtr> ObjectCodec::decodeCustom(std::string_view stored, Value document, Revision revision) const
{
    api::objectAt(document, {"metadata"}).stable_erase("managedFields"); // Kept as the text that it is.
    m_kind.custom->read(document);
    if (m_kind.conversion && !m_kind.conversion->blocks()) {
        TRY_ASSIGN(document, api::convert(std::move(document), m_kind));
    }
    auto object = draft(document);
    const auto version = api::stringAt(document, {"apiVersion"});
    object->otherVersion = version != m_kind.groupVersion.text();
    const auto shown = encodeBehind(headOf(m_kind, version), document, api::managedFieldsIn(stored));
    if (shown != stored)
        object->stored = std::make_shared<const std::string>(stored);
    finish(*object, shown, revision);
    return object;
}

std::string ObjectCodec::storedBytes(const StoredObject& object) const
{
    return object.stored ? *object.stored : withoutRevision(object);
}

std::string ObjectCodec::withoutRevision(const StoredObject& object) const
{
    std::string stored = object.json;
    if (object.revision != 0) {
        const auto head = headSize(stored);
        const auto end = stored.find('"', head + versionMember.size()) + 1;
        stored.erase(head, end - head + (stored.at(end) == ',' ? 1 : 0));
    }
    return stored;
}

StoredObjectPtr ObjectCodec::withRevision(const StoredObject& object, Revision revision) const
{
    auto copy = std::make_shared<StoredObject>(object);
    copy->json = splice(withoutRevision(object), revision);
    copy->revision = revision;
    return copy;
}

bool matches(const Kind& kind, const api::FieldSelector& selector, const StoredObject& object)
{
    return std::ranges::all_of(selector.requirements(), [&](const api::FieldSelector::Requirement& requirement) {
        const auto field = std::ranges::find(kind.fieldSelectors, requirement.field);
        std::string_view value;
        if (requirement.field == "metadata.name")
            value = object.key.name;
        else if (requirement.field == "metadata.namespace")
            value = object.key.nameSpace;
        else if (field != kind.fieldSelectors.end())
            value = object.fields[static_cast<std::size_t>(field - kind.fieldSelectors.begin())];
        return (value == requirement.value) == requirement.equal;
    });
}

Result<Done> checkFields(const Kind& kind, const api::FieldSelector& selector)
{
    for (const auto& requirement : selector.requirements()) {
        if (requirement.field != "metadata.name" && requirement.field != "metadata.namespace" &&
            std::ranges::count(kind.fieldSelectors, requirement.field) == 0)
            return fail(Reason::BadRequest, fmt::format("field label not supported: {}", requirement.field));
    }
    return Done{};
}

} // namespace keelson::registry
