// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "cel/access.h"
#include "cel/functions.h"

#include <fmt/format.h>

#include <array>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

/// A question that is being put together, from `authorizer` to the call of check().
class Inquiry : public Opaque {
public:
    enum class Stage { Authorizer, Path, Group, Resource };
    Inquiry(AccessCheck asked, Stage at, AccessQuestion made)
        : check(std::move(asked)), stage(at), question(std::move(made))
    {
    }
    std::string_view typeName() const override
    {
        constexpr std::array<std::string_view, 4> names{
            "kubernetes.authorization.Authorizer", "kubernetes.authorization.PathCheck",
            "kubernetes.authorization.GroupCheck", "kubernetes.authorization.ResourceCheck"};
        return names.at(static_cast<std::size_t>(stage));
    }

    const AccessCheck check;
    const Stage stage;
    const AccessQuestion question;
};

class Decision : public Opaque {
public:
    explicit Decision(AccessAnswer given) : answer(std::move(given)) {}
    std::string_view typeName() const override { return "kubernetes.authorization.Decision"; }

    const AccessAnswer answer;
};

using Stage = Inquiry::Stage;

/// One more text of the question: from the stage `from` to the stage `to`.
template <Stage from, Stage to, auto member>
Result<Value> extended(Args args)
{
    const auto* inquiry = args[0].opaque<Inquiry>();
    const auto* text = args[1].as<std::string>();
    if (!inquiry || inquiry->stage != from || !text)
        return noOverload("authorizer");
    const bool blank = text->find_first_not_of(" \t\n") == text->npos;
    if (to != from && to != Stage::Group && blank)
        return fail(Reason::Invalid, to == Stage::Path ? "path must not be empty" : "resource must not be empty");
    auto question = inquiry->question;
    question.*member = *text;
    return OpaquePtr(std::make_shared<Inquiry>(inquiry->check, to, std::move(question)));
}

/// Which labels are asked for decides nothing here.
Result<Value> labelSelector(Args args)
{
    const auto* inquiry = args[0].opaque<Inquiry>();
    if (!inquiry || inquiry->stage != Stage::Resource || !args[1].as<std::string>())
        return noOverload("labelSelector");
    return args[0];
}

Result<Value> serviceAccount(Args args)
{
    const auto* inquiry = args[0].opaque<Inquiry>();
    const auto* nameSpace = args[1].as<std::string>();
    const auto* name = args[2].as<std::string>();
    if (!inquiry || inquiry->stage != Stage::Authorizer || !nameSpace || !name)
        return noOverload("serviceAccount");
    if (!api::wrongDnsSubdomain(*name).empty())
        return fail(Reason::Invalid, "Invalid service account name");
    if (!api::wrongDnsLabel(*nameSpace).empty())
        return fail(Reason::Invalid, "Invalid service account namespace");
    auto question = inquiry->question;
    question.accountNamespace = *nameSpace;
    question.accountName = *name;
    return OpaquePtr(std::make_shared<Inquiry>(inquiry->check, Stage::Authorizer, std::move(question)));
}

Result<Value> check(Args args)
{
    const auto* inquiry = args[0].opaque<Inquiry>();
    const auto* verb = args[1].as<std::string>();
    if (!inquiry || (inquiry->stage != Stage::Path && inquiry->stage != Stage::Resource) || !verb)
        return noOverload("check");
    auto question = inquiry->question;
    question.verb = *verb;
    return OpaquePtr(std::make_shared<Decision>(inquiry->check(question)));
}

Result<Value> allowed(Args args)
{
    const auto* decision = args[0].opaque<Decision>();
    if (!decision)
        return noOverload("allowed");
    return decision->answer.allowed;
}

Result<Value> reason(Args args)
{
    const auto* decision = args[0].opaque<Decision>();
    if (!decision)
        return noOverload("reason");
    return decision->answer.reason;
}

/// Our authorizers always come to a decision.
Result<Value> errored(Args args)
{
    if (!args[0].opaque<Decision>())
        return noOverload("errored");
    return false;
}

Result<Value> error(Args args)
{
    if (!args[0].opaque<Decision>())
        return noOverload("error");
    return std::string();
}

constexpr auto resource = Stage::Resource;
constexpr std::array table{
    Function{"path", true, 2, 2, extended<Stage::Authorizer, Stage::Path, &AccessQuestion::path>},
    Function{"group", true, 2, 2, extended<Stage::Authorizer, Stage::Group, &AccessQuestion::group>},
    Function{"serviceAccount", true, 3, 3, serviceAccount},
    Function{"resource", true, 2, 2, extended<Stage::Group, resource, &AccessQuestion::resource>},
    Function{"subresource", true, 2, 2, extended<resource, resource, &AccessQuestion::subresource>},
    Function{"namespace", true, 2, 2, extended<resource, resource, &AccessQuestion::nameSpace>},
    Function{"name", true, 2, 2, extended<resource, resource, &AccessQuestion::name>},
    Function{"fieldSelector", true, 2, 2, extended<resource, resource, &AccessQuestion::fieldSelector>},
    Function{"labelSelector", true, 2, 2, labelSelector},
    Function{"check", true, 2, 2, check},
    Function{"allowed", true, 1, 1, allowed, Type::Form::Bool},
    Function{"reason", true, 1, 1, reason, Type::Form::String},
    Function{"errored", true, 1, 1, errored, Type::Form::Bool},
    Function{"error", true, 1, 1, error, Type::Form::String},
};

} // namespace

Value authorizerOf(const AccessCheck& check)
{
    return OpaquePtr(std::make_shared<Inquiry>(check, Stage::Authorizer, AccessQuestion{}));
}

Value resourceCheckOf(const AccessCheck& check, AccessQuestion question)
{
    return OpaquePtr(std::make_shared<Inquiry>(check, Stage::Resource, std::move(question)));
}

std::span<const Function> accessFunctions()
{
    return table;
}

} // namespace keelson::cel
