// SPDX-License-Identifier: Apache-2.0
#include "api/utf8.h"
#include "apiserver/resource_routes.h"
#include "registry/list_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

constexpr std::size_t fieldManagerBytesMax = 128;
constexpr std::string_view applyType = "application/apply-patch+yaml";

/// The name of the options of the request's verb, as refusals say it.
std::string_view optionsOf(std::string_view verb)
{
    if (verb == "create")
        return "CreateOptions";
    if (verb == "update")
        return "UpdateOptions";
    return verb == "patch" ? "PatchOptions" : "DeleteOptions";
}

bool isPrintable(char letter)
{
    constexpr unsigned char deleted = 0x7F;
    return static_cast<unsigned char>(letter) >= ' ' && static_cast<unsigned char>(letter) != deleted;
}

/// The only dry run there is: all stages, nothing stored.
void checkDryRun(const std::vector<std::string>& values, std::vector<Cause>& causes)
{
    if (std::ranges::all_of(values, [](const std::string& value) { return value == "All"; }))
        return;
    std::string list;
    for (const auto& value : values)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", api::writeJson(api::Value(value)));
    causes.push_back({"FieldValueNotSupported",
                      fmt::format(R"(Unsupported value: []string{{{}}}: supported values: "All")", list), "dryRun"});
}

void checkFieldManager(std::string_view manager, std::vector<Cause>& causes)
{
    if (manager.size() > fieldManagerBytesMax)
        causes.push_back({"FieldValueTooLong",
                          fmt::format("Too long: may not be more than {} bytes", fieldManagerBytesMax),
                          "fieldManager"});
    if (!std::ranges::all_of(manager, isPrintable))
        causes.push_back(
            {"FieldValueInvalid",
             fmt::format("Invalid value: {}: should only contain printable characters",
                         api::writeJson(api::Value(boost::json::string_view(manager.data(), manager.size())))),
             "fieldManager"});
}

registry::FieldValidation fieldValidation(std::string_view text, std::vector<Cause>& causes)
{
    if (text == "Ignore")
        return registry::FieldValidation::Ignore;
    if (text == "Strict")
        return registry::FieldValidation::Strict;
    if (!text.empty() && text != "Warn")
        causes.push_back(
            {"FieldValueNotSupported",
             fmt::format(R"(Unsupported value: "{}": supported values: "", "Ignore", "Strict", "Warn")", text),
             "fieldValidation"});
    return registry::FieldValidation::Warn;
}

Result<client::Propagation> propagation(std::string_view text)
{
    if (text.empty())
        return client::Propagation::Default;
    if (text == "Orphan")
        return client::Propagation::Orphan;
    if (text == "Background")
        return client::Propagation::Background;
    if (text == "Foreground")
        return client::Propagation::Foreground;
    return fail(registry::invalidOptions(
        "DeleteOptions",
        {{"FieldValueNotSupported",
          fmt::format(R"(Unsupported value: "{}": supported values: "Foreground", "Background", "Orphan", "nil")",
                      text),
          "propagationPolicy"}}));
}

/// An option that is misunderstood must not be passed over: what it was to hold back would be gone.
Result<Done> checkDeleteOptions(const api::Value& body)
{
    const auto wanted = [&](std::initializer_list<std::string_view> path, bool (api::Value::*isRight)() const noexcept,
                            std::string_view what) -> Result<Done> {
        const auto* found = api::find(body, path);
        if (!found || found->is_null() || (found->*isRight)())
            return Done{};
        return fail(Reason::BadRequest,
                    fmt::format("DeleteOptions cannot be read: {}: {} is wanted", fmt::join(path, "."), what));
    };
    if (!body.is_object())
        return fail(Reason::BadRequest, "the body of a DELETE is a DeleteOptions object, or there is none");
    if (const auto kind = api::stringAt(body, {"kind"}); !kind.empty() && kind != "DeleteOptions")
        return fail(Reason::BadRequest,
                    fmt::format("the body of a DELETE is a DeleteOptions object, not one of the kind {}", kind));
    TRY_OK(wanted({"gracePeriodSeconds"}, &api::Value::is_int64, "an integer"));
    TRY_OK(wanted({"propagationPolicy"}, &api::Value::is_string, "a string"));
    TRY_OK(wanted({"orphanDependents"}, &api::Value::is_bool, "true or false"));
    TRY_OK(wanted({"preconditions"}, &api::Value::is_object, "an object"));
    TRY_OK(wanted({"preconditions", "uid"}, &api::Value::is_string, "a string"));
    TRY_OK(wanted({"preconditions", "resourceVersion"}, &api::Value::is_string, "a string"));
    return wanted({"dryRun"}, &api::Value::is_array, "an array");
}

