// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf.h"
#include "api/protobuf_wire.h"
#include "api/schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::api {
namespace {

constexpr std::string_view magic{"k8s\0", 4};

/// A kind or a definition that stands alone. Every group has DeleteOptions, Status and other parts of meta/v1 as its
/// own.
const Schema* findSchema(const Catalog& catalog, std::string_view apiVersion, std::string_view kind)
{
    const auto groupVersion = GroupVersion::parse(apiVersion);
    if (const auto* found = catalog.find(groupVersion, kind))
        return found->schema;
    for (const auto& [name, schema] : catalog.definitions()) {
        const auto slash = name.rfind('/');
        const bool named =
            schema->envelope && slash != std::string::npos && std::string_view{name}.substr(slash + 1) == kind;
        if (named && catalog.groupVersionOf(name) == groupVersion)
            return schema;
    }
    const auto* shared = catalog.findDefinition(fmt::format("meta/v1/{}", kind));
    return shared && shared->envelope ? shared : nullptr;
}

bool hasProtobufForm(const Schema& schema)
{
    return std::ranges::any_of(schema.fields, [](const Field& field) { return field.protoNumber > 0; });
}

constexpr std::string_view listSuffix = "List";

/// The message of a list: its metadata, then its items. Lists are no definitions of their own: all have this form.
Result<std::string> encodeListMessage(const Catalog& catalog, const Object& list, const Schema& item)
{
    WireWriter message;
    const auto* metadataSchema = catalog.findDefinition("meta/v1/ListMeta");
    const auto* const metadata = list.if_contains("metadata");
    if (metadataSchema && metadata && metadata->is_object()) {
        TRY_ASSIGN(const auto bytes, encodeMessage(*metadataSchema, metadata->get_object()));
        message.bytes(1, bytes);
    }
    const auto* const items = list.if_contains("items");
    if (!items || !items->is_array())
        return message.take();
    for (const auto& one : items->get_array()) {
        if (!one.is_object())
            return fail(Reason::Invalid, "items: an object is wanted");
        TRY_ASSIGN(const auto bytes, encodeMessage(item, one.get_object()));
        message.bytes(2, bytes);
    }
    return message.take();
}

struct Envelope {
    std::string_view apiVersion;
    std::string_view kind;
    std::string_view raw;
    std::size_t rawOffset = 0;
};

Result<Done> readTypeMeta(Envelope& envelope, const WireField& typeMeta)
{
    WireReader reader{typeMeta.bytes, typeMeta.offset};
    while (!reader.done()) {
        TRY_ASSIGN(const auto field, reader.next());
        if (field.type != WireType::Bytes)
            continue;
        if (field.number == 1) {
            TRY_ASSIGN(envelope.apiVersion, textOf(field));
        } else if (field.number == 2) {
            TRY_ASSIGN(envelope.kind, textOf(field));
        }
    }
    return Done{};
}

Result<Envelope> readEnvelope(std::string_view body)
{
    if (!isProtobuf(body))
        return wireError("the magic \"k8s\\0\" is missing", 0);
    if (body.size() > documentBytesMax)
        return fail(Reason::RequestEntityTooLarge,
                    fmt::format("protobuf: {} bytes are more than {}", body.size(), documentBytesMax));
    Envelope envelope;
    WireReader reader{body.substr(magic.size()), magic.size()};
    while (!reader.done()) {
        TRY_ASSIGN(const auto field, reader.next());
        if (field.type != WireType::Bytes)
            return wireError(fmt::format("field {} of the envelope has the wrong wire type", field.number),
                             field.offset);
        if (field.number == 1) {
            TRY_OK(readTypeMeta(envelope, field));
        } else if (field.number == 2) {
            envelope.raw = field.bytes;
            envelope.rawOffset = field.offset;
        } else if (field.number == 3 && !field.bytes.empty()) {
            return wireError("the envelope's content has an encoding, which is not supported", field.offset);
        }
    }
    return envelope;
}

} // namespace

bool isProtobuf(std::string_view body)
{
    return body.starts_with(magic);
}

Result<Value> decodeProtobuf(const Catalog& catalog, std::string_view body)
{
    TRY_ASSIGN(const auto envelope, readEnvelope(body));
    if (envelope.kind.empty() || envelope.apiVersion.empty())
        return wireError("the envelope does not name apiVersion and kind", magic.size());
    const auto* schema = findSchema(catalog, envelope.apiVersion, envelope.kind);
    if (!schema || !hasProtobufForm(*schema)) {
        return fail(Reason::BadRequest, fmt::format("no kind \"{}\" is registered for version \"{}\" in protobuf form",
                                                    envelope.kind, envelope.apiVersion));
    }
    TRY_ASSIGN(auto members, decodeMessage(*schema, envelope.raw, envelope.rawOffset, 1));
    Object object;
    object.emplace("apiVersion", envelope.apiVersion);
    object.emplace("kind", envelope.kind);
    for (auto& member : members)
        object.emplace(member.key(), std::move(member.value()));
    return object;
}

bool hasProtobufForm(const Kind& kind)
{
    return kind.schema && hasProtobufForm(*kind.schema);
}

Result<std::string> encodeProtobuf(const Catalog& catalog, const Value& object)
{
    const std::string_view apiVersion = stringAt(object, {"apiVersion"});
    const std::string_view kind = stringAt(object, {"kind"});
    const auto* schema = findSchema(catalog, apiVersion, kind);
    const bool list = !schema && kind.ends_with(listSuffix);
    if (list)
        schema = findSchema(catalog, apiVersion, kind.substr(0, kind.size() - listSuffix.size()));
    if (!object.is_object() || !schema || !hasProtobufForm(*schema))
        return fail(Reason::NotAcceptable,
                    fmt::format("{} {} has no protobuf form; ask for application/json", apiVersion, kind));
    TRY_ASSIGN(const auto message, list ? encodeListMessage(catalog, object.get_object(), *schema)
                                        : encodeMessage(*schema, object.get_object()));
    WireWriter typeMeta;
    typeMeta.bytes(1, apiVersion);
    typeMeta.bytes(2, kind);
    WireWriter unknown;
    unknown.bytes(1, typeMeta.take());
    unknown.bytes(2, message);
    unknown.bytes(3, "");
    unknown.bytes(4, "");
    return std::string{magic} + unknown.take();
}

Result<std::string> encodeProtobufWatchEvent(const Catalog& catalog, std::string_view type, const Value& object)
{
    TRY_ASSIGN(const auto whole, encodeProtobuf(catalog, object));
    WireWriter raw;
    raw.bytes(1, whole);
    WireWriter event;
    event.bytes(1, type);
    event.bytes(2, raw.take());
    return event.take();
}

} // namespace keelson::api
