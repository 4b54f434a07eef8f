// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"

namespace keelson::api {

inline constexpr std::string_view protobufMediaType = "application/vnd.kubernetes.protobuf";

/// True when the body begins with the magic "k8s\0".
bool isProtobuf(std::string_view body);
/// Reads `k8s\0` + runtime.Unknown; kind and version are those that the envelope names, in the catalog or among its
/// definitions (DeleteOptions, Scale, Status, ...). `BadRequest` says what is wrong and at which byte.
Result<Value> decodeProtobuf(const Catalog& catalog, std::string_view body);
/// Whether objects of the kind have a protobuf form: built-in kinds do, custom kinds do not.
bool hasProtobufForm(const Kind& kind);
/// The envelope and the object, or a list of such ("PodList" with metadata and items). `NotAcceptable` when the
/// object's kind has no protobuf form (custom kinds, Table).
Result<std::string> encodeProtobuf(const Catalog& catalog, const Value& object);
/// One watch event: `type` and the object's whole envelope, as Kubernetes frames them (meta.v1.WatchEvent, without
/// length prefix).
Result<std::string> encodeProtobufWatchEvent(const Catalog& catalog, std::string_view type, const Value& object);

} // namespace keelson::api
