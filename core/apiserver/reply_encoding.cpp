// SPDX-License-Identifier: Apache-2.0
#include "apiserver/reply_encoding.h"

#include "api/protobuf.h"
#include "api/table.h"
#include "apiserver/limits.h"

#include <fmt/format.h>
#include <zlib.h>

#include <utility>

namespace keelson::apiserver {
namespace {

using Shape = ReplyForm::Shape;
using Encoding = ReplyForm::Encoding;

api::Object listMetadata(const registry::ObjectList& list)
{
    api::Object metadata;
    if (list.revision > 0) // What is not stored has none.
        metadata["resourceVersion"] = std::to_string(list.revision);
    if (!list.continueToken.empty())
        metadata["continue"] = list.continueToken;
    if (list.remaining)
        metadata["remainingItemCount"] = *list.remaining;
    return metadata;
}

api::Value metadataOnly(const api::Value& object, const std::string& metaVersion)
{
    const auto* metadata = api::find(object, {"metadata"});
    return api::Object{{"kind", "PartialObjectMetadata"},
                       {"apiVersion", "meta.k8s.io/" + metaVersion},
                       {"metadata", metadata ? *metadata : api::Value(api::Object{})}};
}

api::Value tableRow(const ReplyContext& context, api::Value object)
{
    api::Object row{{"cells", api::tableCells(context.kind, object, context.now)}};
    if (context.tableObjects == TableObjects::Metadata)
        row["object"] = metadataOnly(object, context.form.metaVersion);
    else if (context.tableObjects == TableObjects::Whole)
        row["object"] = std::move(object);
    return row;
}

api::Object tableOf(const ReplyContext& context, api::Object metadata, api::Array rows, bool columns)
{
    return {{"kind", "Table"},
            {"apiVersion", "meta.k8s.io/" + context.form.metaVersion},
            {"metadata", std::move(metadata)},
            {"columnDefinitions", columns ? api::Value(api::tableColumns(context.kind)) : api::Value()},
            {"rows", std::move(rows)}};
}

api::Object versionMetadata(const api::Value& object)
{
    return {{"resourceVersion", api::stringAt(object, {"metadata", "resourceVersion"})}};
}

Result<Response> encoded(const ReplyForm& form, const api::Catalog& catalog, const api::Value& document)
{
    switch (form.encoding) {
    case Encoding::Json:
        return Response::text(200, "application/json", api::writeJson(document) + "\n");
    case Encoding::Yaml:
        return Response::text(200, "application/yaml", api::writeYaml(document));
    case Encoding::Protobuf: {
        TRY_ASSIGN(auto bytes, api::encodeProtobuf(catalog, document));
        return Response::text(200, form.contentType(), std::move(bytes));
    }
    }
    return fail(Reason::NotAcceptable, "an encoding that nobody knows");
}

Result<Response> plainList(const ReplyContext& context, const registry::ObjectList& list)
{
    Response response;
    response.contentType = "application/json";
    response.body.reserve(list.objects.size() * 2 + 2);
    response.body.push_back(Chunk::own(listHead(context.kind, list)));
    bool first = true;
    for (const auto& object : list.objects) {
        if (!first)
            response.body.push_back(Chunk::literal(","));
        first = false;
        response.body.push_back({object->json, object});
    }
    response.body.push_back(Chunk::literal("]}\n"));
    return response;
}

void indent(const api::Value& value, std::string& text, const std::string& margin)
{
    const auto begin = [&](char bracket, bool first) {
        text += first ? std::string(1, bracket) : ",";
        text += "\n" + margin + "  ";
    };
    const bool filled =
        (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
    if (!filled) {
        text += api::writeJson(value);
        return;
    }
    bool first = true;
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            begin('{', std::exchange(first, false));
            text += api::writeJson(api::Value(member.key())) + ": ";
            indent(member.value(), text, margin + "  ");
        }
    } else {
        for (const auto& item : value.get_array()) {
            begin('[', std::exchange(first, false));
            indent(item, text, margin + "  ");
        }
    }
    text += "\n" + margin + (value.is_object() ? "}" : "]");
}

/// Two columns a level; what is empty stays on its line.
std::string indentedJson(const api::Value& value)
{
    std::string text;
    indent(value, text, "");
    return text;
}

bool acceptsGzip(std::string_view accepted)
{
    const auto begin = accepted.find("gzip");
    if (begin == std::string_view::npos)
        return false;
    const auto item = accepted.substr(begin, accepted.find(',', begin) - begin);
    const auto quality = mediaParameter(item, "q");
    return quality.empty() || quality.find_first_not_of("0.") != std::string_view::npos;
}

api::Value shaped(const ReplyContext& context, api::Value document, bool columns)
{
    switch (context.form.shape) {
    case Shape::Whole:
        return document;
    case Shape::Table: {
        auto metadata = versionMetadata(document);
        api::Array rows;
        rows.push_back(tableRow(context, std::move(document)));
        return tableOf(context, std::move(metadata), std::move(rows), columns);
    }
    case Shape::Metadata:
    case Shape::MetadataList:
        return metadataOnly(document, context.form.metaVersion);
    }
    return document;
}

} // namespace

