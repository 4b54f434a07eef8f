// SPDX-License-Identifier: Apache-2.0
#include "apiserver/media_type.h"

#include "api/protobuf.h"

#include <fmt/format.h>

#include <algorithm>
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

bool isOffered(const ReplyForm& form, const Offer& offer)
{
    using Shape = ReplyForm::Shape;
    switch (form.shape) {
    case Shape::Whole:
        break;
    case Shape::Table:
        return form.encoding != ReplyForm::Encoding::Protobuf;
    case Shape::Metadata: // has a protobuf form, whatever the kind
        return !offer.list;
    case Shape::MetadataList:
        return offer.list;
    }
    return offer.protobuf || form.encoding != ReplyForm::Encoding::Protobuf;
}

std::optional<ReplyForm> formOf(std::string_view item, const Offer& offer)
{
    ReplyForm form;
    const auto encoding = encodingOf(mediaTypeOf(item));
    if (!encoding || (offer.stream && *encoding == ReplyForm::Encoding::Yaml))
        return std::nullopt;
    form.encoding = *encoding;
    const auto as = mediaParameter(item, "as");
    if (!as.empty()) {
        const auto version = mediaParameter(item, "v");
        if (mediaParameter(item, "g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1"))
            return std::nullopt;
        form.metaVersion = version;
        if (as == "Table")
            form.shape = ReplyForm::Shape::Table;
        else if (as == "PartialObjectMetadata")
            form.shape = ReplyForm::Shape::Metadata;
        else if (as == "PartialObjectMetadataList")
            form.shape = ReplyForm::Shape::MetadataList;
        else
            return std::nullopt;
    }
    return isOffered(form, offer) ? std::optional(form) : std::nullopt;
}

/// The q of a media range (RFC 9110, section 12.4.2) in thousandths; 1000 when there is none that can be read.
int qualityOf(std::string_view item)
{
    constexpr int best = 1000;
    const auto text = mediaParameter(item, "q");
    if (text.empty() || text.front() != '0')
        return best;
    int quality = 0;
    int digit = best / 10;
    for (const char letter : text.substr(std::min(text.size(), std::size_t{2}))) {
        if (letter < '0' || letter > '9')
            return best;
        quality += (letter - '0') * digit;
        digit /= 10;
    }
    return quality;
}

std::string acceptedTypes(const Offer& offer)
{
    if (offer.stream)
        return fmt::format("application/json;stream=watch{}{}{}", offer.protobuf ? ", " : "",
                           offer.protobuf ? api::protobufMediaType : "", offer.protobuf ? ";stream=watch" : "");
    return fmt::format("application/json, application/yaml{}{}", offer.protobuf ? ", " : "",
                       offer.protobuf ? api::protobufMediaType : "");
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

Result<ReplyForm> negotiate(std::string_view accept, const Offer& offer)
{
    if (accept.empty() || accept == "application/json" || accept == "*/*")
        return ReplyForm{};
    std::optional<ReplyForm> best;
    int bestQuality = 0;
    auto rest = accept;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto item = trimmed(rest.substr(0, comma));
        const auto quality = qualityOf(item);
        if (quality > bestQuality) {
            if (auto form = formOf(item, offer)) {
                best = std::move(form);
                bestQuality = quality;
            }
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (best)
        return *best;
    return fail(Reason::NotAcceptable,
                fmt::format("only the following media types are accepted: {}", acceptedTypes(offer)));
}

Result<BodyFormat> bodyFormat(std::string_view contentType)
{
    const auto type = mediaTypeOf(contentType);
    if (type.empty() || type == "*/*")
        return BodyFormat::Json;
    const auto encoding = encodingOf(type);
    if (!encoding)
        return fail(Reason::UnsupportedMediaType,
                    fmt::format("the body of the request was in an unknown format - accepted media types include: {}",
                                acceptedTypes({})));
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
