// SPDX-License-Identifier: Apache-2.0
#include "customresources/conversion_review.h"

#include "api/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace keelson::customresources {
namespace {

using api::Object;
using api::stringAt;
using api::Value;

constexpr std::string_view reviewGroup = "apiextensions.k8s.io";

/// "example.org/v1, Kind=Widget"
std::string kindText(std::string_view apiVersion, std::string_view kind)
{
    return fmt::format("{}, Kind={}", apiVersion.empty() ? "/" : apiVersion, kind);
}

/// What Kubernetes calls the type of a JSON value.
std::string_view typeOf(const Value& value)
{
    switch (value.kind()) {
    case boost::json::kind::object:
        return "map[string]interface {}";
    case boost::json::kind::array:
        return "[]interface {}";
    case boost::json::kind::string:
        return "string";
    case boost::json::kind::bool_:
        return "bool";
    case boost::json::kind::double_:
        return "float64";
    case boost::json::kind::null:
        return "<nil>";
    default:
        return "int64";
    }
}

Error failure(const ConversionQuestion& question, std::string_view what)
{
    const auto& first = question.objects.front();
    auto error = makeError(Reason::InternalError,
                           fmt::format("conversion webhook for {} {}",
                                       kindText(stringAt(first, {"apiVersion"}), stringAt(first, {"kind"})), what));
    error.told = ToldStatus{httpStatus(Reason::InternalError), {}}; // Kubernetes has no reason for it.
    return error;
}

/// Why the answer converts nothing; empty when it does.
std::string refusalIn(const Value& review, const ConversionQuestion& question)
{
    const auto expected = fmt::format("{}/{}", reviewGroup, question.reviewVersion);
    const auto version = stringAt(review, {"apiVersion"});
    const auto kind = stringAt(review, {"kind"});
    if (version != expected || kind != "ConversionReview")
        return fmt::format("expected webhook response of {}, got {}", kindText(expected, "ConversionReview"),
                           kindText(version, kind));
    const auto* const response = api::find(review, {"response"});
    if (!response || !response->is_object())
        return "no response provided";
    if (const auto uid = stringAt(*response, {"uid"}); uid != question.uid)
        return fmt::format("expected response.uid=\"{}\", got \"{}\"", question.uid, uid);
    const auto status = stringAt(*response, {"result", "status"});
    if (status == "Success")
        return {};
    const auto message = stringAt(*response, {"result", "message"});
    return message.empty() ? fmt::format("response.result.status was '{}', not 'Success'", status)
                           : std::string(message);
}

/// What of its identity the webhook changed; empty when nothing.
std::string identityChange(const Value& was, const Value& is)
{
    struct Member {
        std::string_view what;
        std::string_view name;
    };
    constexpr std::array members{Member{"name", "name"}, Member{"namespace", "namespace"}, Member{"UID", "uid"}};
    for (const auto& [what, name] : members) {
        const auto before = stringAt(was, {"metadata", name});
        const auto after = stringAt(is, {"metadata", name});
        if (before != after)
            return fmt::format("must have the same {}: {} != {}", what, before, after);
    }
    return {};
}

/// Takes over labels or annotations, which must be valid; what is wrong with them.
std::string takeOver(const Value& from, std::string_view member, Object& metadata)
{
    const auto* const given = api::find(from, {"metadata", member});
    if (!given || given->is_null()) {
        metadata.stable_erase(member);
        return {};
    }
    if (!given->is_object())
        return fmt::format("invalid metadata.{} of type {} in converted object", member, typeOf(*given));
    for (const auto& [key, value] : given->get_object()) {
        if (!value.is_string())
            return fmt::format("metadata.{}[{}] must be a string, but is {} in converted object", member,
                               std::string_view(key), typeOf(value));
    }
    metadata[member] = *given;
    return {};
}

/// Gives a converted object the metadata of the question but for labels and annotations; what is wrong with these.
std::string restoreMetadata(const Value& was, Value& is)
{
    const auto* const given = api::find(is, {"metadata"});
    if (!given)
        return "missing metadata in converted object";
    if (!given->is_object())
        return fmt::format("invalid metadata of type {} in converted object", typeOf(*given));
    const auto* const original = api::find(was, {"metadata"});
    Object metadata = original && original->is_object() ? original->get_object() : Object();
    for (const auto* const member : {"labels", "annotations"}) {
        if (auto wrong = takeOver(is, member, metadata); !wrong.empty())
            return wrong;
    }
    api::Refusals refusals;
    const api::FieldPath root;
    api::checkObjectMetadata(Value(metadata), root.child("metadata"), refusals);
    if (const auto causes = refusals.take(); !causes.empty())
        return fmt::format("{}: {}", causes.front().field, causes.front().message);
    is.as_object()["metadata"] = std::move(metadata);
    return {};
}

/// What is wrong with a converted object, as the end of an error; otherwise its metadata are restored.
std::string wrongIn(const Value& was, Value& is, const ConversionQuestion& question)
{
    const auto invalid = [](std::string_view what, std::string_view why) {
        return fmt::format("returned invalid {}: {}", what, why);
    };
    if (!is.is_object())
        return invalid("converted object", "it is no object");
    if (const auto version = stringAt(is, {"apiVersion"}); version != question.apiVersion)
        return invalid("converted object",
                       fmt::format("invalid groupVersion (expected {}, received {})", question.apiVersion, version));
    const auto kind = stringAt(was, {"kind"});
    if (const auto given = stringAt(is, {"kind"}); given != kind)
        return invalid("converted object", fmt::format("invalid kind (expected {}, received {})", kind, given));
    if (const auto change = identityChange(was, is); !change.empty())
        return invalid("converted object", change);
    if (const auto wrong = restoreMetadata(was, is); !wrong.empty())
        return invalid("metadata in object", wrong);
    return {};
}

} // namespace

