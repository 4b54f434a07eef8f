// SPDX-License-Identifier: Apache-2.0
#include "api/cron_schedule.h"
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace keelson::api {
namespace {

constexpr std::int64_t indexesMax = 100'000; ///< Of an Indexed Job.
/// Of Jobs with more indexes than that, which count failures by index.
constexpr std::int64_t limitOfLargeJobs = 10'000;
constexpr std::size_t cronJobNameMax = 52; ///< Eleven characters are left for the name of a Job.

bool isIndexed(const Value& spec)
{
    return stringAt(spec, {"completionMode"}) == "Indexed";
}

void checkRestartPolicy(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto policy = stringAt(spec, {"template", "spec", "restartPolicy"});
    const auto at = path.child("template");
    const auto podSpec = at.child("spec");
    if (policy == "Always")
        refusals.required(podSpec.child("restartPolicy"), R"(valid values: "OnFailure", "Never")");
    else if (has(spec, "podFailurePolicy") && policy != "Never")
        refusals.invalid(podSpec.child("restartPolicy"), Value(policy),
                         R"(only "Never" is supported when podFailurePolicy is specified)");
}

/// The failures of each of very many indexes make a large status.
void checkLargeJob(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    if (integerAt(spec, {"completions"}) <= indexesMax || !has(spec, "backoffLimitPerIndex"))
        return;
    if (!has(spec, "maxFailedIndexes"))
        refusals.required(path.child("maxFailedIndexes"),
                          fmt::format("must be specified when completions is above {}", indexesMax));
    for (const auto* member : {"parallelism", "maxFailedIndexes"})
        if (const auto number = integerAt(spec, {member}); number > limitOfLargeJobs)
            refusals.invalid(path.child(member), number,
                             fmt::format("must be less than or equal to {} when completions are above {} and used "
                                         "with backoff limit per index",
                                         limitOfLargeJobs, indexesMax));
}

void checkIndexes(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto failures = integerAt(spec, {"maxFailedIndexes"});
    const bool limitsFailures = has(spec, "maxFailedIndexes");
    if (limitsFailures && has(spec, "completions") && failures > integerAt(spec, {"completions"}))
        refusals.invalid(path.child("maxFailedIndexes"), failures, "must be less than or equal to completions");
    if (limitsFailures && !has(spec, "backoffLimitPerIndex"))
        refusals.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    if (isIndexed(spec)) {
        if (!has(spec, "completions"))
            refusals.required(path.child("completions"), "when completion mode is Indexed");
        const auto parallelism = integerAt(spec, {"parallelism"});
        if (parallelism > indexesMax)
            refusals.invalid(
                path.child("parallelism"), parallelism,
                fmt::format("must be less than or equal to {} when completion mode is Indexed", indexesMax));
        checkLargeJob(spec, path, refusals);
        return;
    }
    for (const auto* member : {"backoffLimitPerIndex", "maxFailedIndexes"})
        if (has(spec, member))
            refusals.invalid(path.child(member), integerAt(spec, {member}), "requires indexed completion mode");
    if (has(spec, "successPolicy"))
        refusals.invalid(path.child("successPolicy"), "requires indexed completion mode");
}

void checkExitCodes(const Value& codes, const FieldPath& path, const Value& spec, Refusals& refusals)
{
    if (const auto name = stringAt(codes, {"containerName"}); !name.empty()) {
        const auto isNamed = [&](const Value& container) { return stringAt(container, {"name"}) == name; };
        if (std::ranges::none_of(itemsAt(spec, {"template", "spec", "containers"}), isNamed) &&
            std::ranges::none_of(itemsAt(spec, {"template", "spec", "initContainers"}), isNamed))
            refusals.invalid(path.child("containerName"), Value(name),
                             "must be one of the container or initContainer names in the pod template");
    }
    const auto& values = itemsAt(codes, {"values"});
    const auto list = path.child("values");
    if (values.empty())
        refusals.invalid(list, Value(values), "at least one value is required");
    if (stringAt(codes, {"operator"}) == "In")
        for (std::size_t at = 0; at < values.size(); ++at)
            if (values[at] == Value(0))
                refusals.invalid(list.index(at), 0, "must not be 0 for the In operator");
    const auto before = [](const Value& left, const Value& right) {
        return left.is_int64() && right.is_int64() && left.get_int64() < right.get_int64();
    };
    if (!std::is_sorted(values.begin(), values.end(), before))
        refusals.invalid(list, Value(values), "must be ordered");
}

void checkFailurePolicy(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& rules = itemsAt(spec, {"podFailurePolicy", "rules"});
    const auto policy = path.child("podFailurePolicy");
    const auto list = policy.child("rules");
    for (std::size_t index = 0; index < rules.size(); ++index) {
        const auto& rule = rules[index];
        const auto at = list.index(index);
        const bool byCodes = has(rule, "onExitCodes");
        const auto& conditions = itemsAt(rule, {"onPodConditions"});
        const bool byConditions = !conditions.empty();
        const auto conditionList = at.child("onPodConditions");
        for (std::size_t condition = 0; condition < conditions.size(); ++condition)
            if (const auto type = stringAt(conditions[condition], {"type"}); !type.empty())
                refuse(wrongQualifiedName(type), conditionList.index(condition).child("type"), Value(type), refusals);
        if (stringAt(rule, {"action"}) == "FailIndex" && !has(spec, "backoffLimitPerIndex"))
            refusals.invalid(at.child("action"), "FailIndex", "requires the backoffLimitPerIndex to be set");
        if (byCodes)
            checkExitCodes(rule.at("onExitCodes"), at.child("onExitCodes"), spec, refusals);
        if (byCodes && byConditions)
            refusals.invalid(at, "specifying both OnExitCodes and OnPodConditions is not supported");
        if (!byCodes && !byConditions)
            refusals.invalid(at, "specifying one of OnExitCodes and OnPodConditions is required");
    }
}

struct Indexes {
    std::int64_t count = 0;
    std::string wrong; ///< Why the text is no list of indexes; empty when it is one.
};

/// "1,3-5,7": numbers and intervals in ascending order, all below `completions`.
Indexes readIndexes(std::string_view text, std::int64_t completions)
{
    Indexes indexes;
    std::int64_t last = -1;
    const auto take = [&](std::string_view part) {
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (code != std::errc{} || end != part.data() + part.size())
            indexes.wrong = fmt::format("cannot convert string to integer for index: \"{}\"", part);
        else if (number >= completions)
            indexes.wrong = fmt::format("too large index: \"{}\"", part);
        else if (last >= number)
            indexes.wrong = fmt::format("non-increasing order, previous: {}, current: {}", last, number);
        last = number;
    };
    for (std::size_t at = 0; at <= text.size() && !text.empty() && indexes.wrong.empty();) {
        const auto part = text.substr(at, std::min(text.find(',', at), text.size()) - at);
        at += part.size() + 1;
        const auto dash = part.find('-');
        take(part.substr(0, dash));
        const auto first = last;
        if (dash != part.npos && part.find('-', dash + 1) != part.npos)
            indexes.wrong = fmt::format("the fragment \"{}\" violates the requirement that an index interval can have "
                                        "at most two parts separated by '-'",
                                        part);
        else if (dash != part.npos && indexes.wrong.empty())
            take(part.substr(dash + 1));
        indexes.count += last - first + 1;
    }
    return indexes;
}

void checkSuccessRule(const Value& rule, std::int64_t completions, const FieldPath& path, Refusals& refusals)
{
    const auto counted = [](std::int64_t most, std::string_view of) {
        return fmt::format("must be less than or equal to {} (the number of {})", most, of);
    };
    const auto text = stringAt(rule, {"succeededIndexes"});
    const auto count = integerAt(rule, {"succeededCount"});
    const auto at = path.child("succeededCount");
    if (!has(rule, "succeededCount") && !has(rule, "succeededIndexes"))
        refusals.required(path, "at least one of succeededCount or succeededIndexes must be specified");
    const auto indexes = readIndexes(text, completions);
    if (!indexes.wrong.empty())
        refusals.invalid(path.child("succeededIndexes"), Value(text),
                         fmt::format("error parsing succeededIndexes: {}", indexes.wrong));
    if (!has(rule, "succeededCount"))
        return;
    if (count <= 0)
        refusals.invalid(at, count, "must be greater than 0");
    if (count > completions)
        refusals.invalid(at, count, counted(completions, "specified completions"));
    if (has(rule, "succeededIndexes") && indexes.wrong.empty() && count > indexes.count)
        refusals.invalid(at, count, counted(indexes.count, "indexes in the specified succeededIndexes field"));
}

void checkSuccessPolicy(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& rules = itemsAt(spec, {"successPolicy", "rules"});
    const auto policy = path.child("successPolicy");
    const auto list = policy.child("rules");
    for (std::size_t index = 0; index < rules.size() && isIndexed(spec); ++index)
        checkSuccessRule(rules[index], integerAt(spec, {"completions"}), list.index(index), refusals);
    const auto replacement = stringAt(spec, {"podReplacementPolicy"});
    if (has(spec, "podFailurePolicy") && !replacement.empty() && replacement != "Failed")
        refusals.notSupported(path.child("podReplacementPolicy"), Value(replacement), {"Failed"});
}

/// A Job whose selector is its user's own must select its pods; else the server makes both.
void checkSelector(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto* selector = find(spec, {"selector"});
    if (boolAt(spec, {"manualSelector"}) && !selector)
        refusals.required(path.child("selector"));
    const auto compiled = LabelSelector::fromObject(selector ? *selector : Value());
    const auto* labels = find(spec, {"template", "metadata", "labels"});
    if (!selector || !compiled || compiled->matches(labels))
        return;
    const auto pod = path.child("template");
    const auto metadata = pod.child("metadata");
    refusals.invalid(metadata.child("labels"), labels ? *labels : Value(boost::json::object_kind),
                     "`selector` does not match template `labels`");
}

void checkManagedBy(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t managerMax = 63;
    const auto manager = stringAt(spec, {"managedBy"});
    if (manager.empty())
        return;
    refuse(wrongDomainPath(manager), path.child("managedBy"), Value(manager), refusals);
    if (manager.size() > managerMax)
        refusals.tooLong(path.child("managedBy"), managerMax);
}

void jobSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    checkIndexes(spec, path, refusals);
    checkSelector(spec, path, refusals);
    checkRestartPolicy(spec, path, refusals);
    checkFailurePolicy(spec, path, refusals);
    checkSuccessPolicy(spec, path, refusals);
    checkManagedBy(spec, path, refusals);
}

/// The template less what may change while a Job waits: where its pods go, and their labels.
Value fixedTemplate(const Value& spec, bool waits)
{
    const auto* pod = find(spec, {"template"});
    Value fixed = pod ? *pod : Value();
    if (!waits || !fixed.is_object())
        return fixed;
    for (const auto* member : {"labels", "annotations"})
        objectAt(fixed, {"metadata"}).stable_erase(member);
    auto& podSpec = objectAt(fixed, {"spec"});
    for (const auto* member : {"nodeSelector", "tolerations", "schedulingGates"})
        podSpec.stable_erase(member);
    if (auto* affinity = podSpec.if_contains("affinity"); affinity && affinity->is_object()) {
        affinity->get_object().stable_erase("nodeAffinity");
        if (affinity->get_object().empty())
            podSpec.stable_erase("affinity");
    }
    return fixed;
}

bool differs(const Value& left, const Value& right, std::string_view member)
{
    static const Value none;
    const auto* now = find(left, {member});
    const auto* before = find(right, {member});
    return (now ? *now : none) != (before ? *before : none);
}

void jobUpdate(const Value& job, const Value& old, const FieldPath& root, Refusals& refusals)
{
    const auto* spec = find(job, {"spec"});
    const auto* before = find(old, {"spec"});
    if (!spec || !before)
        return;
    const auto path = root.child("spec");
    const bool waits = boolAt(*before, {"suspend"}) && !find(old, {"status", "startTime"});
    if (fixedTemplate(*spec, waits) != fixedTemplate(*before, waits))
        refusals.invalid(path.child("template"), spec->at("template"), "field is immutable");
    for (const auto* member :
         {"selector", "completionMode", "podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "managedBy"}) {
        const auto* now = find(*spec, {member});
        if (differs(*spec, *before, member))
            refusals.invalid(path.child(member), now ? *now : Value(), "field is immutable");
    }
    if (!differs(*spec, *before, "completions"))
        return;
    const auto* completions = find(*spec, {"completions"});
    if (!isIndexed(*spec))
        refusals.invalid(path.child("completions"), completions ? *completions : Value(), "field is immutable");
    else if (!completions || *completions != Value(integerAt(*spec, {"parallelism"})))
        refusals.invalid(path.child("completions"), completions ? *completions : Value(),
                         "can only be modified in tandem with spec.parallelism");
}

/// The name becomes part of the host names of an Indexed Job's pods.
void jobName(const Value& job, const FieldPath& path, Refusals& refusals)
{
    const auto* spec = find(job, {"spec"});
    const auto completions = integerAt(job, {"spec", "completions"});
    const auto name = stringAt(job, {"metadata", "name"});
    if (!spec || !isIndexed(*spec) || completions <= 0 || name.empty())
        return;
    const auto hostname = fmt::format("{}-{}", name, completions - 1);
    const auto metadata = path.child("metadata");
    if (!wrongDnsLabel(hostname).empty())
        refusals.invalid(metadata.child("name"), Value(name),
                         fmt::format("will not able to create pod with invalid DNS label: {}", hostname));
}

std::string wrongTimeZone(std::string_view zone)
{
    if (zone.empty())
        return "timeZone must be nil or non-empty string";
    if (zone == "Local")
        return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    // The time zones of the system are a part of it like its certificates; without them any name will do.
    static const std::filesystem::path zones = "/usr/share/zoneinfo";
    const bool hasForm = zone.front() != '/' && zone.find("..") == zone.npos;
    std::error_code ignored;
    const bool known = !std::filesystem::exists(zones, ignored) ||
                       std::filesystem::is_regular_file(zones / std::string(zone), ignored);
    return hasForm && known ? "" : fmt::format("unknown time zone {}", zone);
}

void cronJobSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto schedule = stringAt(spec, {"schedule"});
    if (schedule.find("TZ") != schedule.npos)
        refusals.invalid(path.child("schedule"), Value(schedule),
                         "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    else if (const auto parsed = CronSchedule::parse(schedule); !schedule.empty() && !parsed)
        refusals.invalid(path.child("schedule"), Value(schedule), parsed.error().message);
    if (has(spec, "timeZone"))
        refuse(wrongTimeZone(stringAt(spec, {"timeZone"})), path.child("timeZone"), spec.at("timeZone"), refusals);
    const auto job = path.child("jobTemplate");
    const auto jobSpec = job.child("spec");
    if (boolAt(spec, {"jobTemplate", "spec", "manualSelector"}))
        refusals.notSupported(jobSpec.child("manualSelector"), true, {"nil", "false"});
}

void cronJobName(const Value& cronJob, const FieldPath& path, Refusals& refusals)
{
    const auto name = stringAt(cronJob, {"metadata", "name"});
    const auto metadata = path.child("metadata");
    if (name.size() > cronJobNameMax)
        refusals.invalid(metadata.child("name"), Value(name),
                         fmt::format("must be no more than {} characters", cronJobNameMax));
}

constexpr std::array table{
    Rule{"cronJobName", cronJobName},
    Rule{"cronJobSpec", cronJobSpec},
    Rule{"jobSpec", jobSpec},
    Rule{"jobUpdate", jobName, jobUpdate},
};

} // namespace

std::span<const Rule> jobRules()
{
    return table;
}

} // namespace keelson::api
