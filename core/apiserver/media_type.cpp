// SPDX-License-Identifier: Apache-2.0
#include "apiserver/media_type.h"

#include "api/protobuf.h"

#include <fmt/format.h>

#include <optional>

namespace keelson::apiserver {
namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::optional<ReplyForm::Encoding> encodingOf(std::string_view type)
{
    if (type == "application/json" || type == "*/*" || type == "application/*")
        return ReplyForm::Encoding::Json;
    if (type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml")
        return ReplyForm::Encoding::Yaml;
    if (type == api::protobufMediaType)
        return ReplyForm::Encoding::Protobuf;
    return std::nullopt;
}

std::optional<ReplyForm> formOf(std::string_view item)
{
    ReplyForm form;
    const auto encoding = encodingOf(mediaTypeOf(item));
    if (!encoding)
        return std::nullopt;
    form.encoding = *encoding;
    const auto as = mediaParameter(item, "as");
    if (as.empty())
        return form;
    const auto version = mediaParameter(item, "v");
    if (mediaParameter(item, "g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1"))
        return std::nullopt;
    form.metaVersion = version;
    if (as == "Table" && form.encoding != ReplyForm::Encoding::Protobuf)
        form.shape = ReplyForm::Shape::Table;
    else if (as == "PartialObjectMetadata")
        form.shape = ReplyForm::Shape::Metadata;
    else if (as == "PartialObjectMetadataList")
        form.shape = ReplyForm::Shape::MetadataList;
    else
        return std::nullopt;
    return form;
}

} // namespace

std::string_view mediaTypeOf(std::string_view header)
{
    return trimmed(header.substr(0, header.find(';')));
}

std::string_view mediaParameter(std::string_view header, std::string_view name)
{
    auto semicolon = header.find(';');
    while (semicolon != std::string_view::npos) {
        header = header.substr(semicolon + 1);
        semicolon = header.find(';');
        const auto item = trimmed(header.substr(0, semicolon));
        const auto equals = item.find('=');
        if (equals != std::string_view::npos && item.substr(0, equals) == name)
            return item.substr(equals + 1);
    }
    return {};
}

std::string ReplyForm::contentType() const
{
    switch (encoding) {
    case Encoding::Json:
        return "application/json";
    case Encoding::Yaml:
        return "application/yaml";
    case Encoding::Protobuf:
        return std::string(api::protobufMediaType);
    }
    return "application/json";
}

Result<ReplyForm> negotiate(std::string_view accept)
{
    if (accept.empty() || accept == "application/json" || accept == "*/*")
        return ReplyForm{};
    auto rest = accept;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        if (auto form = formOf(trimmed(rest.substr(0, comma))))
            return *form;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return fail(
        Reason::NotAcceptable,
        fmt::format("none of the media types \"{}\" can be given; there are application/json, application/yaml and {}",
                    accept, api::protobufMediaType));
}

Result<BodyFormat> bodyFormat(std::string_view contentType)
{
    const auto type = mediaTypeOf(contentType);
    if (type.empty() || type == "*/*")
        return BodyFormat::Json;
    const auto encoding = encodingOf(type);
    if (!encoding) {
        return fail(
            Reason::UnsupportedMediaType,
            fmt::format("the body's media type \"{}\" is not understood; application/json, application/yaml and {} are",
                        type, api::protobufMediaType));
    }
    switch (*encoding) {
    case ReplyForm::Encoding::Json:
        return BodyFormat::Json;
    case ReplyForm::Encoding::Yaml:
        return BodyFormat::Yaml;
    case ReplyForm::Encoding::Protobuf:
        return BodyFormat::Protobuf;
    }
    return BodyFormat::Json;
}

} // namespace keelson::apiserver
