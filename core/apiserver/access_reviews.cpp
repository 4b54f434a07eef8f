// SPDX-License-Identifier: Apache-2.0
#include "apiserver/access_reviews.h"

#include "auth/node_authorizer.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

std::string textAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    return std::string(api::stringAt(value, path));
}

std::vector<std::string> textsAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    std::vector<std::string> texts;
    const auto* list = api::find(value, path);
    if (!list || !list->is_array())
        return texts;
    for (const auto& item : list->get_array()) {
        if (const auto* text = item.if_string())
            texts.emplace_back(*text);
    }
    return texts;
}

Error invalidReview(std::string_view kind, std::string field, std::string message)
{
    auto error = makeError(Reason::Invalid,
                           fmt::format("{}.authorization.k8s.io \"\" is invalid: {}: {}", kind, field, message));
    error.group = "authorization.k8s.io";
    error.resource = kind;
    const auto reason = message.starts_with("Required")    ? "FieldValueRequired"
                        : message.starts_with("Forbidden") ? "FieldValueForbidden"
                                                           : "FieldValueInvalid";
    error.causes.push_back({reason, std::move(message), std::move(field)});
    return error;
}

/// One requirement of a selector; operators that we do not know may be those of newer clients.
Result<Done> checkRequirement(std::string_view kind, const api::Value& requirement, const std::string& path)
{
    const auto operation = textAt(requirement, {"operator"});
    const bool listed = !textsAt(requirement, {"values"}).empty();
    if (textAt(requirement, {"key"}).empty())
        return fail(invalidReview(kind, path + ".key", "Required value: must be specified"));
    if ((operation == "In" || operation == "NotIn") && !listed)
        return fail(invalidReview(kind, path + ".values",
                                  "Required value: must be specified when `operator` is 'In' or 'NotIn'"));
    if ((operation == "Exists" || operation == "DoesNotExist") && listed)
        return fail(invalidReview(kind, path + ".values",
                                  "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    return Done{};
}

/// A selector is a text or a list of requirements.
Result<Done> checkSelector(std::string_view kind, const api::Value& resource, std::string_view member)
{
    const auto* const selector = api::find(resource, {member});
    if (!selector || !selector->is_object())
        return Done{};
    const auto path = fmt::format("spec.resourceAttributes.{}", member);
    const auto raw = textAt(*selector, {"rawSelector"});
    const auto* const list = api::find(*selector, {"requirements"});
    const auto* const requirements = list ? list->if_array() : nullptr;
    const bool listed = requirements && !requirements->empty();
    if (!raw.empty() && listed)
        return fail(invalidReview(
            kind, path + ".rawSelector",
            fmt::format("Invalid value: \"{}\": may not specified at the same time as requirements", raw)));
    if (raw.empty() && !listed)
        return fail(invalidReview(
            kind, path + ".requirements",
            fmt::format("Required value: when {} is specified, requirements or rawSelector is required", path)));
    for (std::size_t i = 0; listed && i < requirements->size(); ++i)
        TRY_OK(checkRequirement(kind, (*requirements)[i], fmt::format("{}.requirements[{}]", path, i)));
    return Done{};
}

/// The selector of fields as a request has it. What that form cannot say is left out: the question is then about more.
std::string fieldSelectorOf(const api::Value& resource)
{
    auto text = textAt(resource, {"fieldSelector", "rawSelector"});
    const auto* const list = api::find(resource, {"fieldSelector", "requirements"});
    if (!list || !list->is_array())
        return text;
    for (const auto& requirement : list->get_array()) {
        const auto values = textsAt(requirement, {"values"});
        const auto operation = textAt(requirement, {"operator"});
        if (values.size() != 1 || (operation != "In" && operation != "NotIn"))
            continue;
        text += fmt::format("{}{}{}", text.empty() ? "" : ",", textAt(requirement, {"key"}),
                            operation == "In" ? "=" : "!=");
        for (const char letter : values.front()) {
            if (letter == '\\' || letter == ',' || letter == '=')
                text += '\\';
            text += letter;
        }
    }
    return text;
}

/// Source: Kubernetes, validation of authorization.k8s.io.
Result<auth::Attributes> attributesOf(std::string_view kind, const api::Value& spec)
{
    const auto* resource = api::find(spec, {"resourceAttributes"});
    const auto* path = api::find(spec, {"nonResourceAttributes"});
    const bool aboutResource = resource && resource->is_object();
    const bool aboutPath = path && path->is_object();
    if (aboutResource && aboutPath)
        return fail(invalidReview(kind, "spec.nonResourceAttributes",
                                  "Invalid value: cannot be specified in combination with resourceAttributes"));
    if (aboutResource) {
        TRY_OK(checkSelector(kind, *resource, "fieldSelector"));
        TRY_OK(checkSelector(kind, *resource, "labelSelector"));
        return auth::Attributes{textAt(*resource, {"verb"}),        textAt(*resource, {"group"}),
                                textAt(*resource, {"version"}),     textAt(*resource, {"resource"}),
                                textAt(*resource, {"subresource"}), textAt(*resource, {"namespace"}),
                                textAt(*resource, {"name"}),        {},
                                fieldSelectorOf(*resource)};
    }
    if (aboutPath)
        return auth::Attributes{textAt(*path, {"verb"}), {}, {}, {}, {}, {}, {}, textAt(*path, {"path"})};
    return fail(invalidReview(kind, "spec.resourceAttributes",
                              "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must "
                              "be specified"));
}

Result<auth::User> subjectOf(std::string_view kind, const api::Value& spec)
{
    auth::User user{textAt(spec, {"user"}), textAt(spec, {"uid"}), textsAt(spec, {"groups"}), {}};
    if (const auto* extra = api::find(spec, {"extra"}); extra && extra->is_object()) {
        for (const auto& item : extra->get_object())
            user.extra[std::string(item.key())] = textsAt(spec, {"extra", std::string_view(item.key())});
    }
    if (user.name.empty() && user.groups.empty())
        return fail(invalidReview(kind, "spec.user",
                                  "Invalid value: \"\": at least one of user or group must be "
                                  "specified"));
    return user;
}

/// A review is no object of its own: it has no name.
Result<Done> checkMetadata(std::string_view kind, const ReviewContext& context, const api::Value& review)
{
    const auto* const given = api::find(review, {"metadata"});
    auto metadata = given && given->is_object() ? given->get_object() : api::Object{};
    metadata.erase("managedFields");
    const bool local = kind == "LocalSubjectAccessReview";
    if (const auto nameSpace = textAt(metadata, {"namespace"}); local && !nameSpace.empty()) {
        if (nameSpace != context.nameSpace)
            return fail(Reason::BadRequest,
                        "the namespace of the provided object does not match the namespace sent on the request");
        metadata.erase("namespace");
    }
    if (std::ranges::all_of(metadata, [](const auto& member) { return member.value().is_null(); }))
        return Done{};
    return fail(invalidReview(kind, "metadata",
                              fmt::format("Invalid value: {}: must be empty{}", api::writeJson(*given),
                                          local ? " except for namespace" : "")));
}

/// A question about one namespace, which is that of the path.
Result<Done> checkPlace(const ReviewContext& context, const api::Value& spec, const auth::Attributes& attributes)
{
    constexpr std::string_view kind = "LocalSubjectAccessReview";
    if (const auto* const path = api::find(spec, {"nonResourceAttributes"}); path && path->is_object())
        return fail(
            invalidReview(kind, "spec.nonResourceAttributes",
                          fmt::format("Invalid value: {}: disallowed on this kind of request", api::writeJson(*path))));
    if (attributes.nameSpace != context.nameSpace)
        return fail(invalidReview(kind, "spec.resourceAttributes.namespace",
                                  fmt::format("Invalid value: \"{}\": must match metadata.namespace, \"{}\"",
                                              attributes.nameSpace, context.nameSpace)));
    return Done{};
}

api::Value ruleList(const std::vector<auth::PolicyRule>& rules, bool resources)
{
    api::Array list;
    for (const auto& rule : rules) {
        if (rule.nonResourceUrls.empty() == resources)
            list.push_back(auth::toDocument(rule));
    }
    return list;
}

api::Value userInfo(const auth::User& user)
{
    api::Object info{{"username", user.name}};
    if (!user.uid.empty())
        info["uid"] = user.uid;
    api::Array groups;
    for (const auto& group : user.groups)
        groups.emplace_back(group);
    info["groups"] = std::move(groups);
    if (!user.extra.empty()) {
        api::Object extra;
        for (const auto& [key, values] : user.extra) {
            api::Array list;
            for (const auto& value : values)
                list.emplace_back(value);
            extra[key] = std::move(list);
        }
        info["extra"] = std::move(extra);
    }
    return info;
}

api::Object tokenStatus(const ReviewContext& context, const api::Value& spec)
{
    const auto refused = [](std::string_view why) { return api::Object{{"user", api::Object{}}, {"error", why}}; };
    if (!context.tokens)
        return refused("no bearer tokens are known to this cluster");
    const auto identity = context.tokens->authenticate(textAt(spec, {"token"}), textsAt(spec, {"audiences"}));
    if (!identity)
        return refused(identity.error().message);
    api::Array audiences;
    for (const auto& audience : identity->audiences)
        audiences.emplace_back(audience);
    api::Object status{{"authenticated", true}, {"user", userInfo(identity->user)}};
    if (!audiences.empty())
        status["audiences"] = std::move(audiences);
    return status;
}

} // namespace

Result<api::Value> answerReview(std::string_view kind, const ReviewContext& context, api::Value review)
{
    auto& document = review.is_object() ? review.get_object() : review.emplace_object();
    if (kind == "SelfSubjectReview") {
        document["status"] = api::Object{{"userInfo", userInfo(context.caller)}};
        return review;
    }
    const auto* found = document.if_contains("spec");
    const api::Value spec = found ? *found : api::Value(api::Object{});
    if (kind == "TokenReview") {
        if (textAt(spec, {"token"}).empty())
            return fail(Reason::BadRequest, "token is required for TokenReview in authentication");
        document["status"] = tokenStatus(context, spec);
        return review;
    }
    if (kind == "SelfSubjectRulesReview") {
        const auto where = textAt(spec, {"namespace"});
        if (where.empty())
            return fail(Reason::BadRequest, "no namespace on request: the review needs spec.namespace");
        const auto rules = context.roles.rulesFor(context.caller, where);
        api::Object status{{"resourceRules", ruleList(rules, true)},
                           {"nonResourceRules", ruleList(rules, false)},
                           {"incomplete", auth::nodeOf(context.caller).has_value()}};
        if (auth::nodeOf(context.caller))
            status["evaluationError"] = "node authorizer does not support user rule resolution";
        document["status"] = std::move(status);
        return review;
    }
    TRY_ASSIGN(const auto attributes, attributesOf(kind, spec));
    TRY_OK(checkMetadata(kind, context, review));
    if (kind == "LocalSubjectAccessReview")
        TRY_OK(checkPlace(context, spec, attributes));
    auto subject = context.caller;
    if (kind != "SelfSubjectAccessReview") {
        TRY_ASSIGN(subject, subjectOf(kind, spec));
    }
    const auto decision = context.authorizer.authorize(subject, attributes);
    api::Object status{{"allowed", decision.allowed}};
    if (!decision.reason.empty())
        status["reason"] = decision.reason;
    document["status"] = std::move(status);
    return review;
}

} // namespace keelson::apiserver
