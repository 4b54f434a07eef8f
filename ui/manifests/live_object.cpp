// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/live_object.h"

#include "document/scan.h"
#include "document/tree.h"

#include <algorithm>
#include <array>
#include <set>

namespace keelson::manifests {

namespace {

using api::Object;
using api::Value;

constexpr std::size_t diffStepsMax = 1'000; // what is kept of the way grows with its square

/// The members of `object`, first those that are named, `last` at the end.
Object ordered(const Object& object, std::initializer_list<std::string_view> first, std::string_view last = {})
{
    Object made;
    for (const auto name : first)
        if (const auto* member = object.if_contains(name))
            made[name] = *member;
    for (const auto& member : object)
        if (!made.contains(member.key()) && member.key() != last)
            made[member.key()] = member.value();
    if (const auto* member = last.empty() ? nullptr : object.if_contains(last))
        made[last] = *member;
    return made;
}

/// Whether a manifest says the member or item at this path; items are found by name where they have one.
const Value* said(const Value* manifest, const document::Step& step, const Value* own)
{
    if (!manifest)
        return nullptr;
    if (const auto* name = std::get_if<std::string>(&step))
        return api::find(*manifest, {*name});
    const auto* list = manifest->if_array();
    if (!list)
        return nullptr;
    const auto name = own ? api::stringAt(*own, {"name"}) : std::string_view();
    for (const auto& item : *list)
        if (!name.empty() && api::stringAt(item, {"name"}) == name)
            return &item;
    const auto index = std::get<std::size_t>(step);
    return name.empty() && index < list->size() ? &(*list)[index] : nullptr;
}

/// The lines of `tree` whose values the manifest does not say.
void markDefaults(const document::Tree& tree, std::string_view text, document::NodeId id, const Value& own,
                  const Value* manifest, std::set<std::size_t>& lines)
{
    const auto& node = tree.node(id);
    for (std::size_t i = 0; i < node.members.size(); ++i) {
        const auto& member = node.members[i];
        const auto step = member.key == document::noNode ? document::Step(i) : document::Step(tree.keyText(member));
        const Value* value = nullptr;
        if (const auto* name = std::get_if<std::string>(&step))
            value = api::find(own, {*name});
        else if (own.is_array() && i < own.get_array().size())
            value = &own.get_array()[i];
        const auto* other = said(manifest, step, value);
        if (!other) {
            const auto end = tree.memberEnd(member);
            for (auto at = document::lineBegin(text, member.begin); at < end; at = document::nextLine(text, at))
                lines.insert(static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')));
        } else if (value) {
            markDefaults(tree, text, member.value, *value, other, lines);
        }
    }
}

std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

/// Myers' greedy walk; the furthest x on each diagonal is kept per step, to walk back.
std::vector<DiffLine> walk(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    const auto n = static_cast<std::ptrdiff_t>(a.size());
    const auto m = static_cast<std::ptrdiff_t>(b.size());
    const auto most = std::min(n + m, static_cast<std::ptrdiff_t>(diffStepsMax));
    std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * most + 3), 0);
    std::vector<std::vector<std::ptrdiff_t>> trace;
    const auto at = [most](std::ptrdiff_t diagonal) { return static_cast<std::size_t>(diagonal + most + 1); };
    const auto isDown = [&](const auto& reach, std::ptrdiff_t d, std::ptrdiff_t k) {
        return k == -d || (k != d && reach[at(k - 1)] < reach[at(k + 1)]);
    };
    std::ptrdiff_t steps = -1;
    for (std::ptrdiff_t d = 0; d <= most && steps < 0; ++d) {
        trace.push_back(furthest);
        for (auto k = -d; k <= d && steps < 0; k += 2) {
            auto x = isDown(furthest, d, k) ? furthest[at(k + 1)] : furthest[at(k - 1)] + 1;
            while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
                ++x;
            furthest[at(k)] = x;
            if (x >= n && x - k >= m)
                steps = d;
        }
    }
    std::vector<DiffLine> lines;
    auto x = n;
    auto y = m;
    const auto same = [&] {
        lines.push_back({DiffLine::Kind::Same, a[static_cast<std::size_t>(--x)]});
        --y;
    };
    for (auto d = steps; d > 0; --d) {
        const auto& before = trace[static_cast<std::size_t>(d)];
        const auto k = x - y;
        const bool isAdded = isDown(before, d, k);
        const auto fromK = isAdded ? k + 1 : k - 1;
        const auto fromX = before[at(fromK)];
        while (x > fromX && y > fromX - fromK)
            same();
        if (isAdded)
            lines.push_back({DiffLine::Kind::Added, b[static_cast<std::size_t>(--y)]});
        else
            lines.push_back({DiffLine::Kind::Removed, a[static_cast<std::size_t>(--x)]});
    }
    while (steps >= 0 && x > 0)
        same();
    std::ranges::reverse(lines);
    return lines;
}

} // namespace

