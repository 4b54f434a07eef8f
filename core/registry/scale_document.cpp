// SPDX-License-Identifier: Apache-2.0
#include "registry/scale_document.h"

#include "api/selector.h"
#include "api/validation.h"

#include <fmt/format.h>

namespace keelson::registry {
namespace {

/// The member at a path such as ".spec.replicas"; null when it is not there.
const Value* at(const Value& document, std::string_view path)
{
    const auto* value = &document;
    while (value && path.size() > 1) {
        path.remove_prefix(1); // the dot
        const auto name = path.substr(0, path.find('.'));
        path.remove_prefix(name.size());
        value = api::find(*value, {name});
    }
    return value;
}

std::int64_t numberAt(const Value& document, std::string_view path)
{
    const auto* const value = at(document, path);
    return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

/// Built-in kinds have their selector in the spec only; that of a ReplicationController is the labels themselves.
std::string selectorText(const Value& document, const std::string& path)
{
    const auto* selector = path.empty() ? nullptr : at(document, path);
    if (selector && selector->is_string())
        return std::string(selector->get_string());
    if (!selector)
        selector = api::find(document, {"spec", "selector"});
    if (!selector)
        return {};
    const bool plain = !api::find(*selector, {"matchLabels"}) && !api::find(*selector, {"matchExpressions"});
    const auto parsed = api::LabelSelector::fromObject(plain ? Value{{"matchLabels", *selector}} : *selector);
    return parsed ? parsed->text() : std::string{};
}

} // namespace

Value scaleOf(const Kind& kind, const Value& document)
{
    api::Object metadata;
    for (const auto* const name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
        if (const auto* const value = api::find(document, {"metadata", name}))
            metadata[name] = *value;
    }
    api::Object status{{"replicas", numberAt(document, kind.scale->statusReplicasPath)}};
    if (auto selector = selectorText(document, kind.scale->labelSelectorPath); !selector.empty())
        status["selector"] = std::move(selector);
    return {{"kind", "Scale"},
            {"apiVersion", "autoscaling/v1"},
            {"metadata", std::move(metadata)},
            {"spec", {{"replicas", numberAt(document, kind.scale->specReplicasPath)}}},
            {"status", std::move(status)}};
}

Result<Done> setScale(const Kind& kind, const Value& scale, Value& object)
{
    const auto replicas = api::integerAt(scale, {"spec", "replicas"});
    if (replicas < 0) {
        auto error = makeError(Reason::Invalid, {});
        error.causes = {{"FieldValueInvalid",
                         fmt::format("Invalid value: {}: must be greater than or equal to 0", replicas),
                         "spec.replicas"}};
        error.name = api::stringAt(object, {"metadata", "name"});
        error.resource = "Scale";
        error.group = "autoscaling";
        error.message = fmt::format("Scale.autoscaling \"{}\" is invalid: spec.replicas: {}", error.name,
                                    error.causes.front().message);
        return fail(std::move(error));
    }
    std::string_view path = kind.scale->specReplicasPath;
    auto* target = &object.as_object();
    for (path.remove_prefix(1); path.contains('.'); path.remove_prefix(path.find('.') + 1)) {
        auto& next = (*target)[boost::json::string_view(path.data(), path.find('.'))];
        if (!next.is_object())
            next = api::Object{};
        target = &next.get_object();
    }
    (*target)[boost::json::string_view(path.data(), path.size())] = replicas;
    return Done{};
}

} // namespace keelson::registry