std::string_view knownReviewVersion(const api::Array& versions)
{
    for (const auto& version : versions) {
        if (version == "v1")
            return "v1";
        if (version == "v1beta1")
            return "v1beta1";
    }
    return {};
}

std::string conversionReview(const ConversionQuestion& question)
{
    return api::writeJson(
        Object{{"kind", "ConversionReview"},
               {"apiVersion", fmt::format("{}/{}", reviewGroup, question.reviewVersion)},
               {"request", Object{{"uid", question.uid},
                                  {"desiredAPIVersion", question.apiVersion},
                                  {"objects", api::Array(question.objects.begin(), question.objects.end())}}}});
}

Result<std::vector<Value>> readConversion(std::string_view text, const ConversionQuestion& question)
{
    auto review = api::parseJson(text);
    if (!review)
        return fail(conversionFailure(question, review.error().message));
    if (const auto why = refusalIn(*review, question); !why.empty())
        return fail(conversionFailure(question, why));
    auto* const given = api::find(*review, {"response", "convertedObjects"});
    const auto count = given && given->is_array() ? given->get_array().size() : 0;
    if (count != question.objects.size())
        return fail(failure(question, fmt::format("returned {} objects, expected {}", count, question.objects.size())));
    std::vector<Value> objects;
    for (std::size_t i = 0; i < count; ++i) {
        auto& object = objects.emplace_back(std::move(given->get_array()[i]));
        const auto wrong = wrongIn(question.objects[i], object, question);
        if (wrong.empty())
            continue;
        const auto colon = wrong.find(": ");
        return fail(failure(question, fmt::format("{} at index {}{}", wrong.substr(0, colon), i, wrong.substr(colon))));
    }
    return objects;
}

Error conversionFailure(const ConversionQuestion& question, std::string_view why)
{
    return failure(question, fmt::format("failed: {}", why));
}

} // namespace keelson::customresources
