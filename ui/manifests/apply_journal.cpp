// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/apply_journal.h"

#include "base/private_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace keelson::manifests {
namespace {

using api::Object;
using api::Value;
using State = ApplyRecord::State;

constexpr std::array<std::string_view, 3> stateNames{"open", "applied", "undone"}; // in the order of State

Value lineOf(const ApplyRecord::Entry& entry)
{
    Object takeOver;
    for (const auto& [field, isTaken] : entry.takeOver)
        takeOver[field] = isTaken;
    return Object{{"kind", entry.object.kind},      {"namespace", entry.object.nameSpace}, {"name", entry.object.name},
                  {"collection", entry.collection}, {"manifest", entry.manifest},          {"before", entry.before},
                  {"after", entry.after},           {"takeOver", std::move(takeOver)}};
}

Value memberOf(const Value& line, std::string_view name)
{
    const auto* const member = api::find(line, {name});
    return member ? *member : Value(nullptr);
}

ApplyRecord::Entry entryOf(const Value& line)
{
    ApplyRecord::Entry entry;
    entry.object = {std::string(api::stringAt(line, {"kind"})), std::string(api::stringAt(line, {"namespace"})),
                    std::string(api::stringAt(line, {"name"}))};
    entry.collection = api::stringAt(line, {"collection"});
    entry.manifest = memberOf(line, "manifest");
    entry.before = memberOf(line, "before");
    entry.after = memberOf(line, "after");
    if (const auto* const takeOver = api::find(line, {"takeOver"}); takeOver && takeOver->is_object())
        for (const auto& [field, isTaken] : takeOver->get_object())
            entry.takeOver[field] = isTaken == true;
    return entry;
}

/// A step of an entry, or false.
bool takeStep(const Value& line, ApplyRecord& record)
{
    const auto index = api::integerAt(line, {"entry"}, -1);
    const auto state = std::ranges::find(stateNames, api::stringAt(line, {"state"}));
    if (index < 0 || index >= static_cast<std::int64_t>(record.entries.size()) || state == stateNames.end())
        return false;
    auto& entry = record.entries[static_cast<std::size_t>(index)];
    entry.state = static_cast<State>(state - stateNames.begin());
    if (auto after = memberOf(line, "after"); !after.is_null())
        entry.after = std::move(after);
    return true;
}

/// Whether `whole` has all that `part` has.
bool says(const Value& whole, const Value& part)
{
    if (const auto* const members = part.if_object())
        return std::ranges::all_of(*members, [&](const auto& member) {
            const auto* const own = api::find(whole, {member.key()});
            return own ? says(*own, member.value()) : member.value().is_null();
        });
    const auto* const items = part.if_array();
    const auto* const own = whole.if_array();
    if (items && own)
        return std::ranges::equal(*own, *items, says);
    return whole == part;
}

} // namespace

Result<Done> ApplyJournal::begin(const ApplyRecord& record) const
{
    auto text = api::writeJson(Object{{"cluster", record.cluster},
                                      {"plain", record.isPlain},
                                      {"entries", static_cast<std::int64_t>(record.entries.size())}});
    for (const auto& entry : record.entries) {
        text += "\n" + api::writeJson(lineOf(entry));
        if (text.size() > bytesMax)
            return fail(Reason::RequestEntityTooLarge,
                        fmt::format("the objects take more than {} MiB", bytesMax / (std::size_t{1024} * 1024)));
    }
    std::error_code error;
    std::filesystem::create_directories(m_file.parent_path(), error);
    return writePrivateFile(m_file, text + "\n");
}

Result<Done> ApplyJournal::note(std::size_t entry, State state, const Value& after) const
{
    const auto line = api::writeJson(Object{{"entry", static_cast<std::int64_t>(entry)},
                                            {"state", stateNames[static_cast<std::size_t>(state)]},
                                            {"after", after}});
    std::ofstream file(m_file, std::ios::app | std::ios::binary);
    file << line << "\n" << std::flush;
    if (!file)
        return fail(Reason::InternalError, "cannot write " + m_file.string());
    return Done{};
}

void ApplyJournal::remove() const
{
    std::error_code ignored;
    std::filesystem::remove(m_file, ignored);
}

std::optional<ApplyRecord> ApplyJournal::read() const
{
    const auto text = readFile(m_file);
    if (!text)
        return std::nullopt;
    ApplyRecord record;
    std::size_t expected = 0;
    bool isFirst = true;
    for (std::string_view rest = *text; !rest.empty();) {
        const auto end = rest.find('\n');
        const auto line = api::parseJson(rest.substr(0, end));
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        if (isFirst && line) {
            record.cluster = api::stringAt(*line, {"cluster"});
            record.isPlain = api::boolAt(*line, {"plain"});
            expected = static_cast<std::size_t>(std::max<std::int64_t>(0, api::integerAt(*line, {"entries"})));
        } else if (line && record.entries.size() < expected) {
            record.entries.push_back(entryOf(*line));
        } else if (!line || !takeStep(*line, record)) {
            break;
        }
        isFirst = false;
    }
    if (record.entries.empty() || record.entries.size() < expected)
        return std::nullopt;
    return record;
}

bool isAppliedBy(const Value& object, const Value& manifest, std::string_view manager)
{
    std::string_view own;
    std::string_view others;
    if (const auto* const fields = api::find(object, {"metadata", "managedFields"}); fields && fields->is_array())
        for (const auto& entry : fields->get_array())
            if (api::stringAt(entry, {"subresource"}).empty()) {
                auto& latest = api::stringAt(entry, {"manager"}) == manager ? own : others;
                latest = std::max(latest, api::stringAt(entry, {"time"})); // RFC 3339 in UTC: as texts
            }
    return !own.empty() && own >= others && says(object, manifest);
}

} // namespace keelson::manifests
