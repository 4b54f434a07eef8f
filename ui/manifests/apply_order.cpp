// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/apply_order.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

namespace keelson::manifests {

namespace {

using api::Value;

constexpr int customRank = 11; ///< Of kinds that are not named: after what they may need.

struct Rank {
    std::string_view kind;
    int rank;
};
constexpr std::array ranks{
    Rank{"Namespace", 0},
    Rank{"CustomResourceDefinition", 1},
    Rank{"StorageClass", 2},
    Rank{"PriorityClass", 2},
    Rank{"RuntimeClass", 2},
    Rank{"IngressClass", 2},
    Rank{"ResourceQuota", 3},
    Rank{"LimitRange", 3},
    Rank{"ServiceAccount", 4},
    Rank{"ClusterRole", 5},
    Rank{"Role", 5},
    Rank{"ClusterRoleBinding", 6},
    Rank{"RoleBinding", 6},
    Rank{"Secret", 7},
    Rank{"ConfigMap", 7},
    Rank{"PersistentVolume", 8},
    Rank{"PersistentVolumeClaim", 9},
    Rank{"Service", 10},
    Rank{"Endpoints", 10},
    Rank{"EndpointSlice", 10},
    Rank{"Pod", 12},
    Rank{"ReplicationController", 12},
    Rank{"ReplicaSet", 12},
    Rank{"Deployment", 12},
    Rank{"StatefulSet", 12},
    Rank{"DaemonSet", 12},
    Rank{"Job", 12},
    Rank{"CronJob", 12},
    Rank{"HorizontalPodAutoscaler", 13},
    Rank{"PodDisruptionBudget", 13},
    Rank{"Ingress", 14},
    Rank{"NetworkPolicy", 14},
    Rank{"APIService", 15},
    Rank{"ValidatingAdmissionPolicy", 16},
    Rank{"ValidatingAdmissionPolicyBinding", 17},
    Rank{"MutatingWebhookConfiguration", 18},
    Rank{"ValidatingWebhookConfiguration", 18},
};

/// One step of a path as managed fields write it.
struct FieldStep {
    std::string name;                                  ///< A member; or
    std::vector<std::pair<std::string, Value>> wanted; ///< an item with these members (an empty name: itself); or
    std::size_t index = 0;                             ///< an item by its place.
    bool isItem = false;
};

/// Reads `[name="web",port=80]` from behind its bracket.
bool readItem(std::string_view inside, FieldStep& step)
{
    step.isItem = true;
    const auto* end = inside.data() + inside.size();
    if (const auto read = std::from_chars(inside.data(), end, step.index); read.ptr == end && !inside.empty())
        return read.ec == std::errc();
    while (!inside.empty()) {
        const auto equals = inside.find('=');
        if (equals == inside.npos)
            return false;
        auto stop = equals + 1;
        for (bool isQuoted = false; stop < inside.size() && (isQuoted || inside[stop] != ','); ++stop)
            if (inside[stop] == '"' && inside[stop - 1] != '\\')
                isQuoted = !isQuoted;
        boost::system::error_code failure;
        auto value = boost::json::parse(inside.substr(equals + 1, stop - equals - 1), failure);
        if (failure)
            return false;
        step.wanted.emplace_back(inside.substr(0, equals), std::move(value));
        inside.remove_prefix(std::min(stop + 1, inside.size()));
    }
    return !step.wanted.empty();
}

/// The end of a bracket, beyond quoted texts.
std::size_t bracketEnd(std::string_view text)
{
    bool isQuoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && (i == 0 || text[i - 1] != '\\'))
            isQuoted = !isQuoted;
        if (text[i] == ']' && !isQuoted)
            return i;
    }
    return text.npos;
}

bool isMeant(const Value& item, const FieldStep& step)
{
    return std::ranges::all_of(step.wanted, [&](const auto& pair) {
        const auto* found = pair.first.empty() ? &item : api::find(item, {pair.first});
        return found && *found == pair.second;
    });
}

std::size_t itemAt(const api::Array& list, const FieldStep& step)
{
    if (step.wanted.empty())
        return step.index;
    return static_cast<std::size_t>(std::ranges::find_if(list, [&](const Value& item) { return isMeant(item, step); }) -
                                    list.begin());
}

bool eraseAt(Value& value, std::string_view field)
{
    FieldStep step;
    std::string_view rest;
    if (field.starts_with('[')) {
        const auto end = bracketEnd(field);
        if (end == field.npos || !readItem(field.substr(1, end - 1), step) || !value.is_array())
            return false;
        rest = field.substr(end + 1);
        auto& list = value.get_array();
        const auto index = itemAt(list, step);
        if (index >= list.size())
            return false;
        if (!rest.empty())
            return eraseAt(list[index], rest);
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
        return true;
    }
    if (!field.starts_with('.') || !value.is_object())
        return false;
    // Names may hold dots (labels): the longest one that is there is meant.
    field.remove_prefix(1);
    auto& object = value.get_object();
    for (auto end = field.size(); end > 0; --end) {
        if (end < field.size() && field[end] != '.' && field[end] != '[')
            continue;
        auto* member = object.if_contains(field.substr(0, end));
        if (!member)
            continue;
        if (end == field.size()) {
            object.stable_erase(field);
            return true;
        }
        return eraseAt(*member, field.substr(end));
    }
    return false;
}

} // namespace

int applyRank(std::string_view kind)
{
    const auto found = std::ranges::find(ranks, kind, &Rank::kind);
    return found == ranks.end() ? customRank : found->rank;
}

std::vector<std::size_t> applyOrder(const std::vector<std::string>& kinds)
{
    std::vector<std::size_t> order(kinds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(applyRank(kinds[i]), i); });
    return order;
}

std::vector<FieldConflict> conflictsOf(const Error& error)
{
    std::vector<FieldConflict> conflicts;
    if (error.reason != Reason::Conflict)
        return conflicts;
    for (const auto& cause : error.causes) {
        const auto begin = cause.message.find('"');
        const auto end = begin == cause.message.npos ? begin : cause.message.find('"', begin + 1);
        if (cause.reason == "FieldManagerConflict" && end != cause.message.npos)
            conflicts.push_back({cause.message.substr(begin + 1, end - begin - 1), cause.field});
    }
    return conflicts;
}

bool withoutField(Value& object, std::string_view field)
{
    return eraseAt(object, field);
}

} // namespace keelson::manifests