Value readable(const Value& object)
{
    if (!object.is_object())
        return object;
    auto made = ordered(object.get_object(), {"apiVersion", "kind", "metadata", "spec"}, "status");
    if (auto* metadata = made.if_contains("metadata"); metadata && metadata->is_object()) {
        *metadata = ordered(metadata->get_object(), {"name", "namespace", "labels", "annotations"});
        metadata->get_object().stable_erase("managedFields");
    }
    return made;
}

std::string readableYaml(const Value& object)
{
    return api::writeYaml(readable(object));
}

Value comparable(const Value& object)
{
    constexpr std::array<std::string_view, 6> noise{"uid",      "resourceVersion",   "generation",
                                                    "selfLink", "creationTimestamp", "managedFields"};
    constexpr std::array<std::string_view, 2> notes{"kubectl.kubernetes.io/last-applied-configuration",
                                                    "deployment.kubernetes.io/revision"};
    auto made = readable(object);
    if (!made.is_object())
        return made;
    made.get_object().stable_erase("status");
    auto* metadata = api::find(made, {"metadata"});
    if (!metadata || !metadata->is_object())
        return made;
    for (const auto name : noise)
        metadata->get_object().stable_erase(name);
    if (auto* annotations = api::find(made, {"metadata", "annotations"}); annotations && annotations->is_object()) {
        for (const auto name : notes)
            annotations->get_object().stable_erase(name);
        if (annotations->get_object().empty())
            metadata->get_object().stable_erase("annotations");
    }
    return made;
}

std::vector<DiffLine> diffLines(std::string_view before, std::string_view after)
{
    const auto a = split(before);
    const auto b = split(after);
    auto lines = walk(a, b);
    if (!lines.empty() || (a.empty() && b.empty()))
        return lines;
    for (const auto& line : a)
        lines.push_back({DiffLine::Kind::Removed, line});
    for (const auto& line : b)
        lines.push_back({DiffLine::Kind::Added, line});
    return lines;
}

std::vector<DiffLine> diffObjects(const Value& live, const Value& wanted, const Value& manifest)
{
    const auto before = live.is_object() ? api::writeYaml(comparable(live)) : std::string();
    const auto shown = comparable(wanted);
    const auto after = wanted.is_object() ? api::writeYaml(shown) : std::string();
    auto lines = diffLines(before, after);
    std::set<std::size_t> defaults;
    const auto tree = document::Tree::read(after);
    if (manifest.is_object() && tree.root() != document::noNode)
        markDefaults(tree, after, tree.root(), shown, &manifest, defaults);
    std::size_t line = 0;
    for (auto& one : lines)
        if (one.kind != DiffLine::Kind::Removed)
            one.isDefault = defaults.contains(line++);
    return lines;
}

DiffCount countOf(const std::vector<DiffLine>& lines)
{
    DiffCount count;
    for (const auto& line : lines) {
        count.added += line.kind == DiffLine::Kind::Added ? 1 : 0;
        count.removed += line.kind == DiffLine::Kind::Removed ? 1 : 0;
    }
    return count;
}

} // namespace keelson::manifests
