// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace keelson::apiserver {

/// The form in which a client wants its answer.
struct ReplyForm {
    enum class Encoding { Json, Yaml, Protobuf };
    enum class Shape {
        Whole,
        Table,       ///< meta.k8s.io Table: rows of cells, for people.
        Metadata,    ///< PartialObjectMetadata
        MetadataList ///< PartialObjectMetadataList
    };
    Encoding encoding = Encoding::Json;
    Shape shape = Shape::Whole;
    std::string metaVersion = "v1"; ///< Of the Table: v1 or v1beta1.

    std::string contentType() const;
    bool plainJson() const { return encoding == Encoding::Json && shape == Shape::Whole; }
};

/// What can be offered for an answer.
struct Offer {
    bool protobuf = true; ///< The kind has a protobuf form.
    bool stream = false;  ///< A watch: no YAML.
    bool list = false;    ///< PartialObjectMetadataList for lists, PartialObjectMetadata for the others.
};

/// The form in the header Accept that the client likes best (by q, then by order) and we can give; JSON when it is
/// empty. `NotAcceptable` lists what there is.
Result<ReplyForm> negotiate(std::string_view accept, const Offer& offer = {});

enum class BodyFormat { Json, Yaml, Protobuf };
/// By the header Content-Type; JSON when it is empty. `UnsupportedMediaType` lists what is understood.
Result<BodyFormat> bodyFormat(std::string_view contentType);

/// "application/json" of "application/json; charset=utf-8".
std::string_view mediaTypeOf(std::string_view header);
/// "v2" of parameter "v" in "application/json;g=x;v=v2"; empty when there is none.
std::string_view mediaParameter(std::string_view header, std::string_view name);

} // namespace keelson::apiserver
