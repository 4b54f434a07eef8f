// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "apiserver/http_message.h"
#include "apiserver/media_type.h"
#include "base/clock.h"
#include "registry/registry.h"

#include <optional>
#include <string>

namespace keelson::apiserver {

/// How much of each object a Table carries along, by the parameter includeObject.
enum class TableObjects { None, Metadata, Whole };
Result<TableObjects> tableObjects(std::string_view text);

/// What is needed to put objects of a kind into the form that a client wants.
struct ReplyContext {
    const api::Catalog& catalog;
    const api::Kind& kind;
    ReplyForm form;
    TableObjects tableObjects = TableObjects::Metadata;
    WallTime now;
};

/// Any document (a Status, a Scale, a review). A Table or metadata cannot be had of those: they go out whole.
Result<Response> encodeDocument(const ReplyForm& form, const api::Catalog& catalog, const api::Value& document);
/// A Scale, which no kind of the catalog describes: its columns are those of `scaleKind`.
Result<Response> encodeScale(const ReplyContext& context, const api::Value& scale);
const api::Kind& scaleKind();
/// Plain JSON goes out as it is stored, without a copy.
Result<Response> encodeObject(const ReplyContext& context, const registry::StoredObjectPtr& object);
/// Plain JSON: a head, then the objects' own bytes.
Result<Response> encodeList(const ReplyContext& context, const registry::ObjectList& list);

/// One object in the wanted shape, as a document: for watch events that are no plain JSON. `columns`: with the table's
/// head.
Result<api::Value> shapedObject(const ReplyContext& context, const registry::StoredObject& object, bool columns);

/// Indents JSON for people, when the query says so: `pretty=true`.
void indentWhenAsked(const Request& request, Response& response);

/// Compresses (gzip) what is large, when the client asks for it and is on another machine.
void compressWhenWorthwhile(const Request& request, Response& response);

/// "PodList" with its apiVersion, resourceVersion and continue token, up to the opening bracket of the items.
std::string listHead(const api::Kind& kind, const registry::ObjectList& list);

} // namespace keelson::apiserver