Result<Done> mergeDeleteOptions(const api::Value& body, client::DeleteOptions& options, bool& dryRun)
{
    TRY_OK(checkDeleteOptions(body));
    if (const auto* grace = api::find(body, {"gracePeriodSeconds"}); grace && grace->is_number())
        options.gracePeriodSeconds = api::integerAt(body, {"gracePeriodSeconds"});
    const auto* orphan = api::find(body, {"orphanDependents"});
    if (const auto policy = api::stringAt(body, {"propagationPolicy"}); !policy.empty()) {
        if (orphan && orphan->is_bool())
            return fail(registry::invalidOptions(
                "DeleteOptions",
                {{"FieldValueInvalid",
                  fmt::format("Invalid value: \"{}\": orphanDependents and deletionPropagation cannot be both set",
                              policy),
                  "propagationPolicy"}}));
        TRY_ASSIGN(options.propagation, propagation(policy));
    } else if (orphan && orphan->is_bool()) {
        options.propagation = orphan->get_bool() ? client::Propagation::Orphan : client::Propagation::Background;
    }
    options.uid = api::stringAt(body, {"preconditions", "uid"});
    options.resourceVersion = api::stringAt(body, {"preconditions", "resourceVersion"});
    const auto* list = api::find(body, {"dryRun"});
    if (!list || !list->is_array())
        return Done{};
    std::vector<std::string> stages;
    for (const auto& stage : list->get_array())
        stages.emplace_back(stage.is_string() ? std::string(stage.get_string()) : api::writeJson(stage));
    std::vector<Cause> causes;
    checkDryRun(stages, causes);
    if (!causes.empty())
        return fail(registry::invalidOptions("DeleteOptions", std::move(causes)));
    dryRun = dryRun || !stages.empty();
    return Done{};
}

/// Who writes, where the request does not say it: the program's name.
std::string managerFromAgent(std::string_view agent)
{
    std::string name;
    std::ranges::copy_if(agent.substr(0, std::min(agent.find('/'), fieldManagerBytesMax)), std::back_inserter(name),
                         isPrintable);
    name.resize(api::utf8Prefix(name));
    return name;
}

} // namespace

Result<registry::WriteContext> writeContext(Call& call)
{
    const auto& query = call.request().query;
    const auto& verb = call.info().verb;
    registry::WriteContext context;
    context.user = call.user;
    context.story = call.story;
    std::vector<Cause> causes;
    const auto dryRun = query.all("dryRun");
    checkDryRun(dryRun, causes);
    context.dryRun = !dryRun.empty();
    context.fieldValidation = fieldValidation(query.get("fieldValidation"), causes);
    context.fieldManager = query.get("fieldManager");
    checkFieldManager(context.fieldManager, causes);
    const bool apply = mediaTypeOf(call.request().headers.get("Content-Type")) == applyType;
    if (verb == "patch" && query.has("force") && !apply)
        causes.push_back({"FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"});
    if (verb == "patch" && apply && context.fieldManager.empty())
        causes.push_back({"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"});
    if (!causes.empty())
        return fail(registry::invalidOptions(optionsOf(verb), std::move(causes)));
    if (context.fieldManager.empty())
        context.fieldManager = managerFromAgent(call.request().headers.get("User-Agent"));
    context.force = query.flag("force");
    context.warnings = &call.warnings;
    context.auditAnnotations = call.audit ? &call.auditAnnotations : nullptr;
    context.auditsBodies = call.audit && call.audit->wantsRequest();
    return context;
}

Result<client::DeleteOptions> deleteOptions(Call& call, registry::WriteContext& context, const api::Value* overrides)
{
    client::DeleteOptions options;
    if (overrides) {
        TRY_OK(mergeDeleteOptions(*overrides, options, context.dryRun));
    } else if (!call.request().body.empty()) {
        TRY_ASSIGN(const auto body, call.readBody());
        TRY_OK(mergeDeleteOptions(body, options, context.dryRun));
    }
    const auto& query = call.request().query;
    TRY_ASSIGN(const auto grace, query.number("gracePeriodSeconds"));
    if (!options.gracePeriodSeconds) // What the body says counts.
        options.gracePeriodSeconds = grace;
    TRY_ASSIGN(const auto policy, propagation(query.get("propagationPolicy")));
    if (options.propagation == client::Propagation::Default)
        options.propagation = policy;
    if (options.propagation == client::Propagation::Default && query.has("orphanDependents"))
        options.propagation =
            query.flag("orphanDependents") ? client::Propagation::Orphan : client::Propagation::Background;
    return options;
}

} // namespace keelson::apiserver
