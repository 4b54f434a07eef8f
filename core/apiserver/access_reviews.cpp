// SPDX-License-Identifier: Apache-2.0
#include "apiserver/access_reviews.h"

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

std::string textAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    return std::string(api::stringAt(value, path));
}

Result<auth::Attributes> attributesOf(const api::Value& spec)
{
    if (const auto* resource = api::find(spec, {"resourceAttributes"}); resource && resource->is_object()) {
        return auth::Attributes{textAt(*resource, {"verb"}),        textAt(*resource, {"group"}),
                                textAt(*resource, {"version"}),     textAt(*resource, {"resource"}),
                                textAt(*resource, {"subresource"}), textAt(*resource, {"namespace"}),
                                textAt(*resource, {"name"}),        {}};
    }
    if (const auto* path = api::find(spec, {"nonResourceAttributes"}); path && path->is_object())
        return auth::Attributes{textAt(*path, {"verb"}), {}, {}, {}, {}, {}, {}, textAt(*path, {"path"})};
    return fail(Reason::BadRequest,
                "the review asks nothing: spec.resourceAttributes or spec.nonResourceAttributes is needed");
}

auth::User subjectOf(const api::Value& spec)
{
    auth::User user{textAt(spec, {"user"}), textAt(spec, {"uid"}), {}, {}};
    if (const auto* groups = api::find(spec, {"groups"}); groups && groups->is_array()) {
        for (const auto& group : groups->get_array()) {
            if (const auto* text = group.if_string())
                user.groups.emplace_back(*text);
        }
    }
    return user;
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

} // namespace

Result<api::Value> answerReview(std::string_view kind, const auth::RbacAuthorizer& authorizer, const auth::User& caller,
                                std::string_view nameSpace, api::Value review)
{
    auto& document = review.is_object() ? review.get_object() : review.emplace_object();
    if (kind == "SelfSubjectReview") {
        document["status"] = api::Object{{"userInfo", userInfo(caller)}};
        return review;
    }
    const auto* found = document.if_contains("spec");
    const api::Value spec = found ? *found : api::Value(api::Object{});
    if (kind == "SelfSubjectRulesReview") {
        const auto where = textAt(spec, {"namespace"});
        if (where.empty())
            return fail(Reason::BadRequest, "the review needs spec.namespace");
        const auto rules = authorizer.rulesFor(caller, where);
        document["status"] = api::Object{{"resourceRules", ruleList(rules, true)},
                                         {"nonResourceRules", ruleList(rules, false)},
                                         {"incomplete", false}};
        return review;
    }
    TRY_ASSIGN(const auto attributes, attributesOf(spec));
    if (kind == "LocalSubjectAccessReview" && attributes.nameSpace != nameSpace) {
        return fail(
            Reason::Invalid,
            fmt::format("spec.resourceAttributes.namespace must be the namespace of the review, \"{}\"", nameSpace));
    }
    const bool self = kind == "SelfSubjectAccessReview";
    const auto decision = authorizer.authorize(self ? caller : subjectOf(spec), attributes);
    api::Object status{{"allowed", decision.allowed}};
    if (!decision.reason.empty())
        status["reason"] = decision.reason;
    document["status"] = std::move(status);
    return review;
}

} // namespace keelson::apiserver