Result<TableObjects> tableObjects(std::string_view text)
{
    if (text.empty() || text == "Metadata")
        return TableObjects::Metadata;
    if (text == "None")
        return TableObjects::None;
    if (text == "Object")
        return TableObjects::Whole;
    return fail(Reason::BadRequest, fmt::format("includeObject must be None, Metadata or Object, not \"{}\"", text));
}

std::string listHead(const api::Kind& kind, const registry::ObjectList& list)
{
    return fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{},"items":[)", kind.listName(),
                       kind.groupVersion.text(), api::writeJson(listMetadata(list)));
}

Result<Response> encodeDocument(const ReplyForm& form, const api::Catalog& catalog, const api::Value& document)
{
    auto response = encoded(form, catalog, document);
    if (!response && form.encoding == Encoding::Protobuf) // What has no protobuf form goes out as JSON, and says so.
        return encoded(ReplyForm{}, catalog, document);
    return response;
}

Result<api::Value> shapedObject(const ReplyContext& context, const registry::StoredObject& object, bool columns)
{
    TRY_ASSIGN(auto document, api::parseJson(object.json));
    return shaped(context, std::move(document), columns);
}

const api::Kind& scaleKind()
{
    static const api::Kind kind = [] {
        api::Kind scale;
        scale.groupVersion = {"autoscaling", "v1"};
        scale.kind = "Scale";
        scale.columns = {
            {"Name", "string", "name", "The name of the workload.", ".metadata.name", "", 0},
            {"Desired", "integer", "", "How many replicas are wanted.", ".spec.replicas", "", 0},
            {"Available", "integer", "", "How many replicas are there.", ".status.replicas", "", 0},
            {"Age", "date", "", "How long ago the workload was created.", ".metadata.creationTimestamp", "", 0}};
        return scale;
    }();
    return kind;
}

Result<Response> encodeScale(const ReplyContext& context, const api::Value& scale)
{
    return encodeDocument(context.form, context.catalog, shaped(context, scale, true));
}

Result<Response> encodeObject(const ReplyContext& context, const registry::StoredObjectPtr& object)
{
    if (context.form.plainJson()) {
        Response response;
        response.contentType = "application/json";
        response.body = {{object->json, object}, Chunk::literal("\n")};
        return response;
    }
    TRY_ASSIGN(const auto document, shapedObject(context, *object, true));
    return encoded(context.form, context.catalog, document);
}

Result<Response> encodeList(const ReplyContext& context, const registry::ObjectList& list)
{
    if (context.form.plainJson())
        return plainList(context, list);
    const bool table = context.form.shape == Shape::Table;
    const bool partial = context.form.shape == Shape::Metadata || context.form.shape == Shape::MetadataList;
    api::Array items;
    items.reserve(list.objects.size());
    for (const auto& object : list.objects) {
        TRY_ASSIGN(auto document, api::parseJson(object->json));
        if (table)
            items.push_back(tableRow(context, std::move(document)));
        else if (partial)
            items.push_back(metadataOnly(document, context.form.metaVersion));
        else
            items.push_back(std::move(document));
    }
    if (table)
        return encoded(context.form, context.catalog, tableOf(context, listMetadata(list), std::move(items), true));
    const api::Value document = api::Object{
        {"kind", partial ? "PartialObjectMetadataList" : context.kind.listName()},
        {"apiVersion", partial ? "meta.k8s.io/" + context.form.metaVersion : context.kind.groupVersion.text()},
        {"metadata", listMetadata(list)},
        {"items", std::move(items)}};
    return encoded(context.form, context.catalog, document);
}

void indentWhenAsked(const Request& request, Response& response)
{
    const auto wish = lowered(request.query.get("pretty"));
    if ((wish != "true" && wish != "1" && wish != "t") || response.contentType != "application/json" ||
        response.headers.has("Content-Encoding") || response.bodyBytes() > indentedBytesMax)
        return;
    std::string text;
    for (const auto& chunk : response.body)
        text += chunk.bytes;
    if (const auto document = api::parseJson(text))
        response.body = {Chunk::own(indentedJson(*document) + "\n")};
}

void compressWhenWorthwhile(const Request& request, Response& response)
{
    const bool local = request.remoteAddress.starts_with("127.") || request.remoteAddress.starts_with("::1:");
    if (local || !acceptsGzip(request.headers.get("Accept-Encoding")) || response.bodyBytes() < compressBytesMin ||
        response.headers.has("Content-Encoding"))
        return;
    z_stream zip{};
    constexpr int gzipWindow = 15 + 16;
    constexpr int memory = 8;
    if (deflateInit2(&zip, Z_BEST_SPEED, Z_DEFLATED, gzipWindow, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    std::string out;
    std::string part(std::size_t{64} * 1024, '\0');
    const auto feed = [&](std::string_view bytes, int flush) {
        zip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // zlib only reads it.
        zip.avail_in = static_cast<uInt>(bytes.size());
        do {
            zip.next_out = reinterpret_cast<Bytef*>(part.data());
            zip.avail_out = static_cast<uInt>(part.size());
            deflate(&zip, flush);
            out.append(part.data(), part.size() - zip.avail_out);
        } while (zip.avail_out == 0);
    };
    for (const auto& chunk : response.body)
        feed(chunk.bytes, Z_NO_FLUSH);
    feed({}, Z_FINISH);
    deflateEnd(&zip);
    response.body = {Chunk::own(std::move(out))};
    response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
}

} // namespace keelson::apiserver
